"""Feeds of others: organizations' own become drafts, outlets' public ones tell of uses."""
