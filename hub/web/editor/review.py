"""The review page: a story as each outlet will get it, what stands behind it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from flask import Response, request, send_file
from sqlalchemy.orm import Session

from feeds.text import SafeHtml
from hub.accounts import rights
from hub.actors import Actor
from hub.clock import local_day
from hub.http.services import services
from hub.http.wording import local
from hub.intake import uploads
from hub.models import Act, Story, Version
from hub.outlets import readership, receipts, uses
from hub.publishing.assemble import BODY_PICTURE
from hub.records import contacts
from hub.records.disclosures import Content, reveal
from hub.records.secret import Secret
from hub.regulation import (
    acts,
    claims,
    corrections,
    crediting,
    desk_boards,
    desk_queue,
    foreseeing,
    holds,
    likening,
    presence,
    reading,
    reviewing,
    ruling,
    workflow,
)
from hub.regulation.consent import papers
from hub.regulation.duties import reading as duties
from hub.regulation.duties.reading import Question
from hub.regulation.foreseeing import Seen
from hub.regulation.reading import View
from hub.regulation.reviewing import Agreement, Confirmed, Shown
from hub.regulation.workflow import ActKind, State
from hub.web.editor import comparing
from hub.web.editor.desk import actor, part, show
from hub.web.numbers import asked_number
from hub.web.papers import paper_answer

EVERYTHING = "everything"
MOST_DUTIES = 40
LIKE_AT_MOST = 20  # stories that seem to tell the same deed
IN_ORDER = (ActKind.APPROVE, ActKind.RELEASE, ActKind.RETURN, ActKind.HOLD, ActKind.LIFT, ActKind.WITHDRAW)
ON_PAGES_OF_THEIR_OWN = frozenset({ActKind.VERIFY_CLAIM, ActKind.JOIN})  # beside the claim, and beside the other story

bp = part(__name__, "review")


@bp.get("/stories/<story_id>")
def review(story_id: str) -> Response:
    asker, parts = actor(), services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        corrects = reviewing.corrects(story)
    with session_of(undoes=corrects) as session:
        facts = _facts(session, story_id, asker)
    # in a transaction of its own, once that of the page is over
    facts["text"] = contacts.read(parts.database, facts["text"], story_id=story_id, reader=asker.mark, now=now)
    presence.look(services().database, story_id, actor=asker, now=now)
    return show("review.html", **facts)


@bp.get("/stories/<story_id>/papers/<proof_id>")
def open_paper(story_id: str, proof_id: str) -> Response:
    """A consent paper on which the story rests."""
    asker, parts = actor(), services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        secret = Secret.of(parts.settings)
        proof, data = papers.open_of(session, story, proof_id, secret=secret, actor=asker, now=now)
    return paper_answer(proof, data)


@bp.get("/stories/<story_id>/presence")
def show_presence(story_id: str) -> Response:
    """Who else looks at the story just now, and whether it has moved on; asked again and again by an open page."""
    asker, now = actor(), services().clock.now()
    with services().database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
    presence.look(services().database, story_id, actor=asker, now=now)
    with services().database.reading() as session:
        looking = presence.list_looking(session, [story_id], but=asker, now=now).get(story_id, [])
    revision = asked_number("revision") or story.revision
    return show("presence.html", story=story, looking=looking, revision=revision, moved=revision != story.revision)


@bp.get("/media/<upload_id>/<int(max=100000):width>")
def show_picture(upload_id: str, width: int) -> Response:
    """A picture of a story before any release of it."""
    asker, parts = actor(), services()
    with parts.database.reading() as session:
        rendition = uploads.get_rendition(session, upload_id, width, asker=asker, now=parts.clock.now())
    return send_file(parts.store.path(rendition.sha256).absolute(), mimetype=rendition.media_type, etag=False)


def seen_of(session: Session, story: Story) -> Seen:
    """How the story stands on the page that is made now."""
    done = acts.list_acts(session, story.id)
    return Seen(revision=story.revision, last_act=done[-1].id if done else 0)


def picture_address(path: str) -> str:
    """Where the desk finds the picture that `assemble` names ``/media/{upload}/{width}``."""
    return local(f"/desk/editor{path}")


def session_of(*, undoes: bool) -> AbstractContextManager[Session]:
    """What a correction's release would narrow is narrowed for the page, too, and never stays so."""
    database = services().database
    return foreseeing.undone(database) if undoes else database.reading()


