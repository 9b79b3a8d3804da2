"""What the desk has before it: stories by the deadline of the clause that binds the desk, and all stories by filter.

Every list is paged by key and driven by an index: the desk's running duties by deadline, or whichever of the asked
words and facts the fewest stories have. How many stories there are beside does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from feeds import query as queries
from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day, read_instant
from hub.errors import NotFound
from hub.models import Duty, Entry, Release, Story, StoryWord, Version
from hub.outlets import catalog
from hub.records import story_words
from hub.regulation.duties.opening import DESK
from hub.regulation.reading import FEW, driving_column, list_newest
from hub.regulation.workflow import State

WAITING = (  # states in which the next step is the desk's
    State.SUBMITTED,
    State.APPROVED,
    State.CORRECTING,
    State.CORRECTION_APPROVED,
    State.WITHDRAWAL_REQUESTED,
)
HOLDERS: Mapping[str, tuple[State, ...]] = {  # who has a story in hand
    "desk": WAITING,
    "chain": (State.CONFIRMING,),
    "unit": (State.RETURNED, State.CORRECTION_RETURNED),
    "hold": (State.HELD,),
    "readers": (State.RELEASED,),
}
AT_DESK = frozenset({Role.EDITOR, Role.AUDITOR})
MAX_CONTINUATIONS = 24  # words that the last one typed may go on as


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list is narrowed to; what is empty narrows nothing. `organization` is a code, with all below it."""

    typed: str = ""
    state: str = ""
    states: tuple[str, ...] = ()
    topic: str = ""
    organization: str = ""
    kind: str = ""
    channel: str = ""  # outlet/channel: where it stands, or waits to
    urgency: int | None = None
    holder: str = ""

    def __bool__(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A story in a list, with its newest version and what the desk owes first."""

    story: Story
    version: Version
    clause: str = ""
    due_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Has its deadline passed?"""
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, and the key of the page after them; empty at the end."""

    lines: list[Line]
    following: str = ""


def visible(asker: Actor, now: datetime, *, organization_id: Any = Story.organization_id) -> Select[Any]:
    """The stories that the asker sees as an editor or auditor: what was handed in where such a role reaches."""
    reached = rights.within_reach(organization_id, asker, AT_DESK, on=local_day(now))
    return select(Story).where(Story.state != State.DRAFT, reached)


def get_story(session: Session, story_id: str, *, asker: Actor, now: datetime) -> Story:
    """A story by its id. Raises NotFound for what the asker sees neither as editor nor as auditor."""
    query = visible(asker, now).where(Story.id == story_id).options(joinedload(Story.organization, innerjoin=True))
    story: Story | None = session.scalar(query)
    if story is None:
        raise NotFound(what=story_id[:40], kind="story")
    return story


_Row = tuple[Story, str, datetime | None, str]  # a story, its clause and deadline, and the key after it


def list_waiting(session: Session, wanted: Filter, *, asker: Actor, after: str = "", limit: int, now: datetime) -> Page:
    """What waits for the desk: what a clause gives a deadline first, the earliest before others; then the rest by age.

    `after` is the key that the page before gave; one that cannot be read begins anew.
    """
    found = _list_rows(session, wanted, asker=asker, after=after, limit=limit + 1, now=now)
    shown = found[:limit]
    newest = list_newest(session, [story for story, *_ in shown])
    lines = [Line(story=row, version=newest[row.id], clause=clause, due_at=due) for row, clause, due, _ in shown]
    return Page(lines, shown[-1][3] if len(found) > limit else "")


def list_all(session: Session, wanted: Filter, *, asker: Actor, after: str = "", limit: int, now: datetime) -> Page:
    """Every story that fits, newest first, each with what the desk owes of it."""
    narrowed = _narrowed(session, wanted, asker=asker, now=now)
    if narrowed is None:
        return Page([])
    query = narrowed.drive().order_by(Story.id.desc()).limit(limit + 1)
    kind, key = _read_key(after)
    if kind == "id" and key:
        query = query.where(Story.id < key[1])
    found = list(session.scalars(query.options(joinedload(Story.organization, innerjoin=True))))
    shown = found[:limit]
    newest, owed = list_newest(session, shown), _owed(session, [story.id for story in shown])
    lines = [Line(story=row, version=newest[row.id], **owed.get(row.id, {})) for row in shown]
    return Page(lines, f"id~{shown[-1].id}" if len(found) > limit else "")


def count_waiting(session: Session, *, asker: Actor, now: datetime, most: int = 100) -> int:
    """How many stories stand in the queue; no more than `most` are counted."""
    owed = exists().where(Duty.story_id == Story.id, Duty.owner_kind == DESK, Duty.ended_at.is_(None))
    due = (
        visible(asker, now)
        .join(Duty, Duty.story_id == Story.id)
        .where(Duty.owner_kind == DESK, Duty.ended_at.is_(None))
        .with_only_columns(Story.id)
        .distinct()
    )
    undue = visible(asker, now).where(Story.state.in_(WAITING), ~owed).with_only_columns(Story.id)
    counted = 0
    for part in (due, undue):
        if counted < most:
            some = part.limit(most - counted).subquery()
            counted += session.scalar(select(func.count()).select_from(some)) or 0
    return counted


def neighbours(session: Session, story: Story, *, asker: Actor, now: datetime) -> tuple[str, str]:
    """The stories before and after this one in the queue, by id; empty at its ends.

    After one that does not wait comes the first.
    """
    narrowed = _Narrowed(visible(asker, now, organization_id=driving_column(session, visible(asker, now))))
    due = _due(session, narrowed, None, limit=1, story_id=story.id)
    if not due and State(story.state) not in WAITING:
        first = _due(session, narrowed, None, limit=1) or _undue(session, narrowed, "", limit=1)
        return "", _first_id(first)
    if due:
        key = _read_key(due[0][3])[1]
        before = _due(session, narrowed, key, limit=1, backwards=True)
        after = _due(session, narrowed, key, limit=1) or _undue(session, narrowed, "", limit=1)
    else:
        before = _undue(session, narrowed, story.id, limit=1, backwards=True)
        before = before or _due(session, narrowed, None, limit=1, backwards=True)
        after = _undue(session, narrowed, story.id, limit=1)
    return _first_id(before), _first_id(after)


def _first_id(rows: Sequence[_Row]) -> str:
    return rows[0][0].id if rows else ""


def _list_rows(
    session: Session, wanted: Filter, *, asker: Actor, after: str = "", limit: int, now: datetime
) -> list[_Row]:
    narrowed = _narrowed(session, wanted, asker=asker, now=now)
    if narrowed is None:
        return []
    kind, key = _read_key(after)
    found: list[_Row] = []
    if kind != "id":
        found = _due(session, narrowed, key if kind == "due" else None, limit=limit)
    if len(found) < limit:
        found += _undue(session, narrowed, key[1] if kind == "id" and key else "", limit=limit - len(found))
    return found


@dataclass(slots=True)
class _Narrowed:
    """A filter as conditions. Those of `rare` are so few stories that they are looked up first."""

    base: Select[Any]
    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    rare: ColumnElement[bool] | None = None

    def drive(self) -> Select[Any]:
        query = self.base.where(*self.conditions)
        return query.where(self.rare) if self.rare is not None else query


def _narrowed(session: Session, wanted: Filter, *, asker: Actor, now: datetime) -> _Narrowed | None:
    """None where nothing can fit."""
    found = _Narrowed(visible(asker, now, organization_id=driving_column(session, visible(asker, now))))
    if wanted.state:
        found.conditions.append(Story.state == wanted.state)
    if wanted.states:
        found.conditions.append(Story.state.in_(wanted.states))
    if wanted.holder:
        found.conditions.append(Story.state.in_(HOLDERS[wanted.holder]))
    if wanted.urgency is not None:
        found.conditions.append(Story.urgency == wanted.urgency)
    if wanted.organization:
        root = organizations.find(session, wanted.organization)
        if root is None:
            return None
        tree = organizations.subtree([root.id], on=local_day(now), name="narrowed")
        below = Story.organization_id.in_(select(tree.c.id))
        found.conditions.append(driving_column(session, select(Story).where(below)).in_(select(tree.c.id)))
    if wanted.channel:
        channel = catalog.by_address(session).get(wanted.channel)
        if channel is None:
            return None
        found.conditions.append(_is_in(channel.id))
    terms = list(_terms(session, wanted))
    if terms:
        found.conditions.append(_is_open_to(asker, now))
        _add_terms(session, found, terms)
    for term in queries.parse(wanted.typed).without:
        found.conditions += [~_has([word]) for word in term.words]
    return found


def _terms(session: Session, wanted: Filter) -> Iterator[Sequence[str]]:
    """What has to stand in the index: of each one of these words or facts."""
    if wanted.topic:
        yield [story_words.TOPIC + wanted.topic]
    if wanted.kind:
        yield [story_words.KIND + wanted.kind]
    for term in queries.parse(wanted.typed).terms:
        *first, last = term.words
        yield from ([word] for word in first)
        yield _continued(session, last) if term.prefix else [last]


def _add_terms(session: Session, found: _Narrowed, terms: Sequence[Sequence[str]]) -> None:
    """The rarest term is looked up first where it is rare; the others are asked of each story that is looked at."""
    counted = sorted((_count(session, words), place) for place, words in enumerate(terms))
    rare = counted[0][1] if counted[0][0] < FEW else None
    for place, words in enumerate(terms):
        if place == rare:
            found.rare = Story.id.in_(select(StoryWord.story_id).where(StoryWord.word.in_(words)))
        else:
            found.conditions.append(_has(words))


def _count(session: Session, words: Sequence[str]) -> int:
    some = select(literal(1)).where(StoryWord.word.in_(words)).limit(FEW).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _continued(session: Session, begun: str) -> list[str]:
    """The words that begin so, the very one first; each found by one step in the index."""
    words: list[str] = []
    word = session.scalar(select(func.min(StoryWord.word)).where(StoryWord.word >= begun))
    while word is not None and word.startswith(begun) and len(words) < MAX_CONTINUATIONS:
        words.append(word)
        word = session.scalar(select(func.min(StoryWord.word)).where(StoryWord.word > word))
    return words or [begun]


def _has(words: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(StoryWord.word.in_(words), StoryWord.story_id == Story.id)


def _is_open_to(asker: Actor, now: datetime) -> ColumnElement[bool]:
    """What a withdrawn story said is for its auditors alone, so nobody else finds it by its words."""
    audited = rights.within_reach(Story.organization_id, asker, {Role.AUDITOR}, on=local_day(now))
    return or_(Story.state != State.WITHDRAWN, audited)


def _is_in(channel_id: int) -> ColumnElement[bool]:
    stands = exists().where(Entry.story_id == Story.id, Entry.channel_id == channel_id, Entry.state != "withdrawn")
    waits = exists().where(Release.story_id == Story.id, Release.channel_id == channel_id, Release.state == "scheduled")
    return or_(stands, waits)


def _due(
    session: Session,
    narrowed: _Narrowed,
    after: tuple[datetime | None, str] | None,
    *,
    limit: int,
    story_id: str = "",
    backwards: bool = False,
) -> list[_Row]:
    """Stories of which the desk owes something, by the earliest deadline of each; `backwards` those before a key.

    Of `story_id` alone where that is given.
    """
    earlier = aliased(Duty)
    sooner = exists().where(
        earlier.story_id == Duty.story_id,
        earlier.owner_kind == DESK,
        earlier.ended_at.is_(None),
        tuple_(earlier.due_at, earlier.id) < tuple_(Duty.due_at, Duty.id),
    )
    query = (
        narrowed.drive()
        .join(Duty, Duty.story_id == Story.id)
        .add_columns(Duty.clause, Duty.due_at, Duty.id)
        .where(Duty.owner_kind == DESK, Duty.ended_at.is_(None), ~sooner)
        .options(joinedload(Story.organization, innerjoin=True))
        .order_by(*((Duty.due_at.desc(), Duty.id.desc()) if backwards else (Duty.due_at, Duty.id)))
        .limit(limit)
    )
    if story_id:
        query = query.where(Duty.story_id == story_id)
    if after is not None:
        at = tuple_(Duty.due_at, Duty.id)
        query = query.where(at < after if backwards else at > after)
    rows = session.execute(query).all()
    return [(story, clause, due, f"due~{due.astimezone(UTC).isoformat()}~{duty}") for story, clause, due, duty in rows]


def _undue(session: Session, narrowed: _Narrowed, after: str, *, limit: int, backwards: bool = False) -> list[_Row]:
    """Stories that wait for the desk without any deadline, oldest first: of each state a few, by its index."""
    owed = exists().where(Duty.story_id == Story.id, Duty.owner_kind == DESK, Duty.ended_at.is_(None))
    beyond = Story.id < after if backwards else Story.id > after
    order = Story.id.desc() if backwards else Story.id
    parts = []
    for state in WAITING:
        query = narrowed.drive().where(Story.state == state, beyond, ~owed).with_only_columns(Story.id)
        parts.append(select(query.order_by(order).limit(limit).subquery().c.id))
    ids = sorted(session.scalars(union_all(*parts)), reverse=backwards)[:limit]
    found = select(Story).where(Story.id.in_(ids)).options(joinedload(Story.organization, innerjoin=True))
    return [(story, "", None, f"id~{story.id}") for story in session.scalars(found.order_by(order))]


def _owed(session: Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The first deadline of the desk in each of these stories."""
    query = (  # whose they are is looked at here: by an index of the desk's, a database would go through all of those
        select(Duty.story_id, Duty.owner_kind, Duty.clause, Duty.due_at)
        .where(Duty.story_id.in_(ids), Duty.ended_at.is_(None))
        .order_by(Duty.due_at.desc())
    )
    rows = session.execute(query).all() if ids else []
    owed = [(story_id, clause, due_at) for story_id, kind, clause, due_at in rows if kind == DESK]
    return {story_id: {"clause": clause, "due_at": due_at} for story_id, clause, due_at in owed if story_id}


def _read_key(key: str) -> tuple[str, tuple[datetime | None, str] | None]:
    kind, _, rest = key.partition("~")
    if kind == "id":
        return kind, (None, rest)
    if kind == "due":
        said, _, duty_id = rest.partition("~")
        at = read_instant(said)
        return (kind, (at, duty_id)) if at is not None else ("", None)
    return "", None
