"""Word files on their way to a draft: sent, read beside the web, looked at, chosen, drafted.

A file is its sender's alone. It lies among the media under its hash, as its pictures do once it was read; no row of
an upload names them, so the sweeper takes both after a day, and with them goes the row. A file that comes again while
nothing was made of it is the same one. Who reads holds the row for HOLD at a time: what a killed process held is read
again by the next, and after TRIES it is said that it cannot be. Whoever is stopped puts it back, which is no try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

import schemas
from feeds.text import SafeHtml
from hub import ids
from hub.accounts import rights
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, NotFound
from hub.intake import uploads
from hub.intake.legacy_text import Encoding, Guess, Preview, Sample
from hub.intake.word import STEPS, Choice, WordFile
from hub.models import WordReading
from hub.packed import FileRefused

QUEUED, READING, READY, REFUSED, DRAFTED = "queued", "reading", "ready", "refused", "drafted"
RUNNING = (QUEUED, READING)
AGAIN = "again"  # a file with legacy text is read once more, with that converted
SHOWN_STEPS = (*STEPS, AGAIN)
HOLD = timedelta(seconds=30)
TRIES = 3  # a file that three processes died of is not tried again
RUNNING_AT_MOST = 5  # files of one person that wait or are read
KEPT = uploads.UNREFERENCED  # as long as its file


class TooManyReadings(Conflict):
    """Word files of this person are being read already."""

    key = "error.readings_running"


@dataclass(frozen=True, slots=True)
class Order:
    """A file to be read: with which choice about legacy text, and the count of tries, by which its holder is known."""

    id: str
    digest: str
    choice: Choice
    tries: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as lists show it, without what was found in it: that may be half a million characters."""

    id: str
    name: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture of the file, among the media under `digest`; `name` stands for it in the HTML."""

    name: str
    media_type: str
    alt: str
    length: int  # bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Look:
    """The text by one choice about legacy text."""

    title: str
    html: SafeHtml
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a file: its text by each choice it was read with, and what all have in common."""

    looks: Mapping[Choice, Look]
    pictures: tuple[KeptPicture, ...]
    previews: tuple[Preview, ...]
    notes: tuple[schemas.Fault, ...]


def begin(session: Session, *, digest: str, name: str, length: int, actor: Actor, now: datetime) -> WordReading:
    """Note a file that lies among the media, to be read; the same file that nothing was made of yet is found again.

    Raises TooManyReadings; Forbidden for who is no person of an organization.
    """
    if actor.user_id is None or actor.organization_id is None:
        raise Forbidden()
    mine = WordReading.user_id == actor.user_id
    same = (WordReading.digest == digest, WordReading.name == name, WordReading.state.in_((*RUNNING, READY)))
    fresh = WordReading.created_at > now - KEPT / 2
    known = session.scalar(select(WordReading).where(mine, *same, fresh, _own(actor, now)).limit(1))
    if known is not None:
        return known
    running = session.scalar(select(func.count()).where(mine, WordReading.state.in_(RUNNING))) or 0
    if running >= RUNNING_AT_MOST:
        raise TooManyReadings(limit=RUNNING_AT_MOST)
    row = WordReading(
        id=ids.new_reading_id(),
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        name=name,
        digest=digest,
        length=length,
        state=QUEUED,
        choice=Choice.LEAVE.value,
        progress={},
        found={},
        refusal={},
        draft_id=ids.new_draft_id(),
        tries=0,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, reading_id: str, *, actor: Actor, now: datetime, locked: bool = False) -> WordReading:
    """A file that the actor sent. Raises NotFound, also when its day is over."""
    mine = (WordReading.id == reading_id, WordReading.user_id == actor.user_id, WordReading.created_at > now - KEPT)
    query = select(WordReading).where(*mine, _own(actor, now))
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True) if locked else query)
    if row is None:
        raise NotFound(what=reading_id[:40], kind="file")
    return row


def list_own(session: Session, *, actor: Actor, before: str = "", now: datetime, limit: int) -> list[Listed]:
    """The newest files that the actor sent and that are still here; `before` is the id of the last one of a page."""
    query = select(WordReading.id, WordReading.name, WordReading.state, WordReading.created_at).where(
        WordReading.user_id == actor.user_id, WordReading.created_at > now - KEPT, _own(actor, now)
    )
    if before:
        of_row = (WordReading.id == before, WordReading.user_id == actor.user_id)
        mark = select(WordReading.created_at).where(*of_row).scalar_subquery()
        older, same = WordReading.created_at < mark, WordReading.created_at == mark
        query = query.where(or_(older, and_(same, WordReading.id > before)))
    rows = session.execute(query.order_by(WordReading.created_at.desc(), WordReading.id).limit(limit))
    return [Listed(row.id, row.name, row.state, row.created_at) for row in rows]


def ahead(session: Session, row: WordReading) -> int:
    """How many files are read or wait before a queued one."""
    before = (WordReading.state.in_(RUNNING), WordReading.created_at < row.created_at)
    return session.scalar(select(func.count()).where(*before)) or 0


def found_in(row: WordReading) -> Found:
    """What was found in a file that is ready."""
    kept = row.found
    return Found(
        {Choice(each["choice"]): Look(each["title"], SafeHtml(each["html"]), each["fields"]) for each in kept["looks"]},
        tuple(KeptPicture(**each) for each in kept["pictures"]),
        tuple(_preview(each) for each in kept["previews"]),
        tuple(schemas.Fault("", each["code"], each["facts"]) for each in kept["notes"]),
    )


def step_of(row: WordReading) -> int:
    """Which of SHOWN_STEPS a file that is read is in, from 1; most files are ready after those of `word.STEPS`."""
    return SHOWN_STEPS.index(row.progress["step"]) + 1 if row.progress.get("step") in SHOWN_STEPS else 1


