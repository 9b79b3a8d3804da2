"""What pages of the public show, and how they are answered: channels and items for templates, kept for a minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from feeds.document import Entry as FeedEntry
from feeds.document import Item
from hub.http import qr
from hub.http.language import LANGUAGES, asked_language
from hub.http.services import services
from hub.http.wording import label
from hub.models import Channel, Entry
from hub.outlets import catalog
from hub.public.feeds import PRIVATE_CACHE, PUBLIC_CACHE
from hub.publishing import documents
from hub.publishing.documents import FORMATS
from hub.publishing.heads import calendar_path, feed_path
from hub.publishing.visibility import Variant

SELECTED = ("kinds", "stages", "topics", "priority_groups")  # dimensions of a selection that are vocabularies


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One format of a channel, at its address."""

    format: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChannel:
    """What pages show of a channel."""

    title: str
    description: str
    language: str
    outlet: str
    address: str  # outlet/channel
    profile: str
    public: bool
    selects: tuple[str, ...]  # what its selection asks for, in the language of the page
    page: str  # absolute, as all addresses here
    test_page: str  # the path of the channel that its readers can be tested with
    feeds: tuple[FeedLink, ...]
    calendar: str  # of what is planned, of a channel that has one
    updated: datetime


def page(
    session: Session, template: str, status: HTTPStatus = HTTPStatus.OK, *, public: bool = True, **facts: object
) -> Response:
    text = render(template, list_public(session), public=public, **facts)
    answer = Response(text, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    if not public or status is not HTTPStatus.OK:
        answer.headers["X-Robots-Tag"] = "noindex"
    return cached(answer, public=public)


def render(template: str, public_channels: list[ShownChannel], **facts: object) -> str:
    """A page; `public_channels` stand in its head, and their outlet gives the site its name."""
    site = public_channels[0].outlet if public_channels else gettext("Stories worth following")
    address = services().settings.address
    known = {"site": site, "public_channels": public_channels, "address": address, "is_entry": is_entry}
    known["qr"] = qr.svg
    known["language_chosen"] = request.args.get("lang") in LANGUAGES
    return render_template(template, **known, **facts)


def unkept_page(template: str, status: int = HTTPStatus.OK, **facts: object) -> Response:
    """A page for one pair of eyes: no cache keeps it, no search engine lists it."""
    public: list[ShownChannel] = []
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:  # past that the database may be what failed
        with services().database.reading() as session:
            public = list_public(session)
    answer = Response(render(template, public, **facts), status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def cached(answer: Response, *, public: bool) -> Response:
    answer.headers["Cache-Control"] = PUBLIC_CACHE if public else PRIVATE_CACHE
    answer.vary.update(("Accept-Language", "Authorization"))
    if answer.status_code != HTTPStatus.OK:
        return answer
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def list_public(session: Session) -> list[ShownChannel]:
    return [shown(row) for row in catalog.list_readable(session)]


def shown(row: Channel) -> ShownChannel:
    address = services().settings.address
    return ShownChannel(
        title=row.title,
        description=row.description,
        language=row.language,
        outlet=row.outlet.name,
        address=catalog.address_of(row),
        profile=row.profile,
        public=is_public(row),
        test_page=f"/feeds/{row.outlet.code}/test",
        selects=tuple(_selected(row.selection)),
        page=address(f"/feeds/{catalog.address_of(row)}"),
        feeds=tuple(feed_link(name, feed_path(row, name)) for name in FORMATS),
        calendar=address(calendar_path(row)) if catalog.has_calendar(row) else "",
        updated=row.head_at,
    )


def feed_link(format_name: str, path: str) -> FeedLink:
    """The feed at a path, as pages show it."""
    media_type: str = FORMATS[format_name].MEDIA_TYPE
    return FeedLink(format_name, services().settings.address(path), media_type.partition(";")[0])


def _selected(selection: Mapping[str, Iterable[str | Mapping[str, str]]]) -> Iterable[str]:
    for dimension in SELECTED:
        for code in selection.get(dimension, ()):
            yield label(dimension, str(code))
    for place in selection.get("places", ()):
        if isinstance(place, Mapping):
            yield ", ".join(place[part] for part in ("commune", "province") if part in place)


def items_of(session: Session, rows: Iterable[tuple[Entry, Channel]]) -> list[Item]:
    rows = list(rows)
    media = documents.media_of(session, {entry.release_id for entry, _ in rows})
    corrections = documents.corrections_of(session, [entry for entry, _ in rows])
    address = services().settings.address
    found = (
        documents.find_item(
            entry,
            channel,
            media.get(entry.release_id, {}),
            Variant.FULL,
            address,
            corrected=corrections.get(entry.id),
        )
        for entry, channel in rows
    )
    return [item for item in found if item is not None]


def is_entry(item: Item) -> bool:
    """Is there something to show, not only a tombstone?"""
    return isinstance(item, FeedEntry)


def is_public(channel: Channel) -> bool:
    return channel.audience == "public"
