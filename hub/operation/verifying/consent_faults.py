"""What `hub verify` asks of the consent ledger: is all there that the journal tells of, and ended only by an act?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Consent, JournalRow, Story, StoryPerson
from hub.operation.verifying import paper_faults, person_faults
from hub.operation.verifying.consent_told import Told, records
from hub.operation.verifying.proof_faults import Seen
from hub.records import consent_terms, consents

PAGE = 2000
LEDGER = Consent.__table__
BY_VERSION = frozenset({consents.REPLACED, consents.NARROWED})
ENDED_BY_ACT = frozenset({consents.WITHDRAWN, consents.WITHDRAWN_ALL, consents.EXPIRED})


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Every fault of the ledger, as a sentence without a name."""
    told = Told(session)
    yield from _opened_faults(session, told)
    yield from _entry_faults(session, told, seen)
    yield from person_faults.find(session, told)
    yield from paper_faults.sealed(session, told)


def _opened_faults(session: Session, told: Told) -> Iterator[str]:
    """What each version and each act opened, against the commitments that the journal keeps of it."""
    for page in records(session, JournalRow.body.contains('"kind":"version"', autoescape=True)):
        versions = {(said["story"], said["version"]): said["consents"] for said in page if "consents" in said}
        here = Consent.story_id.in_({story_id for story_id, _ in versions})
        found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for entry in session.execute(select(*LEDGER.c).where(LEDGER.c.version > 0, here)).mappings():
            if entry["id"] not in told.opened:  # what a correction left of an entry is an act's
                found[entry["story_id"], entry["version"]].append(told.at_opening(entry))
        for place, commitment in versions.items():
            if not _matches(found[place], commitment):
                yield f"consents of {place[0]}/{place[1]}: not those that the journal tells were opened"
            elif place in told.about and not _one_each(found[place], told.about[place], told):
                yield f"consents of {place[0]}/{place[1]}: somebody has another one's"
    for commitment, opened in told.groups.items():
        query = select(*LEDGER.c).where(LEDGER.c.id.in_(opened))
        entries = [told.at_opening(entry) for entry in session.execute(query).mappings()]
        if len(entries) == len(opened) and not _matches(entries, commitment):
            yield f"consents {', '.join(opened)}: not what the journal tells was opened"


def _one_each(entries: list[dict[str, Any]], about: Collection[str], told: Told) -> bool:
    """A version gives each of its persons a scope once; doubles of one version keep what each of them had."""
    may = Counter(told.now(person_id) for person_id in set(about))
    have = Counter((entry["person_id"], entry["scope"]) for entry in entries)
    return all(many <= may[person_id] for (person_id, _), many in have.items() if person_id not in told.erased)


def _matches(entries: list[dict[str, Any]], commitment: str) -> bool:
    return commitment in (
        consent_terms.commitment_of(entries),
        consent_terms.commitment_before_terms(entries),
    )


def _entry_faults(session: Session, told: Told, seen: Seen) -> Iterator[str]:
    """Every entry against the acts and versions that opened, cleared or ended it."""
    erased = told.erased
    lost = told.opened.keys() | told.ended.keys() | told.narrowed.keys() | told.replaced.keys()
    last = ""
    while rows := session.scalars(select(Consent).where(Consent.id > last).order_by(Consent.id).limit(PAGE)).all():
        stories = {row.story_id for row in rows if row.story_id}
        placed, senders = _placed(session, stories), _senders(session, stories)
        for row in rows:
            faults = [*_end_faults(row, told), *_time_faults(row, told), *_person_faults(row, told, placed)]
            faults += [*paper_faults.of_act(row, told), *paper_faults.of_actors(row, told, senders)]
            yield from (f"consent {row.id}: {fault}" for fault in faults)
            if row.end_reason == consents.ERASED and row.person_id not in erased:
                yield f"consent {row.id}: was erased, and no erasure is recorded"
            if row.person_id in erased and row.ended_at is None:
                yield f"consent {row.id}: is open, and its person was erased"
            if row.person_id in erased and _tells(row):
                yield f"consent {row.id}: tells of a person who was erased"
        lost -= {row.id for row in rows}
        last = rows[-1].id
        seen("consents", len(rows))
        session.expunge_all()
    for entry_id in sorted(lost):
        yield f"consent {entry_id}: the journal tells of it, but it is not there"


