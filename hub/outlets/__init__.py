"""Outlets: which channels there are, what each selects and may show, and the ledgers that never lose a change."""
