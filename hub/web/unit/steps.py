"""The form of a story: its steps in order, and what is said there in other words than the schema's. Tables of facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form: its name in addresses, its title, a line about it, and the fields it speaks of (dotted)."""

    slug: str
    title: Any
    about: Any
    paths: tuple[str, ...]


START = Step(
    "start",
    _("Who, what, where"),
    _("A title or a name is enough to keep a draft; what is marked as needed can wait until you send."),
    ("subject.type", "subject.name", "title", "summary", "place.commune", "place.province"),
)
STEPS = (
    START,
    Step(
        "people",
        _("People and consent"),
        _("Whom the story is about, who tells it, and what the person agreed to."),
        ("subject", "consent", "place", "unit"),  # the last two are known from the unit
    ),
    Step(
        "text",
        _("The story"),
        _("The text as readers will have it."),
        (
            *("title", "summary", "standfirst", "body", "kind", "stage", "topics", "movement"),
            *("occurred_from", "occurred_to", "deed"),
        ),
    ),
    Step(
        "results",
        _("Method, result, lesson"),
        _("What others need in order to do the same, with figures."),
        ("method", "result", "lesson", "metrics"),
    ),
    Step(
        "evidence",
        _("Evidence and sources"),
        _("What the editors and the newspaper check the story against."),
        ("claims", "evidence"),
    ),
    Step(
        "pictures",
        _("Pictures and footage"),
        _("Each picture wants a caption, and words for people who cannot see it."),
        ("media",),
    ),
    Step(
        "interview",
        _("Interview card"),
        _("For television: whom to invite, when, what to ask and what not to."),
        ("interview",),
    ),
    Step(
        "names",
        _("Author and spokesperson"),
        _("Whose name is printed, and who answers questions."),
        ("byline", "spokesperson", "commendation"),
    ),
    Step(
        "timing",
        _("Embargo and urgency"),
        _("When it may appear, and how urgent it is."),
        ("embargo_until", "urgency", "language", "replaces"),
    ),
)
BY_SLUG: Mapping[str, Step] = {step.slug: step for step in STEPS}
ELSEWHERE = frozenset({"state"})  # said by the buttons
EAGER = frozenset({"metrics", "claims", "interview/guests"})  # where an empty group stands ready
CODES: Mapping[str, Mapping[str, Any]] = {  # choices that are no vocabulary, by the last step of their name
    "type": {"individual": _("one person"), "collective": _("a collective"), "household": _("a household")},
    "gender": {"nam": _("male"), "nu": _("female"), "khac": _("another")},
    "shows": {"people": _("people who can be recognized"), "work": _("the work, nobody's portrait")},
    "audience": {"public": _("everybody"), "outlet": _("those who have access to an outlet's channel")},
}
YES_OR_NO = (("true", _("yes")), ("false", _("no")))
FOLDED = frozenset(  # groups that few stories need: they stand closed as long as they are empty
    {
        *("consent/limited_to", "consent/clearance", "consent/guardian", "consent/child_assent"),
        *("commendation", "interview/contact", "spokesperson/contact"),
    }
)
LABELS: Mapping[str, Any] = {  # by dotted path, where the schema's title is for programs
    "body.html": _("Text of the story"),
    "media.upload": _("File"),
}
HINTS: Mapping[str, Any] = {  # by dotted path, where the schema's words are for programs
    "title": "",
    "subject.type": "",
    "subject.gender": "",
    "body": "",
    "body.short": _("A shorter telling, for where there is little room."),
    "body.html": _("Without the editor: an empty line separates paragraphs."),
    "language": _("“vi” for Vietnamese, “en” for English."),
    "occurred_to": _("Leave it empty while it goes on."),
    "embargo_until": _("Date and hour in Việt Nam. Nothing appears before."),
    "urgency": _("From 1, most urgent, to 9; 5 is usual."),
    "replaces": _("The number of the withdrawn story that this one stands in for."),
    "consent.scopes": _("Tick only what was agreed to. What is not ticked is not shown."),
    "consent.expires_on": _("After the day of consent; leave it empty if no end was agreed."),
    "consent.limited_to": _("Only if the person agreed to certain places alone."),
    "consent.limited_to.outlets": "",
    "consent.limited_to.audience": "",
    "media.shows": _("Pictures of people need their consent; pictures of the work need that for the work."),
    "media.upload": "",
    "interview.guests.availability.starts_at": _("Date and hour in Việt Nam."),
    "interview.guests.availability.ends_at": "",
    "interview.slots.starts_at": _("Date and hour in Việt Nam."),
    "interview.slots.ends_at": "",
    "interview.contact": _("Whom the crew calls. Telephone numbers show only where a channel names them."),
    "interview.guests.contact": _("Telephone numbers show only where a channel names them."),
    "spokesperson.contact": _("Telephone numbers show only where a channel names them."),
}
