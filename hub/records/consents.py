"""The consent ledger: what everybody a story is about agreed to.

A submission opens entries for each of them as long as the story was never released; afterwards the ledger alone
rules: entries are added and ended by acts, end when their day comes, and no later push widens them. What was
withdrawn in one story is not opened again in any other by an older paper.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, or_, select
from sqlalchemy.orm import Session

from hub import ids
from hub.clock import LOCAL, local_day
from hub.models import Consent, Story
from hub.records import parties, persons, tellings
from hub.records.consent_terms import commitment_of
from hub.records.grants import narrowest
from hub.records.journal import Record

REPLACED, NARROWED, EXPIRED, ERASED = "replaced", "narrowed", "expired", "erased"
WITHDRAWN, WITHDRAWN_ALL = "withdrawn", "withdrawn_all"  # from one story; from all of a person's stories
LASTING = (WITHDRAWN, WITHDRAWN_ALL, ERASED)  # ends that no push undoes
Limit = tuple[list[str], str, datetime | None]  # outlets, audience, end
CONSENTS = cast("Table", Consent.__table__)
_ADD = insert(CONSENTS)
# Built once, since every new version asks it of everybody it knows: without IN, which is written anew each time.
_TAKEN_BACK = (
    select(*(CONSENTS.c[name] for name in ("person_id", "story_id", "scope", "end_reason", "ended_at")))
    .where(CONSENTS.c.person_id == bindparam("person_id"))
    .where(or_(*(CONSENTS.c.end_reason == reason for reason in LASTING)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What one paper says: scopes, limits, days, guardian, assent, clearance, and the proof of it."""

    scopes: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    audience: str = ""
    form: str = ""
    obtained_on: str = ""
    expires_at: datetime | None = None
    guardian: Mapping[str, str] = field(default_factory=dict)
    assent_on: str = ""
    clearance: Mapping[str, str] = field(default_factory=dict)
    proof_id: str | None = None


def paper_of(consent: Mapping[str, Any]) -> Paper:
    """The paper that a submission's `consent` (or an act's of the same shape) tells of."""
    limits = consent.get("limited_to", {})
    return Paper(
        scopes=tuple(sorted(consent.get("scopes", ()))),
        outlets=tuple(sorted(limits.get("outlets", ()))),
        audience=limits.get("audience", ""),
        form=consent.get("form", ""),
        obtained_on=consent.get("obtained_on", ""),
        expires_at=_end_of(consent.get("expires_on")),
        guardian=consent.get("guardian", {}),
        assent_on=consent.get("child_assent", {}).get("obtained_on", ""),
        clearance=consent.get("clearance", {}),
        proof_id=consent.get("proof"),
    )


def open_from(session: Session, story: Story, content: Mapping[str, Any], *, at: datetime) -> Record:
    """Write down whom the newest version is about and, before the first release, let the ledger say what it says.

    New scopes open and missing ones end, for everybody the version names. After the first release nobody gets
    anything from a push; `narrow_to` is for what a released correction takes away. Returns what the journal's row of
    the version tells of it: the persons, a commitment of what opened, and which entries it replaced.
    """
    about, new = persons.note(session, story, content, at=at)
    if story.released is not None:
        return {"about": about, "consents": commitment_of([]), "replaced": []}
    people, paper = dict.fromkeys(about), paper_of(content.get("consent", {}))
    before = _of_story(session, story.id) if story.latest > 1 else []
    lasting = _lasting(session, story, [person for person in people if person not in new], paper, before)
    stands, replaced = set(), []
    for row in before:
        if row.ended_at is None and row.version:
            if row.person_id in people and _says(row, paper):
                stands.add((row.person_id, row.scope))
            else:
                _end(row, REPLACED, by="submission", at=at)
                replaced.append(row.id)
    rows = [
        _row(person, story.id, scope, paper, version=story.latest, by=f"organization:{story.organization_id}", at=at)
        for person in people
        for scope in paper.scopes
        if (person, scope) not in stands | lasting
    ]
    if rows:
        session.connection().execute(_ADD, rows)
    return {"about": about, "consents": commitment_of(rows), "replaced": replaced}