def _end_faults(row: Consent, told: Told) -> Iterator[str]:
    """Whether an entry is open, against what the journal tells.

    What versions replaced they tell of only where they tell of their persons, too; older ones did not.
    """
    reason = row.end_reason
    if row.version == 0 and row.id not in told.opened:
        yield "is there, and no act recorded it"
    by_version = row.id in told.replaced or row.id in told.narrowed
    must_tell = row.version == 0 or (row.story_id, row.version) in told.about
    untold = reason in ENDED_BY_ACT and row.id not in told.ended
    if untold or (reason in BY_VERSION and must_tell and not by_version):
        yield f"has ended ({reason}), and the journal does not tell of it"
    if row.id in told.ended and reason not in ENDED_BY_ACT:
        yield "was taken back or expired, and is not so any more"
    if row.id in told.narrowed and reason != consents.NARROWED:
        yield "was narrowed by a correction, and is not so any more"
    if row.id in told.replaced and reason != consents.REPLACED:
        yield "was replaced by a newer version, and is not so any more"
    if row.id in told.cleared and told.cleared[row.id]["date"] != row.clearance.get("date"):
        yield "was cleared on another day than the journal tells"
    if (row.ended_at is None) != (reason == ""):
        yield "is neither open nor ended"


def _time_faults(row: Consent, told: Told) -> Iterator[str]:
    ended = told.ended.get(row.id, {}).get("at") or told.narrowed.get(row.id) or told.replaced.get(row.id)
    if ended and row.ended_at is not None and row.ended_at.isoformat() != ended:
        yield "has not ended when the journal tells"


def _person_faults(row: Consent, told: Told, placed: Mapping[Any, Set[str]]) -> Iterator[str]:
    """An entry's story and person, against the acts that named them; for one that a version brought, whom it names."""
    opened = told.opened.get(row.id)
    if opened is not None and opened["story"] != row.story_id:
        yield "is of another story than the journal tells"
    named = [{said["person"]} for said in (opened, told.cleared.get(row.id)) if said and "person" in said]
    named += [set(told.ended[row.id]["persons"])] if row.id in told.ended else []
    if row.version and row.person_id not in told.erased:
        place = (row.story_id, row.version)
        # of a card that closed up over what was erased others may have gone, too; before versions told of their
        # persons, what a story was granted was carried over to everybody in it
        if place not in told.partial:
            named.append(set(placed.get(place if place in told.about else row.story_id, ())))
    if any(row.person_id not in map(told.now, people) for people in named):
        yield "is of another person than the journal and its version tell"


def _placed(session: Session, story_ids: Collection[str]) -> Mapping[Any, Set[str]]:
    """Whom each version, and each story in any version, is written down to be about."""
    found: dict[Any, set[str]] = defaultdict(set)
    query = select(StoryPerson.story_id, StoryPerson.version, StoryPerson.person_id)
    for story_id, number, person_id in session.execute(query.where(StoryPerson.story_id.in_(story_ids))):
        found[story_id].add(person_id)
        found[story_id, number].add(person_id)
    return found


def _senders(session: Session, story_ids: Collection[str]) -> Mapping[str | None, int]:
    """Whose each story is; that this holds is asked of the stories."""
    query = select(Story.id, Story.organization_id).where(Story.id.in_(story_ids))
    return dict(session.execute(query).all())


def _tells(row: Consent) -> bool:
    """Does it tell more than limits and days?"""
    return bool(row.form or row.proof_id or row.guardian.keys() - {"obtained_on"} or row.clearance.keys() - {"date"})
