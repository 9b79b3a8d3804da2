"""What notices say: one table of sentences, and the two parts of a letter. Knows no row and no clock.

Templates get words that are translated already; HTML is escaped by Jinja, plain text needs no escaping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape

from hub import i18n
from hub.delivery.links import CHOICES
from hub.delivery.recipients import Kind
from hub.i18n.words import format_day

_TEMPLATES = Environment(
    loader=PackageLoader("hub.delivery"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _(text: str) -> str:
    """Marks a text for the catalogues; `i18n.sentence` says it."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one kind: with a title, without one, and what to do next; that may be other for the sender."""

    titled: str
    untitled: str
    next: str
    next_of_sender: str = ""


WORDS: Mapping[Kind, Words] = {
    Kind.DRAFTED: Words(
        _("A draft to complete: %(title)s"),
        _("A draft waits to be completed"),
        _("The hub made it of an entry of your site's feed. Add what is missing, and submit it; or leave it."),
    ),
    Kind.RETURNED: Words(
        _("Returned for changes: %(title)s"),
        _("A story was returned for changes"),
        _("Open the story, read the note, mend what it names and submit the story again."),
    ),
    Kind.CONFIRMED: Words(
        _("Confirmed: %(title)s"),
        _("A story was confirmed"),
        _("The story goes on to the next step: a further confirmation, or the editor's review."),
    ),
    Kind.RELEASED: Words(
        _("Released: %(title)s"),
        _("A story was released"),
        _("Outlets can use it now, and report what they print or air, or that they will not."),
    ),
    Kind.USED: Words(
        _("Used: %(title)s"),
        _("A story was used"),
        _("See where and when it appeared, and let the people in the story know."),
    ),
    Kind.PROPOSED: Words(
        _("Did you publish this? %(title)s"),
        _("The hub found what may be your use of a story"),
        _("Confirm it, so that it counts and the sender hears of it, or reject it; unanswered it counts for nothing."),
    ),
    Kind.CORRECTED: Words(
        _("Corrected: %(title)s"),
        _("A story was corrected"),
        _("Use the corrected version only. Whoever printed or aired an earlier one publishes the correction."),
    ),
    Kind.REDUCED: Words(
        _("Consent withdrawn: %(title)s"),
        _("Consent to a part of a story was withdrawn"),
        _("Take what the feed no longer shows out of everything you publish, and answer the receipt."),
    ),
    Kind.WITHDRAWN: Words(
        _("Withdrawn: %(title)s"),
        _("A story was withdrawn"),
        _("Use it no more, take it out of what you publish, and answer the receipt."),
        _(
            "Nothing more of it is shown, and every outlet that had it was asked to take it down. "
            "It does not return; a new story may name it in “replaces”."
        ),
    ),
    Kind.WAITING: Words(
        _("Waiting for you: %(title)s"),
        _("A story waits for you"),
        _("Confirm or review it, or return it and name what is to be mended."),
    ),
    Kind.DUE_SOON: Words(
        _("Due soon: %(title)s"),
        _("Something is due soon"),
        _("Do what the clause asks before the deadline, or let a deputy do it."),
    ),
    Kind.LATE: Words(
        _("Late: %(title)s"),
        _("Something is late"),
        _("Do what the clause asks now. Only the recorded act ends this; until then the level above is told."),
    ),
    Kind.BOOKED: Words(
        _("A guest is asked for: %(title)s"),
        _("A guest of yours is asked for a broadcast"),
        _("Ask the guest, and confirm or decline before the option ends; after that the slot is free again."),
    ),
    Kind.FREED: Words(
        _("A guest is not needed any more: %(title)s"),
        _("A guest of yours is not needed for a broadcast any more"),
        _("Let the guest know that the slot was given back."),
    ),
    Kind.REPLIED: Words(
        _("The unit has answered: %(title)s"),
        _("A guest's unit has answered"),
        _("Look at the segment; where the unit has declined, ask the fall-back guest or somebody else."),
    ),
    Kind.PULLED: Words(
        _("A guest was taken off the rundown: %(title)s"),
        _("A guest was taken off a rundown"),
        _("Change the rundown: nothing of a story that was taken back goes on air."),
    ),
    Kind.REQUESTED: Words(
        _("Asked for: %(title)s"),
        _("An outlet asks for a story"),
        _("Say whether you can: accept with a story or a day, decline with the reason, or ask back."),
    ),
    Kind.ANSWERED: Words(
        _("Answered: %(title)s"),
        _("A request for a story was answered"),
        _("Read the answer with the request, and go on from there."),
    ),
    Kind.CLOSED: Words(
        _("Request closed: %(title)s"),
        _("A request for a story was closed"),
        _("Nothing more is asked of you for it."),
    ),
}
WAITS_FOR = {  # states of stories
    "confirming": _("confirmation"),
    "submitted": _("the editor's review"),
    "correcting": _("the editor's review of a correction"),
    "withdrawal_requested": _("the editor's decision on the withdrawal that was asked for"),
}
HELLO = _("Hello %(name)s,")
NEXT = _("What to do next")
LABELS = {
    "story": _("Story"),
    "organization": _("Organization"),
    "outlet": _("Outlet"),
    "segment": _("Broadcast"),
    "used": _("You used it"),
    "waits_for": _("Waits for"),
    "clause": _("Clause"),
    "due_at": _("Deadline"),
    "needed_by": _("Needed by"),
    "link": _("Address"),
}
DIGEST = _("Notices of %(day)s (%(count)s)")
MORE = _("%(count)s more stories wait for you.")
FOOTER = _(
    "You are told this because of your role in the story hub. What you are told and when is yours to choose: "
    "ask the hub's administrator, or call %(call)s with a key of your own, as %(link)s explains."
)
TEST = _("A test of the story hub's mail")
TEST_TEXT = _("This letter was asked for by an operator. Mail works.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One notice as its reader may know it. `title` is empty where the story may not be named."""

    kind: Kind
    title: str = ""
    facts: Mapping[str, str]  # what LABELS names, in their order
    to_sender: bool = False  # nothing is asked of the reader's outlet


@dataclass(frozen=True, slots=True)
class Worded:
    """A letter's words."""

    subject: str
    text: str
    html: str


def letter(
    items: Sequence[Item], *, name: str, language: str, day: datetime | None, more: int, docs_link: str
) -> Worded:
    """A letter about `items`; `day` makes it a digest of that day, in which `more` are counted and not shown."""
    shown = [
        {
            "headline": headline(item, language),
            "lines": [
                (i18n.sentence(label, language), item.facts[fact])
                for fact, label in LABELS.items()
                if fact != "link" and item.facts.get(fact)
            ],
            "next": i18n.sentence(_next(item), language),
            "link": item.facts.get("link", ""),
        }
        for item in items
    ]
    subject = shown[0]["headline"]
    if day is not None:
        subject = i18n.sentence(DIGEST, language, day=format_day(day, language), count=len(items) + more)
    footer = _footer(language, docs_link)
    return fill(str(subject), shown, name=name, language=language, more=more, footer=footer)


def test_letter(*, name: str, language: str, docs_link: str) -> Worded:
    """A letter that means nothing."""
    subject = i18n.sentence(TEST, language)
    item = {"headline": subject, "lines": [], "next": i18n.sentence(TEST_TEXT, language), "link": ""}
    return fill(subject, [item], name=name, language=language, footer=_footer(language, docs_link))


def waits_for(state: str, language: str) -> str:
    """What a story in this state waits for."""
    return i18n.sentence(WAITS_FOR[state], language) if state in WAITS_FOR else ""


def headline(item: Item, language: str) -> str:
    """What happened, in one line."""
    words = WORDS[item.kind]
    return i18n.sentence(words.titled if item.title else words.untitled, language, title=item.title)


def subject(kinds: Sequence[Kind], language: str, *, day: datetime | None) -> str:
    """What a letter about notices of these kinds is about, for those who may not know which stories they name."""
    if day is not None:
        return i18n.sentence(DIGEST, language, day=format_day(day, language), count=len(kinds))
    return i18n.sentence(WORDS[kinds[0]].untitled, language) if kinds else ""


def _next(item: Item) -> str:
    words = WORDS[item.kind]
    return (words.next_of_sender if item.to_sender else "") or words.next


def _footer(language: str, docs_link: str) -> str:
    return i18n.sentence(FOOTER, language, call=f"PUT {CHOICES}", link=docs_link)


def fill(
    subject: str,
    items: Sequence[Mapping[str, object]],
    *,
    name: str,
    language: str,
    more: int = 0,
    footer: str,
) -> Worded:
    """A letter of items that are worded already: headline, lines (label and value), next, link."""
    words = {
        "language": language,
        "subject": subject,
        "hello": i18n.sentence(HELLO, language, name=name),
        "items": items,
        "more": i18n.sentence(MORE, language, count=more) if more else "",
        "next_label": i18n.sentence(NEXT, language),
        "footer": footer,
    }
    text, html = (_TEMPLATES.get_template(f"letter.{form}").render(words) for form in ("txt", "html"))
    return Worded(subject, text, html)