def narrow_to(session: Session, *, story_id: str, consent: Mapping[str, Any], at: datetime) -> Record | None:
    """After the first release a version can only take away: scopes, outlets, audience, days; never bring new ones.

    An entry that allows too much ends, and what is left of it opens as another. Returns the record of it for the
    journal, None when nothing had to go.
    """
    paper = paper_of(consent)
    heirs = parties.list_heirs(session) if paper.outlets else {}
    ended, left = [], []
    for row in _of_story(session, story_id):
        if row.ended_at is not None or not row.version:
            continue
        narrowed = _narrowed(row, paper, heirs)
        if narrowed == _limits(row):
            continue
        _end(row, NARROWED, by="submission", at=at)
        ended.append(row.id)
        if narrowed is not None:
            left.append(_narrower(row, narrowed, at=at))
    if left:
        session.connection().execute(_ADD, left)
    opened = {"opened": [row["id"] for row in left], "terms": commitment_of(left)}
    return {"kind": "consent_narrowed", "consents": ended, **opened} if ended else None


def record(
    session: Session, person_id: str, story_id: str | None, paper: Paper, *, by: str, at: datetime
) -> tuple[list[str], str]:
    """Open entries by an act, for one story or for all of the person's; returns their ids and their commitment."""
    rows = [_row(person_id, story_id, scope, paper, version=0, by=by, at=at) for scope in paper.scopes]
    if rows:
        session.connection().execute(_ADD, rows)
    return [row["id"] for row in rows], commitment_of(rows)


def clear(session: Session, person_id: str, story_id: str | None, clearance: Mapping[str, str]) -> dict[str, str]:
    """Note that the unit said yes, on everything that is open; returns the day it had said before, by entry."""
    rows = list_open(session, person_id, story_id=story_id)
    before = {row.id: str(row.clearance.get("date", "")) for row in rows}
    for row in rows:
        row.clearance = dict(clearance)
    return before


def forget(row: Consent) -> None:
    """Leave of an erased person's entry what tells of nobody: its limits, and the days things were said on."""
    row.guardian = {name: day for name, day in row.guardian.items() if name == "obtained_on"}
    row.clearance = {name: day for name, day in row.clearance.items() if name == "date"}
    row.form, row.proof_id = "", None


def withdraw(
    session: Session, person_id: str, *, story_id: str | None, scopes: Collection[str], by: str, at: datetime
) -> list[Consent]:
    """End what a person takes back: these scopes, or all when none is named, in one story or in all of theirs.

    A scope that holds for all stories ends for all of them; it cannot be told of a part.
    """
    rows = [row for row in list_open(session, person_id, story_id=story_id) if not scopes or row.scope in scopes]
    for row in rows:
        _end(row, WITHDRAWN if story_id else WITHDRAWN_ALL, by=by, at=at)
    return rows


def list_gone(session: Session, person_id: str, story_id: str, *, at: datetime) -> dict[str, tuple[datetime, str]]:
    """The scopes that a person took back or let expire in a story, with when, and which of the two.

    What another paper still gives has not gone.
    """
    query = select(Consent).where(
        Consent.person_id == person_id, or_(Consent.story_id == story_id, Consent.story_id.is_(None))
    )
    rows = list(session.scalars(query))
    held = {row.scope for row in rows if parties.is_open_at(row, at)}
    gone: dict[str, tuple[datetime, str]] = {}
    for row in rows:
        ended_at, reason = row.ended_at or row.expires_at, WITHDRAWN if row.end_reason in LASTING else EXPIRED
        if row.scope not in held and ended_at is not None and row.end_reason in ("", EXPIRED, *LASTING):
            gone[row.scope] = max(gone.get(row.scope, (ended_at, reason)), (ended_at, reason))
    return gone


