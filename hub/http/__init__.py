"""What doors share: who is asking, problem+json, transactions, limits, conditional answers."""
