"""Duties: who owes what by when. Derived from the journal, the editions and the calendar; never called by acts."""