def _facts(session: Session, story_id: str, asker: Actor) -> dict[str, Any]:
    """All that the page tells."""
    now = services().clock.now()
    story = desk_queue.get_story(session, story_id, asker=asker, now=now)
    version = reading.get_version(session, story.id, story.latest)
    view = reading.view_of(session, story, asker=asker, now=now)
    content = view.prune(reveal(version.disclosures)) if view.is_open else {}
    done = acts.list_acts(session, story.id)
    steps, course = reviewing.list_steps(session, story, done, now=now), _course(session, story, asker)
    texts = _texts(session, story, version, content, view)
    before, after = desk_queue.neighbours(session, story, asker=asker, now=now)
    return {
        "story": story,
        "version": version,
        "content": content,
        "story_language": content.get("language", "vi"),
        "is_open": view.is_open,
        "seen": seen_of(session, story),
        "revision": story.revision,
        "before": before,
        "after": after,
        "looking": presence.list_looking(session, [story.id], but=asker, now=now).get(story.id, []),
        **texts,
        **comparing.compared(session, story, content, view),
        **_sources(session, story, content),
        **_likenesses(session, story, asker),
        **course,
        "done": done,
        "into": likening.known_goals(session, done, asker=asker, now=now),
        "steps": steps,
        "names": desk_boards.names_of(session, _codes(done, steps, texts["agreements"], course)),
        "holders": holds.list_holders((act.kind, act.actor_kind) for act in done),
    }


def _codes(
    done: Sequence[Act], steps: Sequence[Confirmed], agreements: Sequence[Agreement], course: Mapping[str, Any]
) -> set[str]:
    """The codes of organizations, outlets and channels that the page names."""
    found = {step.unit for step in steps} | {row.owner for row, _ in course["owed"]}
    found |= {had.address for had in course["had"]} | {address for act in done for address in act.channels or ()}
    return found | {code for each in agreements for entry in each.entries for code in entry.outlets or ()}


def _texts(session: Session, story: Story, version: Version, content: Content, view: View) -> dict[str, Any]:
    """The tabs: every channel, and all that the desk may read."""
    now = services().clock.now()
    ended = story.state in workflow.ENDED
    shown = reviewing.look(session, story, address=picture_address, now=now) if content and not ended else []
    chosen = _chosen(shown)
    return {
        "channels": shown,
        "may_release": any(each.is_proposed and each.may_enter and not each.has(story.latest) for each in shown),
        "chosen": chosen,
        "text": chosen.seen if chosen is not None else content,
        "body": SafeHtml(chosen.entry.content) if chosen is not None else _own_body(content),
        "short": SafeHtml(chosen.entry.story.short_body) if chosen is not None and chosen.entry.story else "",
        "pictures": chosen.entry.pictures if chosen is not None else (),
        "removed": version.removed if view.is_open else [],
        "agreements": reviewing.list_agreements(session, story) if view.is_open else [],
    }


def _own_body(content: Content) -> SafeHtml:
    """The body as it is kept, which was stored clean; its pictures stand in the tabs of channels."""
    return SafeHtml(BODY_PICTURE.sub("", content.get("body", {}).get("html", "")))


def _chosen(shown: Sequence[Shown]) -> Shown | None:
    asked = request.args.get("channel", "")
    if asked == EVERYTHING or not shown:
        return None
    return next((each for each in shown if each.address == asked), shown[0])


def _sources(session: Session, story: Story, content: Content) -> dict[str, Any]:
    checks = claims.list_checks(session, story.id, content)
    return {
        "claims": list(zip(content.get("claims", ()), checks, strict=True)),
        "evidence": content.get("evidence", ()),
    }


def _likenesses(session: Session, story: Story, asker: Actor) -> dict[str, Any]:
    now = services().clock.now()
    found = likening.list_likenesses(session, story, asker=asker, now=now, limit=LIKE_AT_MOST)
    titled = [(one, str(reveal(one.version.disclosures).get("title", "")) if one.is_open else "") for one in found]
    return {"likenesses": titled, "checked": likening.standings(session, [story], asker=asker, now=now)[story.id]}


def _course(session: Session, story: Story, asker: Actor) -> dict[str, Any]:
    """What is owed, who had it, what was told of it; and what may be done, each with its clause."""
    now = services().clock.now()
    owed = duties.list_duties(session, Question(story=story.id), asker=asker, at=now, limit=MOST_DUTIES)
    roles = rights.roles_over(session, asker, story.organization_id, on=local_day(now))
    may = workflow.open_acts(State(story.state), roles)
    wanted = [act for act in IN_ORDER if act in may]
    rules = ruling.of_story(session, story, now=now)
    told = corrections.list_corrections(session, story.id)
    return {
        "owed": [(row, duties.state_at(row, now)) for row in owed],
        "had": readership.list_had(session, story.id),
        "receipts": receipts.list_of_stories(session, [story.id]),
        "uses": uses.list_uses(session, story.id),
        "credits": crediting.list_names(session, story.id),
        "replacing": reviewing.list_replacing(session, story.id, asker=asker, now=now),
        "told": [(each, corrections.public_note(session, each)) for each in told],
        "open_acts": [(act.value, rules.clause_for(act.value, step=story.step)) for act in wanted],
        "judges": [act.value for act in may if act in ON_PAGES_OF_THEIR_OWN],
    }
