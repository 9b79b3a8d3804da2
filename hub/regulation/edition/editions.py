"""Editions of the regulation: adopting one, and which is in force when.

A story is judged by the edition in force when the act happened, so an edition never takes effect before it was
adopted. Where none was, the empty regulation rules: it asks for nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from hub.actors import SYSTEM
from hub.clock import local_day
from hub.errors import Conflict, NotFound
from hub.models import Edition, JournalRow
from hub.records import journal
from hub.regulation.edition import drafting, places, positions
from hub.regulation.edition.clauses import EMPTY, Regulation
from hub.regulation.edition.drafting import RegulationRefused
from hub.regulation.edition.working_days import start_of

PARSED_AT_MOST = 32
EDITIONS = cast("Table", Edition.__table__)
_IN_FORCE = (  # built once: every act asks it
    select(EDITIONS.c.id, EDITIONS.c.digest, EDITIONS.c.effective_at)
    .where(EDITIONS.c.effective_at <= bindparam("at"))
    .order_by(EDITIONS.c.effective_at.desc(), EDITIONS.c.id.desc())
    .limit(1)
)


class EditionInThePast(Conflict):
    """An edition cannot judge what has happened before it was adopted."""

    key = "error.edition_in_the_past"


class EditionAwaits(Conflict):
    """Another edition takes effect on that day; whoever means to replace it names it."""

    key = "error.edition_awaits"


class EditionsMoved(Conflict):
    """Another edition was adopted since the draft was compared with the one in force."""

    key = "error.editions_moved"


@dataclass(frozen=True, slots=True)
class Adopted:
    """An edition with its regulation; `id` 0 is the empty one."""

    id: int
    effective_at: datetime | None
    regulation: Regulation


@dataclass(frozen=True, slots=True)
class Draft:
    """A regulation's text that holds: its value, and where everything stands."""

    source: positions.Source
    regulation: Regulation


NONE = Adopted(0, None, EMPTY)


def default_text() -> str:
    """The regulation that comes with the hub."""
    return files("hub.regulation.edition").joinpath("default_regulation.json").read_text(encoding="utf-8")


def read(text: str) -> Draft:
    """Read a regulation's text. Raises RegulationRefused; each of its faults has its line under `line`.

    What lies in a numbered clause is called by its number, in `field` or under `place`.
    """
    try:
        source = positions.read(text)
    except positions.BadText as exc:
        raise RegulationRefused(faults=[_with_line(exc.fault, exc.line)]) from exc
    try:
        return Draft(source, drafting.parse(source.document))
    except RegulationRefused as exc:
        found = [places.call(source.document, fault) for fault in exc.faults]
        faults = [_with_line(fault, source.line_of(fault.pointer)) for fault in found]
        raise RegulationRefused(faults=sorted(faults, key=lambda fault: int(fault.facts["line"]))) from exc


def adopt(
    session: Session,
    text: str,
    *,
    effective_on: date | None = None,
    instead_of: int | None = None,
    seen: str | None = None,
    actor: str = SYSTEM.name,
    now: datetime,
) -> Edition:
    """Adopt a regulation from the beginning of a day, or from now on.

    `instead_of` is the edition that was to take effect on that day and never will; the journal keeps both adoptions.
    `seen` is what `state_of` said when the text was compared: the same text sent once more is the edition made of it.
    Raises RegulationRefused, EditionInThePast, EditionAwaits, EditionsMoved, or NotFound for an `instead_of` that does
    not wait.
    """
    draft = read(text)
    effective_at = now if effective_on is None else start_of(effective_on)
    if effective_on is not None and effective_on < local_day(now):
        raise EditionInThePast(day=effective_on.isoformat())
    journal.lock(session, at=now)  # two that are adopted at once meet here
    if seen is not None and seen != state_of(session, now=now):
        return _get_made(session, text, effective_on)
    _check_place(session, effective_at, instead_of, now=now)
    edition = Edition(
        number=draft.regulation.number,
        title=draft.regulation.title,
        document=text.removeprefix(positions.MARK),
        digest=_digest(text),
        adopted_at=now,
        effective_at=max(effective_at, now),
    )
    session.add(edition)
    session.flush()
    record = {
        "kind": "edition_adopted",
        "edition": edition.id,
        "number": edition.number,
        "digest": edition.digest,
        "effective_at": edition.effective_at.astimezone(UTC).isoformat(),
        "actor": actor,
        **({} if instead_of is None else {"instead_of": instead_of}),
    }
    journal.append(session, record, at=now)
    return edition


def state_of(session: Session, *, now: datetime) -> str:
    """What names the editions that a draft was compared with: the one in force, and the newest."""
    newest = session.scalar(select(Edition.id).order_by(Edition.id.desc()).limit(1))
    return f"{edition_in_force(session, now).id}-{newest or 0}"


def _get_made(session: Session, text: str, effective_on: date | None) -> Edition:
    """The newest edition where it is this very text from that day: the same order once more. Raises EditionsMoved."""
    newest = session.scalar(select(Edition).order_by(Edition.id.desc()).limit(1))
    if newest is not None and newest.digest == _digest(text):
        begins = newest.adopted_at if effective_on is None else start_of(effective_on)
        if newest.effective_at == max(newest.adopted_at, begins):
            return newest
    raise EditionsMoved()


def _digest(text: str) -> str:
    return hashlib.sha256(text.removeprefix(positions.MARK).encode()).hexdigest()


