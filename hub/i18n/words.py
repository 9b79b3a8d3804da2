"""What sentences call the codes and instants that facts name: people read words, programs the members beside them.

English words stand here and their Vietnamese in the catalogue. A code without a word is said as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import schemas
from hub.clock import LOCAL

Say = Callable[[str], str]  # an English text in the language asked for
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


STATES: Mapping[str, str] = {
    "draft": _("draft"),
    "confirming": _("waiting for confirmation"),
    "submitted": _("waiting for the editor"),
    "returned": _("returned to be mended"),
    "approved": _("approved"),
    "released": _("released"),
    "correcting": _("correction waiting for the editor"),
    "correction_returned": _("correction returned to be mended"),
    "correction_approved": _("correction approved"),
    "held": _("on hold"),
    "withdrawal_requested": _("withdrawal requested"),
    "withdrawn": _("withdrawn"),
    "joined": _("joined into another story"),
    # of pick-ups
    "proposed": _("proposed"),
    "rejected": _("rejected"),
    "filed": _("filed"),
    "taken_back": _("taken back"),
    # of duties
    "open": _("open"),
    "late": _("late"),
    "met": _("met"),
    "met_late": _("met late"),
    "waived": _("waived"),
    "lapsed": _("lapsed"),
}
SEGMENT_STATES: Mapping[str, str] = {
    "option": _("option"),
    "planned": _("planned"),
    "confirmed": _("confirmed"),
    "aired": _("aired"),
    "postponed": _("postponed"),
    "cancelled": _("cancelled"),
}
BOOKING_STATES: Mapping[str, str] = {
    "optioned": _("optioned"),
    "confirmed": _("confirmed"),
    "declined": _("declined"),
    "expired": _("expired"),
    "released": _("given back"),
}
ACTS: Mapping[str, str] = {
    "submit": _("submit"),
    "recall": _("recall"),
    "confirm": _("confirm"),
    "verify_claim": _("verify a claim"),
    "return": _("return"),
    "approve": _("approve"),
    "release": _("release"),
    "hold": _("hold"),
    "lift": _("lift the hold"),
    "correct": _("correct"),
    "request_withdrawal": _("request the withdrawal"),
    "withdraw": _("withdraw"),
    "join": _("join"),
    "erase": _("erase a person"),
}
CHANGES: Mapping[str, str] = {  # of ledgers
    "released": _("released"),
    "corrected": _("corrected"),
    "reduced": _("a part of it was taken back"),
    "flagged": _("something to mind"),
    "withdrawn": _("withdrawn"),
}
ENTRIES: Mapping[str, str] = {  # what became of the entries of a feed that was read
    "drafted": _("drafted"),
    "changed": _("changed"),
    "kept": _("left to the people who have it in hand"),
    "same": _("as before"),
    "ours": _("from the hub itself"),
    "known": _("here already"),
    "old": _("older than the source"),
    "refused": _("refused"),
    "left": _("left for the next reading"),
    "proposed": _("proposed"),
    "none": _("like no story"),
}
STEPS: Mapping[str, str] = {
    "unit": _("the unit's confirmation"),
    "commune": _("the commune's confirmation"),
    "province": _("the province's confirmation"),
    "release": _("release"),
}
UNITS: Mapping[str, str] = {
    "working_days": _("working days"),
    "days": _("days"),
    "hours": _("hours"),
    "day_after_period": _("days after the period"),
}
THINGS: Mapping[str, str] = {
    "agency": _("press agency"),
    "auditor_key": _("auditor's key"),
    "booking": _("booking"),
    "channel": _("channel"),
    "coverage_request": _("request for coverage"),
    "draft": _("draft"),
    "duty": _("duty"),
    "edition_to_come": _("edition that waits for that day"),
    "entry": _("entry"),
    "feed": _("feed"),
    "file": _("file"),
    "filing": _("filing"),
    "import": _("table of stories"),
    "key": _("key"),
    "letter": _("letter"),
    "likeness": _("likeness of stories"),
    "list": _("list"),
    "manifest": _("manifest"),
    "organization": _("organization"),
    "outlet": _("outlet"),
    "pack": _("print pack"),
    "page": _("page"),
    "paper": _("paper of consent"),
    "partial_upload": _("upload in pieces"),
    "person": _("person"),
    "pickup": _("pick-up"),
    "picture": _("picture"),
    "programme": _("programme"),
    "receipt": _("receipt"),
    "regulation": _("regulation in force"),
    "report": _("report"),
    "segment": _("broadcast"),
    "story": _("story"),
    "term": _("embargo term"),
    "upload": _("upload"),
    "user": _("user"),
    "version": _("version"),
    "source": _("source"),
    "webhook": _("webhook endpoint"),
    "subscription": _("WebSub subscription"),
}
REASONS: Mapping[str, str] = {  # of Python's JSON reader, and of the mail that waits
    "Expecting value": _("Expecting value"),
    "Expecting ',' delimiter": _("Expecting ',' delimiter"),
    "Expecting ':' delimiter": _("Expecting ':' delimiter"),
    "Expecting property name enclosed in double quotes": _("Expecting property name enclosed in double quotes"),
    "Illegal trailing comma before end of object": _("Illegal trailing comma before end of object"),
    "Illegal trailing comma before end of array": _("Illegal trailing comma before end of array"),
    "Extra data": _("Extra data"),
    "Unterminated string starting at": _("Unterminated string starting at"),
    "Invalid control character at": _("Invalid control character at"),
    "Invalid \\escape": _("Invalid \\escape"),
    "Invalid \\uXXXX escape": _("Invalid \\uXXXX escape"),
    "HUB_SMTP is empty": _("HUB_SMTP is empty"),
    "the server offers no STARTTLS, so no password is sent": _("the server offers no STARTTLS, so no password is sent"),
}
ASKED_FOR: Mapping[str, str] = {
    "reads": _("reads"),
    "writes": _("requests that send or change something"),
    "bytes": _("bytes of pictures and films"),
}
WINDOWS: Mapping[str, str] = {"minute": _("within a minute"), "hour": _("within an hour")}
NOTHING_NAMED = _("what was asked for")
CODES: Mapping[str, Mapping[str, str]] = {  # by the name of the fact
    "state": STATES,
    "act": ACTS,
    "winner": ACTS,
    "allowed": ACTS,
    "step": STEPS,
    "unit": UNITS,
    "before_unit": UNITS,
    "reason": REASONS,
    "segment_state": SEGMENT_STATES,
    "wanted": SEGMENT_STATES,
    "next_states": SEGMENT_STATES,
    "booking_state": BOOKING_STATES,
    "asked_for": ASKED_FOR,
    "window": WINDOWS,
}
INSTANTS = frozenset({"at", "until", "winner_at", "earliest"})
DAYS = frozenset({"day", "date", "on", "today", "known", "began", "ended_on", "signed", "first", "last"})


def worded(facts: Mapping[str, Any], say: Say, language: str) -> dict[str, Any]:
    """The facts of a refusal as its sentence says them; `asked` names what was not found."""
    said = {name: _worded(name, value, say, language) for name, value in facts.items()}
    return {**said, "asked": " ".join(_asked(facts, say))}


def format_day(at: datetime, language: str) -> str:
    """The day in Việt Nam: 24/11/2026, or 24 Nov 2026."""
    local = at.astimezone(LOCAL)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}" if language == "en" else f"{local:%d/%m/%Y}"


def format_instant(at: datetime, language: str) -> str:
    """The minute in Việt Nam."""
    return f"{at.astimezone(LOCAL):%H:%M} {format_day(at, language)}"


def format_deadline(at: datetime, end_of: Say, language: str) -> str:
    """The end of a time limit as people count it: midnight is the end of the day before, any other by its minute."""
    if at.astimezone(LOCAL).time() != time():
        return format_instant(at, language)
    return end_of(format_day(at - timedelta(minutes=1), language))


def _worded(name: str, value: Any, say: Say, language: str) -> Any:
    if isinstance(value, Mapping) and language in value:  # said in each language already
        return value[language]
    if not isinstance(value, str):
        return value
    if name in INSTANTS | DAYS and INSTANT.fullmatch(value):
        return format_instant(datetime.fromisoformat(value), language)
    if name in DAYS and DAY.fullmatch(value):
        return format_day(datetime.combine(date.fromisoformat(value), time(), LOCAL), language)
    if name == "role":
        roles = schemas.vocabulary("roles")
        return ", ".join(roles.label(code, language) if code in roles else code for code in value.split(", "))
    known = CODES.get(name, {})
    if value in known:
        return say(known[value])
    return ", ".join(say(known[code]) if code in known else code for code in value.split(", "))


def _asked(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    yield say(THINGS.get(str(facts.get("kind")), NOTHING_NAMED))
    if facts.get("what"):
        yield f"“{facts['what']}”"
