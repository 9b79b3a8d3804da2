"""Feeds as a library: frozen documents in, bytes out; bytes in, documents out. No web, no database, no clock."""

# raise it when equal documents begin to give other bytes: kept documents and fragments are then stale
RENDERER_VERSION = 3
