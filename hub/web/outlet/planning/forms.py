"""What the pages of planning share: reading forms, the state that a producer knows, and refusals on their page.

A form says by `revision` which state of a plan it was made from; whoever was quicker is never overwritten, and what
was typed stays on the page that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import request

from hub.clock import LOCAL
from hub.outlets.planning.keeping import IfMatch

MINUTE = 60
YEARS = range(1900, 9000)  # past them no zone can be reckoned


def known_state(code: str) -> IfMatch:
    """Does the form know this very state of a plan?"""
    sent = request.form.get("revision", "")
    return lambda etag: etag == f"{code}.{sent}"


def instant(day: str, clock: str = "") -> str:
    """A day and an hour of Việt Nam as an instant of the schemas; what cannot be read stays as it was typed."""
    said = f"{day.strip()}T{clock.strip()}" if clock else day.strip()
    try:
        found = datetime.fromisoformat(said).replace(tzinfo=LOCAL)
    except ValueError:
        return said
    return found.isoformat() if found.year in YEARS else said


def seconds(sent: str) -> int | str:
    """Minutes, or minutes and seconds (3:20), as seconds; what cannot be read stays as it was typed."""
    minutes, mark, rest = sent.strip().partition(":")
    parts = [minutes, rest] if mark else [minutes]
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return sent
    return int(minutes) * MINUTE + (int(rest) if mark else 0)


def minutes_of(length: int | None) -> str:
    """A length as such a field shows it."""
    if length is None:
        return ""
    return f"{length // MINUTE}:{length % MINUTE:02}" if length % MINUTE else str(length // MINUTE)


def local_day_of(at: datetime | None) -> str:
    """The day of an instant, as a field shows it."""
    return at.astimezone(LOCAL).date().isoformat() if at is not None else ""


def local_hour_of(at: datetime | None) -> str:
    """The hour and minute of an instant."""
    return f"{at.astimezone(LOCAL):%H:%M}" if at is not None else ""


def local_minute_of(at: datetime | None) -> str:
    """Both, as a field of type `datetime-local` shows it."""
    return f"{at.astimezone(LOCAL):%Y-%m-%dT%H:%M}" if at is not None else ""


def said(names: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """What a form says of these fields, each read by its function; fields that were left empty are not said."""
    sent = {name: request.form.get(name, "").strip() for name in names}
    return {name: names[name](text) for name, text in sent.items() if text}