def end_older(
    session: Session,
    person_id: str,
    story_id: str,
    gone: Mapping[str, tuple[datetime, str]],
    *,
    by: str,
    at: datetime,
) -> list[Consent]:
    """End what a person has open for one story by papers no newer than what is gone elsewhere; returns it."""
    rows = [row for row in list_open(session, person_id, story_id=story_id) if row.story_id and row.scope in gone]
    rows = [row for row in rows if not _is_newer(row.obtained_on, gone[row.scope][0])]
    for row in rows:
        reason = gone[row.scope][1]
        _end(row, reason, by="system" if reason == EXPIRED else by, at=at)
    return rows


def end_reopened(session: Session, person_id: str, *, by: str, at: datetime) -> list[Consent]:
    """End what is open for somebody who turns out to have taken it back before, by a paper no newer; returns it.

    In another story it ends where it was opened afterwards, as a push would not have opened it.
    """
    rows = list_of_person(session, person_id)
    taken = [row for row in rows if row.end_reason in LASTING and row.ended_at is not None]
    ended = [
        row
        for row in rows
        if row.ended_at is None
        and row.version
        and any(
            row.scope == gone.scope
            and not _is_newer(row.obtained_on, gone.ended_at)
            and (row.story_id == gone.story_id or row.opened_at > (gone.ended_at or at))
            for gone in taken
        )
    ]
    for row in ended:
        _end(row, WITHDRAWN, by=by, at=at)
    return ended


def list_open(session: Session, person_id: str, *, story_id: str | None = None) -> list[Consent]:
    """What is open for a person, oldest first; with `story_id` what holds in that story."""
    query = select(Consent).where(Consent.person_id == person_id, Consent.ended_at.is_(None))
    if story_id is not None:
        query = query.where(or_(Consent.story_id == story_id, Consent.story_id.is_(None)))
    return list(session.scalars(query.order_by(Consent.opened_at, Consent.id)))


def list_of_person(session: Session, person_id: str) -> list[Consent]:
    """Everything the ledger ever had of a person, oldest first."""
    query = select(Consent).where(Consent.person_id == person_id).order_by(Consent.opened_at, Consent.id)
    return list(session.scalars(query))


def list_of_persons(session: Session, person_ids: Collection[str]) -> dict[str, list[Consent]]:
    """As `list_of_person`, of many in one statement, by their ids."""
    found: dict[str, list[Consent]] = {person_id: [] for person_id in person_ids}
    query = select(Consent).where(Consent.person_id.in_(found)).order_by(Consent.opened_at, Consent.id)
    for row in session.scalars(query) if found else ():
        found[row.person_id].append(row)
    return found


