"""A page under the head of one address: the entries' bytes are kept, the head is joined here."""

from __future__ import annotations

from hub.models import Channel
from hub.outlets import catalog
from hub.publishing.assemble import Address, feed_of
from hub.publishing.documents import FORMATS, NINJS_HUB, RENDERERS, Page

PROFILE_HUB = ".ninjs?profile=hub"


def feed_suffix(format_name: str) -> str:
    """How the address of a feed ends in one format."""
    return PROFILE_HUB if format_name == NINJS_HUB else f".{format_name}"


def feed_path(channel: Channel, format_name: str, secret: str | None = None) -> str:
    """The path of a channel's feed, with its query; under an unguessable address when `secret` is one."""
    prefix = f"/feeds/k/{secret}" if secret else "/feeds"
    return f"{prefix}/{catalog.address_of(channel)}{feed_suffix(format_name)}"


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
        address=address,
    )
    body: bytes = RENDERERS[page.format].assemble(feed, [page.body] if page.count else [])
    return body
