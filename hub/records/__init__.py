"""Small ledgers that every stage writes or asks: journal, outbox, disclosures, consent, idempotency."""
