"""Codes in words, for the templates of the unit's desk: states, acts, steps of the chain, who has a story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from hub.http.wording import day
from hub.i18n import words
from hub.regulation.whereabouts import Holder, Whereabouts
from hub.web.unit import bp

ENTRY_STATES = {  # of a story in a channel
    "released": _("stands there"),
    "corrected": _("stands there, corrected"),
    "correction_pending": _("stands there, a correction is coming"),
    "held": _("on hold"),
    "withdrawal_requested": _("stands there, its withdrawal is asked for"),
    "withdrawn": _("taken back"),
}
RECEIPT_ANSWERS = {
    "": _("not answered yet"),
    "done": _("done"),
    "already_printed": _("already printed"),
    "cannot": _("cannot be done"),
}
REQUEST_STATES = {
    "open": _("waits for an answer"),
    "accepted": _("somebody tells of it"),
    "declined": _("declined"),
    "closed": _("closed"),
}
MOVES = {
    "accepted": _("We tell of it"),
    "declined": _("We cannot"),
    "question": _("A question"),
    "reply": _("The outlet's reply"),
    "closed": _("Closed by the outlet"),
}
READINGS = {  # of a Word file
    "queued": _("waits to be read"),
    "reading": _("is being read"),
    "ready": _("to be looked at"),
    "refused": _("could not be taken"),
    "drafted": _("became a draft"),
}
TONES = {"returned": "mind", "correction_returned": "mind", "held": "stop", "withdrawn": "stop", "draft": "soft"}
TONES |= {"withdrawal_requested": "stop", "joined": "soft"}


def state_word(state: str) -> str:
    """A story's state, as lists say it."""
    return str(gettext(words.STATES.get(state, state)))


def act_word(act: str) -> str:
    return str(gettext(words.ACTS.get(act, act)))


def step_word(step: str) -> str:
    return str(gettext(words.STEPS.get(step, step)))


def booking_word(state: str) -> str:
    return str(gettext(words.BOOKING_STATES.get(state, state)))


def entry_word(state: str) -> str:
    """How a story stands in a channel."""
    return str(ENTRY_STATES.get(state, state))


def receipt_word(answer: str) -> str:
    return str(RECEIPT_ANSWERS.get(answer, answer))


def request_word(state: str) -> str:
    """How far a request for coverage has come."""
    return str(REQUEST_STATES.get(state, state))


def reading_word(state: str) -> str:
    """How far a Word file has come."""
    return str(READINGS.get(state, state))


def move_word(move: str) -> str:
    """What somebody said to a request."""
    return str(MOVES.get(move, move))


def iso_day(text: str) -> str:
    """A day that is kept as text, as people write it."""
    try:
        return day(date.fromisoformat(text)) if text else ""
    except ValueError:
        return text


def tone_of(state: str) -> str:
    """How a badge of this state looks."""
    return TONES.get(state, "")


def holder_word(place: Whereabouts) -> str:
    """Who has a story, in words."""
    if place.holder is Holder.UNIT:
        return str(gettext("with you"))
    if place.holder is Holder.CONFIRMERS:
        return str(
            gettext("with the confirmers of %(unit)s", unit=place.name) if place.name else gettext("to be confirmed")
        )
    if place.holder is Holder.EDITORS:
        return str(gettext("with the editors"))
    return ""


WORDS: tuple[Callable[..., Any], ...] = (
    state_word,
    act_word,
    step_word,
    booking_word,
    entry_word,
    receipt_word,
    request_word,
    reading_word,
    move_word,
    iso_day,
    tone_of,
    holder_word,
)


@bp.context_processor
def words_of_desk() -> dict[str, Any]:
    """The words, and the scripts of pages that name none: what lies on the device is looked after by every page."""
    return {word.__name__: word for word in WORDS}