def _check_place(session: Session, effective_at: datetime, instead_of: int | None, *, now: datetime) -> None:
    """No two editions take effect at one instant unnoticed: the later adopted one would rule."""
    waiting = select(Edition).where(Edition.effective_at == effective_at, Edition.effective_at > now)
    awaits = session.scalar(waiting.order_by(Edition.id.desc()).limit(1))
    if awaits is None and instead_of is not None:
        raise NotFound(what=str(instead_of), kind="edition_to_come")
    if awaits is not None and awaits.id != instead_of:
        raise EditionAwaits(edition=awaits.id, number=awaits.number, day=local_day(awaits.effective_at).isoformat())


def in_force(session: Session, at: datetime) -> Regulation:
    """The regulation in force at `at`; the empty one where none is."""
    return edition_in_force(session, at).regulation


def list_bases(session: Session, clause: str, at: datetime) -> list[str]:
    """The numbers of the legal bases that a clause rests on by the edition in force at `at`."""
    regulation = in_force(session, at)
    cited = regulation.clauses[clause].based_on if clause in regulation.clauses else ()
    return [regulation.legal_bases[basis].number for basis in cited]


def edition_in_force(session: Session, at: datetime) -> Adopted:
    """The edition in force at `at`. One query; each edition is parsed once in a process."""
    row = session.execute(_IN_FORCE, {"at": at}).first()
    return NONE if row is None else Adopted(row.id, row.effective_at, _parsed(session, row.id, row.digest))


def is_any(session: Session) -> bool:
    """Was an edition ever adopted?"""
    return session.scalar(select(Edition.id).limit(1)) is not None


def timeline(session: Session) -> tuple[Adopted, ...]:
    """Every edition in the order in which they take effect."""
    query = select(Edition.id, Edition.digest, Edition.effective_at).order_by(Edition.effective_at, Edition.id)
    return tuple(
        Adopted(row.id, row.effective_at, _parsed(session, row.id, row.digest)) for row in session.execute(query)
    )


def titles_of(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """The titles of the clauses with these rules, each by the newest edition that has it."""
    return {
        number: str(edition.regulation.clause_of(edition.regulation.rules[number]).title)
        for edition in timeline(session)
        for number in numbers
        if number in edition.regulation.rules
    }


def at_instant(adopted: Sequence[Adopted], at: datetime) -> Adopted:
    """Which of a timeline's editions is in force at `at`."""
    for edition in reversed(adopted):
        if edition.effective_at is not None and edition.effective_at <= at:
            return edition
    return NONE


def list_all(session: Session) -> list[Edition]:
    """Every edition, in the order in which they take effect."""
    return list(session.scalars(select(Edition).order_by(Edition.effective_at, Edition.id)))


def list_replaced(rows: Sequence[Edition]) -> set[int]:
    """The ids of editions that never took effect, or never will: a later one took their place at the same instant."""
    last = {row.effective_at: row.id for row in sorted(rows, key=lambda row: row.id)}
    return {row.id for row in rows if last[row.effective_at] != row.id}


def get_in_force(session: Session, at: datetime) -> Edition:
    """The row of the edition in force at `at`. Raises NotFound."""
    found = edition_in_force(session, at)
    row = session.get(Edition, found.id) if found.id else None
    if row is None:
        raise NotFound(kind="regulation")
    return row


def list_breaks(session: Session) -> Iterator[str]:
    """Every edition that is not what the journal says was adopted, or is not there any more, as a sentence."""
    adopted: dict[Any, dict[str, Any]] = {}
    query = select(JournalRow.body).where(JournalRow.body.contains('"kind":"edition_adopted"', autoescape=True))
    for body in session.scalars(query.order_by(JournalRow.number)):
        said = journal.read_record(body)
        if said.get("kind") == "edition_adopted":
            adopted[said.get("edition")] = said
    for row in session.scalars(select(Edition).order_by(Edition.id)):
        if hashlib.sha256(row.document.encode("utf-8", "replace")).hexdigest() != row.digest:
            yield f"edition {row.id}: does not match its digest"
        said = adopted.pop(row.id, {})
        told = [said.get(name) for name in ("digest", "effective_at", "at")]
        if told != [row.digest, row.effective_at.isoformat(), row.adopted_at.isoformat()]:
            yield f"edition {row.id}: the journal does not say that it was adopted so"
        if (row.number, row.title) != _named_in(row.document):
            yield f"edition {row.id}: has another number or title than its text"
    for lost in adopted:
        yield f"edition {lost}: the journal says that it was adopted, but it is not there"


def _named_in(document: str) -> tuple[Any, Any] | None:
    """Number and title in a regulation's text."""
    try:
        said = json.loads(document)
        return said["number"], said["title"]
    except (ValueError, TypeError, LookupError):
        return None  # its digest tells of that


def _with_line(fault: Any, line: int) -> Any:
    return type(fault)(fault.pointer, fault.code, {**fault.facts, "line": line})


_known: dict[str, Regulation] = {}


def _parsed(session: Session, edition_id: int, digest: str) -> Regulation:
    found = _known.get(digest)
    if found is None:
        if len(_known) >= PARSED_AT_MOST:
            _known.clear()
        text = session.scalars(select(Edition.document).where(Edition.id == edition_id)).one()
        # it held when it was adopted: judged anew by what a later hub asks for, it would stop every act under it
        found = _known[digest] = drafting.build(positions.read(text).document)
    return found
