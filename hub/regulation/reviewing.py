"""A story before the desk: as each channel would show it, whom it is about and what they agreed to, who confirmed it.

What a channel would show is assembled by the very functions that assemble what is released.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

import schemas
from feeds.document import Entry, Status
from hub.actors import Actor
from hub.models import Act, Channel, Consent, Person, Story, StoryWord, Upload, Version
from hub.outlets import catalog
from hub.publishing import assemble
from hub.publishing.assemble import Frame, Media
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records import consents, persons, proofs, story_words
from hub.records.disclosures import Content, reveal, showing
from hub.records.proofs import Sealed
from hub.regulation import confirming, explaining, releasing, ruling
from hub.regulation.consent import consent_rules
from hub.regulation.edition.clauses import Step
from hub.regulation.explaining import Explanation
from hub.regulation.reading import get_version, visible
from hub.regulation.refusals import has

Address = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story as a channel would show its newest version.

    `seen` is the content that readers get, `entry` the same assembled for them. `off` are the fields that the channel
    shows of other stories and this one has, but that consent switches off; `hidden` the members of lists.
    """

    channel: Channel
    address: str
    why: Explanation
    seen: Content
    entry: Entry
    off: tuple[str, ...]
    hidden: tuple[str, ...]

    @property
    def is_proposed(self) -> bool:
        """Does the channel's selection ask for this story?"""
        return self.why.mismatch is None

    @property
    def may_enter(self) -> bool:
        """Do the rules let it in?"""
        return not self.why.refusals

    def has(self, version: int) -> bool:
        """Is that version released to it already?"""
        return self.why.here is not None and self.why.here.version == version


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A step of the chain: the unit that confirms it, the acts by which somebody did, whether it is the open one."""

    step: Step
    unit: str
    acts: tuple[Act, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A person of the newest version, their parts in it (subject, guest), their entries of the ledger, and proofs."""

    person: Person
    parts: tuple[str, ...]
    entries: tuple[Consent, ...]
    proofs: tuple[Sealed, ...]

    @property
    def terms(self) -> list[tuple[list[str], Consent]]:
        """The scopes that stand under the same terms together, with one entry that tells them; open ones first."""
        found: dict[Any, tuple[list[str], Consent]] = {}
        for row in self.entries:
            terms = (row.ended_at, row.expires_at, tuple(row.outlets), row.audience, row.form)
            found.setdefault(terms, ([], row))[0].append(row.scope)
        return list(found.values())


def corrects(story: Story) -> bool:
    """Would the newest version take the place of a released one?"""
    return story.released is not None and story.released != story.latest


def look(session: Session, story: Story, *, address: Address, now: datetime) -> list[Shown]:
    """The newest version as every channel would show it, those that propose it first.

    Of a correction consent is narrowed as its release would narrow it: call it in a session of which nothing stays.
    `address` makes the address of a picture from ``/media/{upload}/{width}``.
    """
    version = get_version(session, story.id, story.latest)
    content = reveal(version.disclosures)
    if corrects(story) and "consent" in content:
        consents.narrow_to(session, story_id=story.id, consent=content["consent"], at=now)
        session.flush()
    if not content.get("kind"):
        return []  # an erasure has left nothing that could be judged
    basis = explaining.basis_of(session, story, now=now)
    media = _media(session, content)
    found = [
        _shown(session, story, version, channel, basis, media, address=address, now=now)
        for channel in catalog.list_open(session)
    ]
    return sorted(found, key=lambda shown: (shown.why.here is None, not shown.is_proposed, shown.channel.id))


