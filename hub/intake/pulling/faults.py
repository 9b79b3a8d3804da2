"""What can be wrong with a source: the words that stand in its row and in logs, and what they say to people."""

from __future__ import annotations

from collections.abc import Mapping

from hub import i18n


def _(text: str) -> str:
    """Marks a text for the catalogues; `sentence` says it."""
    return text


GONE = "gone"
PAUSED = "by_operator"
FAILED = "failed"
CLOSED = "owner_closed"
FAULTS: Mapping[str, str] = {
    # nothing was read
    "address": _("the hub may not read this address"),
    "no_answer": _("no answer, or none that was whole"),
    "redirects": _("redirected again and again"),
    "too_large": _("larger than the hub reads"),
    "encoding": _("packed in a way that nobody asked for"),
    "packed_twice": _("packed more than once"),
    "broken": _("broken off"),
    "not_a_feed": _("not a feed"),
    "html": _("a web page, not a feed"),
    "empty": _("nothing in it"),
    "entities": _("declares entities, which the hub does not read"),
    "too_deep": _("nested too deep"),
    "too_slow": _("took too long to read"),
    "too_heavy": _("took too much memory to read"),
    "busy": _("answers that it is asked too often"),
    "refused": _("answers that it may not be read"),
    "missing": _("answers that it is not there"),
    "server": _("answers with a fault of its own"),
    FAILED: _("the hub could not take it in; its log says why"),
    GONE: _("answers that it is gone for ever; paused"),
    CLOSED: _("whose it was is closed; paused"),
    PAUSED: _("paused by an operator"),
    # it was read, and is odd
    "cut_off": _("breaks off in the middle"),
    "many_new": _("more new entries than the hub takes at once"),
    "ids_changed": _("all its entries have new ids"),
    "dates_to_come": _("all its dates are still to come"),
}


def of_status(status: int) -> str:
    """The word for an HTTP status that brings no feed."""
    if status in (401, 403, 407, 451):
        return "refused"
    if status in (429, 503):
        return "busy"
    return {404: "missing", 410: GONE}.get(status, "server")


def sentence(word: str, language: str) -> str:
    """What a fault says to people; nothing for none."""
    return i18n.sentence(FAULTS[word], language) if word in FAULTS else word
