"""Withdrawn stories: Atom's own mark, and what RSS and JSON Feed show where they have none."""

from __future__ import annotations

NAMESPACE = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721; Atom's mark of a withdrawn entry
PREFIX = "at"

NEUTRAL_TITLES = {"vi": "Tin đã được rút", "en": "This story has been withdrawn"}


def neutral_title(language: str) -> str:
    """A title that says nothing of the story, in its language; Vietnamese where we have none."""
    return NEUTRAL_TITLES.get(language.partition("-")[0].lower(), NEUTRAL_TITLES["vi"])
