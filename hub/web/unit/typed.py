"""What was typed into a form's text areas, as it is kept."""

from __future__ import annotations

from feeds.text import clean_text

NOTE_AT_MOST = 4000  # characters


def note_of(sent: str) -> str:
    """A note, without what no text may hold, and no longer than a note may be."""
    return clean_text(sent[:NOTE_AT_MOST], multiline=True).strip()
