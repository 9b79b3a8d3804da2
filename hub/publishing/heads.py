"""A page under the head of one address: the entries' bytes are kept, the head is joined here."""

from __future__ import annotations

from feeds.document import Link
from feeds.websub import link_header
from hub.models import Channel
from hub.outlets import catalog
from hub.publishing.assemble import Address, feed_of
from hub.publishing.documents import FORMATS, NINJS_HUB, RENDERERS, Page

PROFILE_HUB = ".ninjs?profile=hub"
WEBSUB_PATH = "/websub"


def feed_suffix(format_name: str) -> str:
    """How the address of a feed ends in one format."""
    return PROFILE_HUB if format_name == NINJS_HUB else f".{format_name}"


def feed_path(channel: Channel, format_name: str, secret: str | None = None) -> str:
    """The path of a channel's feed, with its query; under an unguessable address when `secret` is one."""
    prefix = f"/feeds/k/{secret}" if secret else "/feeds"
    return f"{prefix}/{catalog.address_of(channel)}{feed_suffix(format_name)}"


def is_topic(channel: Channel, secret: str | None) -> bool:
    """May this address of a channel be subscribed to? A protected channel only under an unguessable one."""
    return secret is not None or channel.audience == "public"


def head_links(channel: Channel, address: Address, secret: str | None) -> tuple[Link, ...]:
    """The links of a head beside `self` and `alternate`: the WebSub hub, where the address is a topic."""
    return (Link(rel="hub", href=address(WEBSUB_PATH)),) if is_topic(channel, secret) else ()


def discovery(channel: Channel, format_name: str, address: Address, secret: str | None) -> str:
    """The Link header of a feed that is a topic: its hub, and the topic's own address; else empty."""
    if not is_topic(channel, secret):
        return ""
    return link_header(hub=address(WEBSUB_PATH), self_url=address(feed_path(channel, format_name, secret)))


def calendar_path(channel: Channel, secret: str | None = None) -> str:
    """The path of the calendar of a channel's broadcasts; under an unguessable address when `secret` is one."""
    return feed_path(channel, "ics", secret)


def assembled(page: Page, address: Address, *, secret: str | None = None) -> bytes:
    """The whole document of a channel's page at one address."""
    channel = page.channel
    feed = feed_of(
        channel,
        self_path=feed_path(channel, page.format, secret),
        home_path=f"/feeds/{catalog.address_of(channel)}",
        alternates=[
            (feed_path(channel, name, secret), FORMATS[name].MEDIA_TYPE) for name in FORMATS if name != page.format
        ],
        links=head_links(channel, address, secret),
        address=address,
    )
    body: bytes = RENDERERS[page.format].assemble(feed, [page.body] if page.count else [])
    return body
