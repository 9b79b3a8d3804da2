"""Dates and instants as RFC 3339 writes them and Python can hold them."""

import re
from datetime import UTC, date, datetime

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")


def find_day(text: object) -> date | None:
    """The day `text` names (full-date of RFC 3339), None when it names none."""
    if not isinstance(text, str) or not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def find_instant(text: object) -> datetime | None:
    """The UTC instant `text` names (date-time of RFC 3339), None when it names none.

    Leap seconds and instants outside the years 1 to 9999 count as none: nothing downstream could hold them.
    """
    if not isinstance(text, str) or not INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