def _shown(
    session: Session,
    story: Story,
    version: Version,
    channel: Channel,
    basis: explaining.Basis,
    media: Mapping[str, Media],
    *,
    address: Address,
    now: datetime,
) -> Shown:
    target = releasing.target_of(channel)
    allowed = consent_rules.allow(basis.content, target, releasing.agreed_in(basis.parties, target, now=now))
    paths = visible_paths(allowed.fields, channel.fields, channel.audience, Variant.FULL)
    seen = prune(reveal(showing(version.disclosures, allowed.hidden)), paths, channel.audience)
    uploads = {m["upload"] for m in seen.get("media", ()) if m.get("upload") in allowed.pictures}
    frame = Frame(
        id=f"urn:hub:{story.id}",
        story_id=story.id,
        version=version.number,
        number=0,
        status=Status.RELEASED,
        url="",
        published=now,
        updated=now,
    )
    return Shown(
        channel=channel,
        address=catalog.address_of(channel),
        why=explaining.explain(session, story, channel, now=now, basis=basis),
        seen=seen,
        entry=assemble.entry_of(seen, frame, {one: media[one] for one in uploads if one in media}, address),
        off=tuple(_switched_off(basis.content, channel, allowed.fields)),
        hidden=tuple(allowed.hidden),
    )


def _switched_off(content: Content, channel: Channel, fields: Collection[str]) -> list[str]:
    """What the channel lists, its audience reaches and the story has, but nobody agreed to."""
    reach = schemas.Audience.named(channel.audience)
    return [
        path
        for path, audience in schemas.fields().items()
        if audience <= reach and schemas.covers(channel.fields, path) and path not in fields and holds(content, path)
    ]


def holds(content: Any, path: str) -> bool:
    """Is something there at a dotted path, of any member where lists stand on the way?"""
    name, _, rest = path.partition(".")
    if isinstance(content, list):
        return any(holds(member, path) for member in content)
    if not isinstance(content, Mapping) or not content.get(name):
        return False
    return holds(content[name], rest) if rest else has(content, name)


def _media(session: Session, content: Content) -> dict[str, Media]:
    """The pictures of a content, under their own ids in place of a release's tokens."""
    wanted = [medium["upload"] for medium in content.get("media", ()) if "upload" in medium]
    query = select(Upload).where(Upload.id.in_(wanted)).options(selectinload(Upload.renditions))
    rows = session.scalars(query) if wanted else ()
    return {row.id: Media(row.id, row.renditions) for row in rows if row.renditions}


def list_agreements(session: Session, story: Story) -> list[Agreement]:
    """Everybody the newest version is about, and what the ledger has of them in this story or in all of theirs."""
    places = persons.list_of_version(session, story.id, story.latest)
    ids = {row.person_id for row in places}
    query = select(Consent).where(
        Consent.person_id.in_(ids), or_(Consent.story_id == story.id, Consent.story_id.is_(None))
    )
    rows = sorted(session.scalars(query) if ids else (), key=lambda row: (row.ended_at is not None, row.scope))
    people = {place.person_id: place.person for place in places}
    sealed = proofs.list_of_story(session, story.id, ids)
    return [
        Agreement(
            person=person,
            parts=tuple(dict.fromkeys(place.part for place in places if place.person_id == person_id)),
            entries=tuple(row for row in rows if row.person_id == person_id),
            proofs=tuple(sealed[person_id]),
        )
        for person_id, person in people.items()
    ]


def list_steps(session: Session, story: Story, acts: Sequence[Act], *, now: datetime) -> list[Confirmed]:
    """The chain that the story walks by the edition in force, and who has confirmed it since it was last handed in."""
    rules = ruling.of_story(session, story, now=now)
    known = confirming.progress(session, story, rules)
    handed_in = max((act.id for act in acts if act.kind == "submit"), default=0)
    given = [act for act in acts if act.kind == "confirm" and act.id > handed_in]
    units = {step.name: step.unit_of(rules.facts) for step in rules.route}
    return [
        Confirmed(
            step=step,
            unit=unit.code if (unit := units[step.name]) is not None else "",
            acts=tuple(act for act in given if act.step == step.name),
            is_open=known.open is not None and known.open.name == step.name and bool(story.step),
        )
        for step in rules.route
    ]


def list_replacing(session: Session, story_id: str, *, asker: Actor, now: datetime) -> list[str]:
    """The stories that name this withdrawn one as what they replace, as far as the asker may know of them."""
    named = select(StoryWord.story_id).where(StoryWord.word == story_words.REPLACES + story_id)
    query = visible(asker, now).where(Story.id.in_(named)).with_only_columns(Story.id)
    return list(session.scalars(query.order_by(Story.id)))