def list_due(session: Session, *, now: datetime, limit: int = 200) -> list[Consent]:
    """Open entries whose day is over, oldest first; by the index of (ended_at, expires_at)."""
    query = (
        select(Consent)
        .where(Consent.ended_at.is_(None), Consent.expires_at <= now)
        .order_by(Consent.expires_at, Consent.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def expire(rows: Sequence[Consent], *, at: datetime) -> None:
    """End entries whose day is over."""
    for row in rows:
        _end(row, EXPIRED, by="system", at=at)


def _of_story(session: Session, story_id: str) -> list[Consent]:
    return list(session.scalars(select(Consent).where(Consent.story_id == story_id).order_by(Consent.opened_at)))


def _lasting(
    session: Session, story: Story, people: Sequence[str], paper: Paper, before: Sequence[Consent]
) -> set[tuple[str, str]]:
    """What these persons took back, here or anywhere: no push opens it again by a paper from before.

    What was taken back in another story alone stays in one that had it from them already (`before`: all that this
    story ever had): they could have named that one, too. One that was joined into this story is no other.
    """
    joined = tellings.list_joined(session, story.id) if story.latest > 1 else set()
    selves = [(person_id, person_id) for person_id in people]
    if joined:
        same = ((person_id, tellings.list_same(session, person_id, [story.id], joined)) for person_id in people)
        selves += [(person_id, other) for person_id, found in same for _, other in found if other != person_id]
    return {
        (person_id, row.scope)
        for person_id, self_id in selves
        for row in session.connection().execute(_TAKEN_BACK, {"person_id": self_id})
        if (self_id == person_id and row.story_id in (story.id, None))
        or not (
            _is_newer(paper.obtained_on, row.ended_at)
            or (
                row.end_reason == WITHDRAWN
                and row.story_id not in joined
                and _had_at(before, person_id, row.scope, at=row.ended_at)
            )
        )
    }


def _had_at(before: Sequence[Consent], person_id: str, scope: str, *, at: datetime) -> bool:
    """Had a story an entry of this person and scope when the person took it back elsewhere?"""
    return any(
        (row.person_id, row.scope) == (person_id, scope)
        and row.opened_at <= at
        and (row.ended_at is None or row.ended_at >= at)
        for row in before
    )


def _is_newer(obtained_on: str, ended_at: datetime | None) -> bool:
    """Was a paper given on a day after the withdrawal?"""
    return ended_at is not None and obtained_on > local_day(ended_at).isoformat()


def _limits(row: Consent) -> Limit:
    return list(row.outlets), row.audience, row.expires_at


def _narrowed(row: Consent, paper: Paper, heirs: Mapping[str, str]) -> Limit | None:
    """What an entry may still allow under this paper: outlets, audience, end; None when nothing.

    An outlet that has merged is the one that came after it, in what was given and in what the paper says now.
    """
    outlets, audience, expires_at = _limits(row)
    if row.scope not in paper.scopes:
        return None
    if paper.outlets:
        given, said = parties.with_heirs(outlets, heirs), {*parties.with_heirs(paper.outlets, heirs)}
        left = [code for code in given if code in said] if given else list(paper.outlets)
        if not left:
            return None
        outlets = outlets if left == given else left
    if paper.expires_at is not None and (expires_at is None or paper.expires_at < expires_at):
        expires_at = paper.expires_at
    return outlets, narrowest([audience, paper.audience]), expires_at


def _narrower(row: Consent, limit: Limit, *, at: datetime) -> dict[str, Any]:
    """A row like this one, opened now, that allows no more than `limit`."""
    same = {column.name: getattr(row, column.name) for column in CONSENTS.c if not column.name.startswith("end")}
    outlets, audience, expires_at = limit
    new = {"id": ids.new_consent_id(), "outlets": outlets, "audience": audience, "expires_at": expires_at}
    return {**same, **new, "opened_at": at, "opened_by": "submission", "ended_by": "", "end_reason": ""}


def _says(row: Consent, paper: Paper) -> bool:
    """Does the paper say of this entry what it says already?"""
    said = (paper.form, paper.obtained_on, paper.expires_at, dict(paper.guardian), paper.assent_on)
    limits = (list(paper.outlets), paper.audience, dict(paper.clearance))
    return (
        row.scope in paper.scopes
        and (row.form, row.obtained_on, row.expires_at, row.guardian, row.assent_on) == said
        and (row.outlets, row.audience, row.clearance) == limits
    )


def _row(
    person_id: str, story_id: str | None, scope: str, paper: Paper, *, version: int, by: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": ids.new_consent_id(),
        "person_id": person_id,
        "story_id": story_id,
        "scope": scope,
        "version": version,
        "outlets": list(paper.outlets),
        "audience": paper.audience,
        "form": paper.form,
        "obtained_on": paper.obtained_on,
        "expires_at": paper.expires_at,
        "guardian": dict(paper.guardian),
        "assent_on": paper.assent_on,
        "clearance": dict(paper.clearance),
        "proof_id": paper.proof_id,
        "opened_at": at,
        "opened_by": by,
        "ended_by": "",
        "end_reason": "",
    }


def _end(row: Consent, reason: str, *, by: str, at: datetime) -> None:
    row.ended_at, row.end_reason, row.ended_by = at, reason, by


def _end_of(day: str | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), LOCAL).astimezone(UTC)
