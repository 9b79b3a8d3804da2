"""The inbox: a channel as it is in the feed, and what changed in it since somebody last said that they had seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from feeds import query as typed
from feeds.document import Item, Status
from hub.http import corrected
from hub.http.corrected import ToldCorrection
from hub.http.services import services
from hub.models import Channel, Pickup, Receipt
from hub.outlets import receipts, terms, uses, visits
from hub.outlets.ledgers import ChangeKind
from hub.outlets.visits import News
from hub.publishing import inbox, inbox_index
from hub.publishing.inbox import Standing
from hub.publishing.inbox_index import Wanted
from hub.publishing.visibility import Variant
from hub.web.desks import go_on
from hub.web.numbers import asked_number, number_in
from hub.web.outlet.newsroom import Newsroom, bp, channel_of, channels_of, enter, family_of, show

PAGE = 20
STATES = (
    Status.RELEASED,
    Status.CORRECTED,
    Status.CORRECTION_PENDING,
    Status.HELD,
    Status.WITHDRAWAL_REQUESTED,
    Status.WITHDRAWN,
)
MAX_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as the inbox lists it."""

    item: Item
    path: str
    kind: str  # of its newest change
    is_new: bool  # changed since the visitor's mark
    told: Sequence[ToldCorrection]  # its newest correction, where that is new
    uses: Sequence[Pickup]
    receipt: Receipt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A channel of the outlet, with the number of entries that changed since the visitor's mark."""

    code: str
    title: str
    path: str
    news: int


@bp.get("/<outlet>/", strict_slashes=False)
@bp.get("/<outlet>/inbox/", strict_slashes=False)
def open_inbox(outlet: str) -> AnyResponse:
    room = enter(outlet)
    with services().database.reading() as session:
        channels = channels_of(session, room)
    if not channels:
        return show(room, "no_channel.html")
    return go_on(room.path(f"inbox/{channels[0].code}/"))


@bp.get("/<outlet>/inbox/<channel>/", strict_slashes=False)
def show_inbox(outlet: str, channel: str) -> Response:
    room, parts = enter(outlet), services()
    wanted, before = _wanted(), asked_number("before") or None
    with parts.database.reading() as session:
        row = channel_of(session, room, channel)
        seen = visits.find(session, room.user_id, row.id)
    mark = seen.number if seen is not None else 0
    only_new = request.args.get("show") == "new"
    if only_new:
        wanted = Wanted(state=wanted.state, topic=wanted.topic, query=wanted.query, after=mark)
    with parts.database.reading() as session:
        complete = not wanted.is_searched or inbox_index.is_complete(session, row.id)
        found = inbox.list_page(session, row, wanted, parts.settings.address, before=before, limit=PAGE + 1)
        lines = _lines(session, room, row, found[:PAGE], mark)
        after = visits.first_counted(row, mark)
        news = visits.list_news(session, row.id, after=after)
        tabs = [_tab(session, room, each) for each in channels_of(session, room)]
        coming = row.audience != "public" and terms.holds(session, row.outlet_id, now=parts.clock.now())
    following = found[PAGE - 1].entry.number if len(found) > PAGE else None
    return show(
        room,
        "inbox.html",
        channel=row,
        lines=lines,
        news=_counted(news),
        seen=seen,
        tabs=tabs,
        states=STATES,
        topics=schemas.vocabulary("topics").codes,
        wanted=wanted,
        only_new=only_new,
        most=visits.NEWS_AT_MOST if after > mark else 0,
        complete=complete,
        coming=coming,
        next=_next(following),
    )


@bp.post("/<outlet>/inbox/<channel>/seen")
def mark_seen(outlet: str, channel: str) -> AnyResponse:
    room, parts = enter(outlet), services()
    number = number_in(request.form.get("number", "")) or 0
    with parts.database.writing() as session:
        visits.mark(session, room.user_id, channel_of(session, room, channel), number, now=parts.clock.now())
    return go_on(room.path(f"inbox/{channel}/"))


def entry_path(room: Newsroom, channel: str, uid: str, rest: str = "") -> str:
    """The page of an entry at this desk, by its permanent id."""
    return room.path(f"inbox/{channel}/{uid.removeprefix('urn:uuid:')}{rest}")


def _lines(session: Session, room: Newsroom, channel: Channel, found: Sequence[Standing], mark: int) -> list[Line]:
    entries = [each.entry for each in found]
    items = inbox_index.items_of(session, entries, channel, Variant.NO_CONTACTS, services().settings.address)
    stories, family = {entry.story_id for entry in entries}, family_of(session, room)
    told = uses.list_of_outlets(session, family, stories)
    waiting = receipts.list_open_of(session, family, stories)
    lines = []
    for standing in found:
        entry = standing.entry
        if entry.id not in items:
            continue
        is_new = entry.number > mark
        is_corrected = is_new and standing.kind == ChangeKind.CORRECTED and entry.state != Status.WITHDRAWN
        corrections = corrected.to_outlets(session, entry.story_id, [channel.outlet_id]) if is_corrected else None
        here = [each for each in corrections or () if each.channel == f"{room.code}/{channel.code}"]
        lines.append(
            Line(
                item=items[entry.id],
                path=entry_path(room, channel.code, entry.uid),
                kind=standing.kind,
                is_new=is_new,
                told=here[-1:],
                uses=told.get(entry.story_id, ()),
                receipt=waiting.get(entry.story_id),
            )
        )
    return lines


def _tab(session: Session, room: Newsroom, channel: Channel) -> Tab:
    seen = visits.find(session, room.user_id, channel.id)
    after = visits.first_counted(channel, seen.number if seen is not None else 0)
    news = visits.list_news(session, channel.id, after=after) if seen is not None else ()
    path = room.path(f"inbox/{channel.code}/")
    return Tab(code=channel.code, title=channel.title, path=path, news=sum(each.entries for each in news))


def _counted(news: Sequence[News]) -> dict[str, int]:
    """How many entries are new, corrected, reduced, held, asked back, withdrawn, or to be minded for another reason."""
    counts: dict[str, int] = {}
    for each in news:
        name = each.state if each.kind == ChangeKind.FLAGGED else each.kind
        counts[name] = counts.get(name, 0) + each.entries
    return counts


def _wanted() -> Wanted:
    state, topic = request.args.get("state", ""), request.args.get("topic", "")
    return Wanted(
        state=state if state in set(Status) else "",
        topic=topic if topic in schemas.vocabulary("topics") else "",
        query=typed.parse(request.args.get("q", "")),
    )


def _next(following: int | None) -> str:
    if following is None:
        return ""
    return "?" + urlencode({**request.args.to_dict(), "before": following})
