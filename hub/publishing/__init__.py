"""From the ledger to bytes: what a reader may see, assembled, rendered once, and kept."""
