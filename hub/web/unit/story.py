"""A story's page: where it is, what was done to it, where it stands, what came of it; and what the unit may ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.accounts import rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import HubError
from hub.http.language import asked_language
from hub.http.problems import status_of
from hub.http.services import services
from hub.intake import form_drafts
from hub.intake.differences import Change, compare
from hub.models import Act, Consent, Person, Pickup, Receipt, Story
from hub.outlets import catalog, readership, receipts, releases, uses
from hub.outlets.readership import Had
from hub.records import consents, contacts, persons, proofs
from hub.records.disclosures import reveal
from hub.records.proofs import Sealed
from hub.regulation import acts, holds, permitting, reading, whereabouts
from hub.regulation.consent import papers
from hub.regulation.releasing import Order
from hub.regulation.workflow import ActKind
from hub.web import once, visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp
from hub.web.unit.showing import paper_of
from hub.web.unit.typed import note_of

ASKED_HERE = {"recall": ActKind.RECALL, "request_withdrawal": ActKind.REQUEST_WITHDRAWAL}
USES = frozenset({*uses.USED, uses.DECLINED})
KEEPERS = frozenset({Role.EDITOR, Role.AUDITOR})  # who hears whose a hold is


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An act on the timeline; `actor` is empty where it is not for the reader to know."""

    act: Act
    actor: str
    faults: Sequence[tuple[str, str, str, str]]  # field, fault, how to mend it, note


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a person of the story agreed to: what holds, what has ended, and the sealed papers it rests on."""

    person: Person
    standing: Sequence[Consent]
    ended: Sequence[Consent]
    proofs: Sequence[Sealed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """Everything that became of a story."""

    lines: Sequence[Line]
    channels: Sequence[Had]
    names: Mapping[str, str]  # of channels, by their addresses
    waiting: Sequence[tuple[str, datetime]]  # channels that it enters later, and when
    uses: Sequence[Pickup]
    receipts: Sequence[Receipt]
    agreed: Sequence[Agreed]


@bp.get("/stories/<story_id>")
def show_story(story_id: str) -> Response:
    return show(story_id)


def show(
    story_id: str, *, unreasoned: bool = False, note: str = "", refused: HubError | None = None, whose: str = ""
) -> Response:
    """A story; `unreasoned` where its withdrawal was asked for without a reason, with the `note` that was typed.

    `refused` is why a consent paper of the person `whose` was not taken.
    """
    actor = visitors.require(Role.CONTRIBUTOR, Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        view = reading.view_of(session, story, asker=actor, now=now)
        version = reading.get_version(session, story.id, story.latest)
        content = view.prune(reveal(version.disclosures)) if view.is_open else {}
        facts: dict[str, Any] = {
            "place": whereabouts.find(session, story, now=now),
            "became": became_of(session, story, actor, now=now),
            "possible": {kind.value for kind in permitting.list_possible(session, story, actor=actor, now=now)},
            "draft": form_drafts.of_stories(session, [story.id], actor=actor, now=now).get(story.id),
            "opens": view.is_open
            and Role.CONFIRMER in actor.roles
            and papers.may_open(session, story, actor=actor, now=now),
            "own": actor.organization_id in rights.line_of(session, story.organization_id, on=local_day(now)).own,
        }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if unreasoned else HTTPStatus.OK
    return page(
        "unit/story.html",
        status_of(refused) if refused is not None else status,
        desk=UNIT,
        unreasoned=unreasoned,
        note=note,
        story=story,
        paper=paper_of(content),
        is_open=view.is_open,
        reasons=[(item.code, item.label(asked_language())) for item in schemas.vocabulary("withdrawal_reasons")],
        once=once.new_token(),
        now=now,
        sent=request.args.get("sent") == "yes",
        handed_in=request.args.get("paper", ""),
        refused=refused,
        whose=whose,
        paper_mb=proofs.MAX_BYTES // 1024**2,
        agreeing=[(each.person.id, each.person.name) for each in facts["became"].agreed if each.person.name],
        writes=Role.CONTRIBUTOR in actor.roles,
        **facts,
    )


@bp.get("/stories/<story_id>/versions/<int(max=2147483647):number>")
def show_version(story_id: str, number: int) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR, Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        view = reading.open_view(session, story, asker=actor, now=now)
        content = view.prune(reveal(reading.get_version(session, story.id, number).disclosures))
        before = (
            view.prune(reveal(reading.get_version(session, story.id, number - 1).disclosures)) if number > 1 else {}
        )
    content, before = (
        contacts.read(parts.database, each, story_id=story.id, reader=actor.mark, now=now) for each in (content, before)
    )
    changes = changes_of(before, content) if before else []
    return page("unit/version.html", desk=UNIT, story=story, number=number, paper=paper_of(content), changes=changes)


@bp.post("/stories/<story_id>/<any(recall, request_withdrawal):asked>")
def ask_for(story_id: str, asked: str) -> AnyResponse:
    """Take a story back out of the review, or ask for its withdrawal."""
    actor = visitors.require(Role.CONTRIBUTOR)
    note = note_of(request.form.get("note", ""))
    order = Order(kind=ASKED_HERE[asked], note=note, reason=request.form.get("reason", ""))
    parts, now = services(), services().clock.now()
    if asked == "request_withdrawal" and not order.reason:
        return show(story_id, unreasoned=True, note=note)
    with parts.database.writing() as session:
        known = reading.get_story(session, story_id, asker=actor, now=now).id
        if once.is_first(session, actor, f"{asked} {known}", now=now):
            acts.perform(session, acts.get_locked(session, known), order, actor=actor, now=now)
    return go_on(f"/desk/unit/stories/{known}")


def became_of(session: Session, story: Story, actor: Actor, *, now: datetime) -> Became:
    """What became of a story, as far as the actor may know it."""
    had = readership.list_had(session, story.id)
    live = [row for row in releases.list_live(session, story.id) if row.state == "scheduled"]
    known = {channel.id: channel for channel in catalog.list_channels(session)}
    addresses = {channel_id: catalog.address_of(channel) for channel_id, channel in known.items()}
    return Became(
        lines=timeline(session, story, actor, now=now),
        channels=had,
        names={addresses[key]: f"{channel.outlet.name} – {channel.title}" for key, channel in known.items()},
        waiting=[(addresses[row.channel_id], row.available_from) for row in live],
        uses=uses.list_uses(session, story.id, USES),
        receipts=receipts.list_of_stories(session, [story.id]),
        agreed=list_agreed(session, story),
    )


def timeline(session: Session, story: Story, actor: Actor, *, now: datetime) -> list[Line]:
    """The acts on a story, newest first; who held it is told to those alone who hold stories themselves."""
    over = rights.roles_over(session, actor, story.organization_id, on=local_day(now))
    keeps = not KEEPERS.isdisjoint(over)
    return [
        Line(
            act=act,
            actor=act.actor_name if keeps or act.kind not in holds.KINDS else "",
            faults=[_fault(fault) for fault in act.faults or ()],
        )
        for act in reversed(acts.list_acts(session, story.id))
    ]


def list_agreed(session: Session, story: Story) -> list[Agreed]:
    """Whom the newest version tells of, and what the consent ledger says of each in this story."""
    found: dict[str, Agreed] = {}
    named = [persons.get(session, row.person_id) for row in persons.list_of_version(session, story.id, story.latest)]
    ledgers = consents.list_of_persons(session, {person.id for person in named})
    sealed = proofs.list_of_story(session, story.id, ledgers)
    for person in named:
        ledger = [each for each in ledgers[person.id] if each.story_id in (None, story.id)]
        found[person.id] = Agreed(
            person=person,
            standing=[each for each in ledger if each.ended_at is None],
            ended=[each for each in ledger if each.ended_at is not None],
            proofs=sealed[person.id],
        )
    return list(found.values())


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Change, str]]:
    """What differs between two contents, with what people call each field."""
    return [(each, schemas.title_of(each.path, asked_language())) for each in compare(dict(before), dict(after))]


def _fault(fault: Mapping[str, str]) -> tuple[str, str, str, str]:
    """A fault of a return in words."""
    language = asked_language()
    item, title = schemas.vocabulary("return_faults")[fault["code"]], schemas.title_of(fault["pointer"], language)
    hint = item.extras["hint"]
    return title, item.label(language), hint.get(language, hint["vi"]), fault.get("note", "")
