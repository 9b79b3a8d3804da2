"""Any two versions of a story beside each other, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.intake.differences import Change, Words, compare, word_changes
from hub.models import Story
from hub.records import contacts
from hub.records.disclosures import Content, reveal
from hub.regulation import reading, reviewing
from hub.regulation.reading import View
from hub.web.numbers import asked_number

MOST_OFFERED = 50  # versions in a list to choose from; where there are more, the number is typed


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its words where it is text, else before and after."""

    path: str
    words: Words
    before: Any
    after: Any


def differences(old: Content, new: Content) -> list[Difference]:
    """Field by field, and in texts word by word."""
    return [Difference(change.path, _words_of(change), change.before, change.after) for change in compare(old, new)]


def compared(session: Session, story: Story, content: Content, view: View) -> dict[str, Any]:
    """Two versions, the older one first: those asked for, else the newest beside what is released or came before it.

    `content` is what the asker reads of the newest one; what is closed to them is not compared.
    """
    older, newer = _asked(story)
    if not older or not content:
        return {"older": 0, "newer": 0, "differences": [], "offered": []}
    old, new = (
        content if number == story.latest else view.prune(reveal(_version(session, story, number)))
        for number in (older, newer)
    )
    return {
        "older": older,
        "newer": newer,
        "differences": differences(contacts.without(old), contacts.without(new)),
        "offered": range(story.latest, 0, -1) if story.latest <= MOST_OFFERED else [],
    }


def _asked(story: Story) -> tuple[int, int]:
    """The numbers of the two versions; (0, …) where there is but one."""
    if story.latest == 1:
        return 0, 1
    usual = story.released if story.released and reviewing.corrects(story) else story.latest - 1
    newer = _known("to", story) or story.latest
    older = _known("from", story) or (usual if usual < newer else max(newer - 1, 1))
    return (older, newer) if older <= newer else (newer, older)


def _known(name: str, story: Story) -> int:
    """A version of the story that the address names; 0 for none."""
    number = asked_number(name) or 0
    return number if 0 < number <= story.latest else 0


def _version(session: Session, story: Story, number: int) -> Any:
    return reading.get_version(session, story.id, number).disclosures


def _words_of(change: Change) -> Words:
    if change.words is not None:
        return change.words
    texts = [value for value in (change.before, change.after) if value is not None]
    if all(isinstance(value, str) for value in texts):
        return word_changes(change.before or "", change.after or "")
    return ()
