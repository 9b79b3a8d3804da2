"""A page under the head of one address: the entries' bytes are kept, the head is joined here."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.document import Link
from feeds.websub import link_header
from hub.models import Channel
from hub.outlets import catalog
from hub.publishing.assemble import Address, feed_of
from hub.publishing.documents import FORMATS, NINJS_HUB, RENDERERS, Page
from hub.publishing.packs import Tickets
from hub.publishing.ranges import Part

PROFILE_HUB = ".ninjs?profile=hub"
WEBSUB_PATH = "/websub"
CALENDAR = "ics"  # beside the formats: what is planned, not what was released


def feed_suffix(format_name: str) -> str:
    """How the address of a feed ends in one format."""
    return PROFILE_HUB if format_name == NINJS_HUB else f".{format_name}"


def feed_path(channel: Channel, format_name: str, secret: str | None = None) -> str:
    """The path of a channel's feed, with its query; under an unguessable address when `secret` is one."""
    return f"{_place(channel, secret)}{feed_suffix(format_name)}"


def feeds_prefix(secret: str | None) -> str:
    """What stands before a channel's or outlet's address: ``/feeds``, or an unguessable place of its own."""
    return f"/feeds/k/{secret}" if secret else "/feeds"


def is_topic(channel: Channel, secret: str | None) -> bool:
    """May this address of a channel be subscribed to? A protected channel only under an unguessable one."""
    return secret is not None or channel.audience == "public"


def discovery(page: Page, address: Address, secret: str | None) -> str:
    """The Link header of a page that is a topic: its hub, and the topic's own address; else empty."""
    if page.part is not None or not is_topic(page.channel, secret):
        return ""
    return link_header(hub=address(WEBSUB_PATH), self_url=address(feed_path(page.channel, page.format, secret)))


def calendar_path(channel: Channel, secret: str | None = None) -> str:
    """The path of the calendar of a channel's broadcasts; under an unguessable address when `secret` is one."""
    return feed_path(channel, CALENDAR, secret)


def archive_path(channel: Channel, part: Part, format_name: str, secret: str | None = None) -> str:
    """The path of a page of a channel's archive, as `feed_path` gives it for the newest document."""
    return f"{_place(channel, secret)}/archive/{part.name}{feed_suffix(format_name)}"


def assembled(page: Page, address: Address, *, secret: str | None = None, tickets: Tickets | None) -> bytes:
    """The whole document of a page at one address, for the key that `tickets` are of; None: for the world."""
    channel = page.channel
    feed = feed_of(
        channel,
        self_path=_path(page, page.format, secret),
        home_path=f"/feeds/{catalog.address_of(channel)}",
        alternates=[(_path(page, name, secret), FORMATS[name].MEDIA_TYPE) for name in FORMATS if name != page.format],
        address=address,
        updated=page.updated,
        links=tuple(_links(page, address, secret)),
        is_archive=page.part is not None,
    )
    entries = page.body if tickets is None else tickets.fill(page.body)
    body: bytes = RENDERERS[page.format].assemble(feed, [entries] if page.count else [])
    return body


def _links(page: Page, address: Address, secret: str | None) -> Iterator[Link]:
    """To the WebSub hub where the address is a topic; to the newest document from its archive, and to the pages
    before and after (RFC 5005 §4)."""
    media_type = RENDERERS[page.format].MEDIA_TYPE.partition(";")[0]
    leads = {"prev-archive": page.paging.previous, "next-archive": page.paging.following}
    if page.part is None and is_topic(page.channel, secret):
        yield Link(rel="hub", href=address(WEBSUB_PATH))
    if page.part is not None:
        yield Link(rel="current", href=address(feed_path(page.channel, page.format, secret)), media_type=media_type)
    for rel, part in leads.items():
        if part is not None:
            href = address(archive_path(page.channel, part, page.format, secret))
            yield Link(rel=rel, href=href, media_type=media_type)


def _path(page: Page, format_name: str, secret: str | None) -> str:
    """The path of this page in one format."""
    if page.part is None:
        return feed_path(page.channel, format_name, secret)
    return archive_path(page.channel, page.part, format_name, secret)


def _place(channel: Channel, secret: str | None) -> str:
    return f"{feeds_prefix(secret)}/{catalog.address_of(channel)}"
