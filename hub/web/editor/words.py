"""Codes in words, for the templates of the editor's desk: states, acts, fields, refusals, in the page's language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_datetime, lazy_gettext, ngettext
from flask_babel import gettext as _

import schemas
from hub import i18n
from hub.http.language import asked_language
from hub.i18n import words
from hub.regulation.foreseeing import Foreseen
from hub.regulation.refusals import Refusal
from hub.regulation.workflow import ActKind

HOLDERS = {
    "desk": lazy_gettext("the desk"),
    "chain": lazy_gettext("the chain of confirmation"),
    "unit": lazy_gettext("the unit that sends it"),
    "hold": lazy_gettext("nobody: it is on hold"),
    "readers": lazy_gettext("nobody: it is released"),
}
DIMENSIONS = {  # of a channel's selection
    "kinds": lazy_gettext("kind of story"),
    "stages": lazy_gettext("stage"),
    "topics": lazy_gettext("topic"),
    "priority_groups": lazy_gettext("priority group"),
    "organizations": lazy_gettext("sending unit"),
    "subtrees": lazy_gettext("organization and all below it"),
    "places": lazy_gettext("place"),
}
ANSWERS = {
    "": lazy_gettext("not answered yet"),
    "done": lazy_gettext("done"),
    "already_printed": lazy_gettext("printed or aired already"),
    "cannot": lazy_gettext("cannot be done"),
}
ROLES = {"system": lazy_gettext("the hub itself"), "desk": lazy_gettext("the desk"), "": lazy_gettext("nobody")}
ENTRIES = {  # what channels show
    "scheduled": lazy_gettext("waits for its embargo"),
    "corrected": lazy_gettext("corrected"),
    "correction_pending": lazy_gettext("a correction is coming"),
}
REMOVED = {  # by the sanitizer
    "tag": lazy_gettext("element"),
    "attribute": lazy_gettext("attribute"),
    "address": lazy_gettext("address of a link or picture"),
    "control": lazy_gettext("invisible characters"),
    "comment": lazy_gettext("comment"),
}
SUBJECTS = {
    "individual": lazy_gettext("a person"),
    "collective": lazy_gettext("a collective"),
    "household": lazy_gettext("a household"),
}
MEDIA = {"picture": lazy_gettext("picture"), "footage": lazy_gettext("footage")}
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}  # each in itself
SHOWN = {  # what a picture shows
    "people": lazy_gettext("people who can be recognized"),
    "work": lazy_gettext("the work, nobody's portrait"),
}
TO_DO = {  # by the desk, with a story in this state
    "submitted": lazy_gettext("read it; approve or return it"),
    "approved": lazy_gettext("release it to its channels"),
    "correcting": lazy_gettext("read the correction; approve or return it"),
    "correction_approved": lazy_gettext("release the correction"),
    "withdrawal_requested": lazy_gettext("decide whether it is taken back"),
    "held": lazy_gettext("check it; lift the hold or take it back"),
}
STATE_BADGES = {"held": "stop", "withdrawal_requested": "stop", "withdrawn": "soft", "joined": "soft"}


def state(code: str) -> str:
    """A state of a story or duty."""
    return i18n.sentence(words.STATES.get(code, code), asked_language())


def act(code: str) -> str:
    """An act."""
    return i18n.sentence(words.ACTS.get(code, code), asked_language())


def to_do(code: str, duty: str) -> str:
    """What the desk has to do with a story: by its state, else by the title of the clause whose duty runs."""
    if code in TO_DO or not duty:
        return str(TO_DO.get(code, ""))
    return str(_("see to “%(duty)s”", duty=duty))


def doing(kind: str, foreseen: Foreseen) -> str:
    """What the button that does it says: the act, and whether readers get the story with it, where and when."""
    said = str(_("Do it: %(act)s", act=act(kind)))
    releases = any(each.kind == ActKind.RELEASE.value for each in foreseen.acts)
    if releases and kind != ActKind.RELEASE.value:
        said = str(_("%(first)s and %(second)s", first=said, second=act(ActKind.RELEASE.value)))
    count, at_once = len(foreseen.receiving), [each.at_once for each in foreseen.receiving]
    if not releases or not count:
        return said
    if all(at_once):
        said = ngettext("%(act)s to %(num)d channel, now", "%(act)s to %(num)d channels, now", count, act=said)
    elif any(at_once):
        said = ngettext(
            "%(act)s to %(num)d channel, to some now", "%(act)s to %(num)d channels, to some now", count, act=said
        )
    else:
        said = ngettext("%(act)s to %(num)d channel, later", "%(act)s to %(num)d channels, later", count, act=said)
    return str(said)


def step(code: str) -> str:
    """A step of the chain."""
    return i18n.sentence(words.STEPS.get(code, code), asked_language())


def role(code: str) -> str:
    """A role."""
    if code in ROLES:
        return str(ROLES[code])
    known = schemas.vocabulary("roles")
    return known.label(code, asked_language()) if code in known else code


def field(pointer: str) -> str:
    """A field at a JSON Pointer into a story."""
    return schemas.title_of(pointer, asked_language()) if pointer else _("the whole story")


def path(dotted: str) -> str:
    """A field at a dotted path of the story; a usage by its scope."""
    if dotted.startswith("usage."):
        known, code = schemas.vocabulary("consent_scopes"), dotted.removeprefix("usage.")
        return known.label(code, asked_language()) if code in known else code
    return schemas.title_of_path(dotted, asked_language())


def member(dotted: str) -> str:
    """A field within the one that is shown around it: by its own title alone."""
    titles = schemas.titles_of_path(dotted, asked_language())
    return titles[-1] if titles else dotted.rpartition(".")[2]


def refusal(found: Refusal, channel: str) -> str:
    """Why something may not be released into a channel; fields by their titles."""
    facts = {**found.facts, "channel": channel}
    if isinstance(named := facts.get("fields"), str):
        facts["fields"] = ", ".join(path(each) for each in named.split(", ") if each)
    return i18n.sentence(f"fault.{found.code}", asked_language(), **facts)


def value(content: Any) -> str:
    """A value of a content as one reads it; a list by its members."""
    if content is None:
        return ""
    if isinstance(content, dict):
        return "; ".join(text for member in content.values() if (text := value(member)))
    if isinstance(content, list):
        return "; ".join(text for member in content if (text := value(member)))
    return str(content)


def reason(code: str) -> str:
    """Why a story was taken back or held."""
    language = asked_language()
    for name in ("withdrawal_reasons", "hold_reasons"):
        if code in schemas.vocabulary(name):
            return schemas.vocabulary(name).label(code, language)
    return code


def entry(code: str) -> str:
    """How a story stands in a channel."""
    return str(ENTRIES.get(code, "")) or state(code)


def instant(said: str) -> str:
    """An instant as a story says it."""
    return words.format_instant(datetime.fromisoformat(said), asked_language())


def moment(said: str) -> str:
    """A day or an instant as a story says it; as it stands where it is none."""
    try:
        return instant(said) if "T" in said else str(format_date(date.fromisoformat(said), "d/M/y", rebase=False))
    except ValueError:
        return said


def month(day: date) -> str:
    """The name of a month."""
    return str(format_date(day, _("LLLL y"), rebase=False))  # a pattern of CLDR, which languages order as they do


def weekday(day: date) -> str:
    """The name of a day of the week."""
    return str(format_date(day, "EEE", rebase=False))


def hour(moment: datetime) -> str:
    """The hour of an instant in Việt Nam."""
    return str(format_datetime(moment, "HH:mm"))