def refusal_of(row: WordReading) -> FileRefused:
    """Why a file was refused, or was not read again by the choice that was made last."""
    return FileRefused(row.refusal["code"], **row.refusal["facts"])


def choose(row: WordReading, choice: Choice) -> None:
    """Let a locked file that is ready be read again, with a choice that it was not read with yet.

    What was found before stays: a reading that fails leads back to it.
    """
    row.state, row.choice, row.tries, row.progress, row.held_until = QUEUED, choice.value, 0, {}, None
    row.refusal = {}


def note_drafted(row: WordReading) -> None:
    """A draft was made of a locked file: what was found in it lies there now."""
    row.state, row.found = DRAFTED, {}


def is_waiting(session: Session, *, now: datetime) -> bool:
    """Is there a file to be read?"""
    return session.scalar(select(WordReading.id).where(_free(now)).limit(1)) is not None


def claim(session: Session, *, now: datetime, only: str | None = None) -> Order | None:
    """Take the file that waits longest, or `only` this one, for HOLD. None where nothing is to be read."""
    query = select(WordReading).where(_free(now)).order_by(WordReading.created_at, WordReading.id).limit(1)
    if only is not None:
        query = query.where(WordReading.id == only)
    row = session.scalar(query.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if row is None:
        return None
    if row.tries >= TRIES:
        _refuse(row, FileRefused("word_broken_off", times=row.tries))
        session.flush()
        return claim(session, now=now, only=only)
    row.state, row.tries, row.held_until = READING, row.tries + 1, now + HOLD
    row.progress, row.begun_at = {}, now
    return Order(row.id, row.digest, Choice(row.choice), row.tries)


def hold(session: Session, order: Order, progress: Mapping[str, Any], *, now: datetime) -> None:
    """Say how far it has come, and that it goes on."""
    held = update(WordReading).where(*_held(order)).values(progress=dict(progress), held_until=now + HOLD)
    session.execute(held.execution_options(synchronize_session=False))


def put_back(session: Session, order: Order) -> None:
    """Leave it to whoever comes next; this try does not count."""
    values = {"state": QUEUED, "tries": order.tries - 1, "held_until": None}
    session.execute(
        update(WordReading).where(*_held(order)).values(**values).execution_options(synchronize_session=False)
    )


def keep(session: Session, order: Order, read: Mapping[Choice, WordFile], digests: Mapping[str, str]) -> None:
    """Write down what was found; `digests` are those of the pictures, by name."""
    row = _get_held(session, order)
    if row is not None:
        row.state, row.held_until, row.progress = READY, None, {}
        row.found = _with_looks(row.found, read, digests)


def refuse(session: Session, order: Order, refused: FileRefused) -> None:
    """Write down why it is not taken."""
    row = _get_held(session, order)
    if row is not None:
        _refuse(row, refused)


def forget_old(session: Session, *, now: datetime) -> None:
    """Let go what was sent a day ago, as its file goes."""
    session.execute(delete(WordReading).where(WordReading.created_at < now - KEPT))


def _own(actor: Actor, now: datetime) -> ColumnElement[bool]:
    return rights.own(WordReading.organization_id, actor, on=local_day(now))


def _free(now: datetime) -> ColumnElement[bool]:
    """What nobody reads: what waits, and what whoever read it has let go of without a word."""
    return or_(WordReading.state == QUEUED, and_(WordReading.state == READING, WordReading.held_until <= now))


def _held(order: Order) -> tuple[Any, ...]:
    return WordReading.id == order.id, WordReading.state == READING, WordReading.tries == order.tries


def _get_held(session: Session, order: Order) -> WordReading | None:
    """None where another process has taken it over meanwhile, or it is gone."""
    return session.scalar(select(WordReading).where(*_held(order)).with_for_update())


def _refuse(row: WordReading, refused: FileRefused) -> None:
    """Note why it is not taken; where it was read before it is ready as it was then."""
    facts = {name: value for name, value in refused.told.items() if isinstance(value, str | int | float)}
    row.held_until, row.progress = None, {}
    row.refusal = {"code": refused.code, "facts": facts}
    if row.found:
        row.state, row.choice = READY, Choice.LEAVE.value
    else:
        row.state = REFUSED


def _with_looks(
    before: Mapping[str, Any], read: Mapping[Choice, WordFile], digests: Mapping[str, str]
) -> dict[str, Any]:
    """What is kept of a file, with how it reads by these choices. The first reading says what all have in common."""
    looks = [
        {"choice": choice.value, "title": file.title, "html": str(file.html), "fields": dict(file.fields)}
        for choice, file in read.items()
    ]
    if before:
        return {**before, "looks": [*before["looks"], *looks]}
    first = next(iter(read.values()))
    return {
        "looks": looks,
        "pictures": [
            {
                "name": each.name,
                "media_type": each.media_type,
                "alt": each.alt,
                "length": len(each.data),
                "digest": digests[each.name],
            }
            for each in first.pictures
        ],
        "previews": [
            {
                "encoding": each.guess.encoding.value,
                "confidence": each.guess.confidence,
                "by": each.guess.by,
                "samples": [[sample.before, sample.after] for sample in each.samples],
            }
            for each in first.previews
        ],
        "notes": [{"code": each.code, "facts": dict(each.facts)} for each in first.notes],
    }


def _preview(kept: Mapping[str, Any]) -> Preview:
    guess = Guess(Encoding(kept["encoding"]), kept["confidence"], kept["by"])
    return Preview(guess, tuple(Sample(before, after) for before, after in kept["samples"]))
