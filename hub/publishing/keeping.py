"""Rendering ahead: after a change the worker makes a channel's documents, so that readers find them ready.

And the listings of the portal, and what entries are found by at outlets' desks, in portions: after a migration or a
restore all wait for theirs.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from hub.clock import Clock
from hub.db import Database
from hub.models import Document
from hub.outlets import inbox_lines, listings
from hub.publishing import inbox_index, listing, words
from hub.publishing.assemble import Address
from hub.publishing.documents import FORMATS, render_page
from hub.publishing.visibility import Variant
from hub.records import outbox

TIDY_SECONDS = 2.0
LISTING_SECONDS = 2.0  # that the worker lists at a stretch: embargoes must not wait for it


def render_channels(database: Database, clock: Clock, address: Address, channel_ids: Collection[int]) -> None:
    """Render every format of these channels, and the variants that somebody has read before."""
    with database.reading() as session:
        read = session.execute(
            select(Document.channel_id, Document.format, Document.variant).where(Document.channel_id.in_(channel_ids))
        )
        wanted = {(channel_id, format_name, Variant(variant)) for channel_id, format_name, variant in read}
    wanted |= {(channel_id, format_name, Variant.FULL) for channel_id in channel_ids for format_name in FORMATS}
    for channel_id, format_name, variant in sorted(wanted):
        render_page(database, clock, address, channel_id=channel_id, format_name=format_name, variant=variant)


def list_stories(database: Database, clock: Clock, address: Address) -> None:
    """Make waiting listings and inbox lines for LISTING_SECONDS at most; what still waits goes on by the outbox."""
    begun = clock.monotonic()
    while any([listing.catch_up(database, address), inbox_index.catch_up(database, address)]):  # each has its turn
        if clock.monotonic() - begun >= LISTING_SECONDS:
            with database.writing() as session:
                outbox.add(session, outbox.LIST_STORIES, {}, at=clock.now())
            return


def tidy_words(database: Database, clock: Clock, *, begin: bool) -> None:
    """Take from the full-text index what was erased, for TIDY_SECONDS at most; the rest goes on by the outbox."""
    begun, more = clock.monotonic(), True
    while more:
        with database.writing() as session:
            more = words.tidy(session, begin=begin)
            begin = False
            if more and clock.monotonic() - begun >= TIDY_SECONDS:
                outbox.add(session, outbox.TIDY_WORDS, {"begun": True}, at=clock.now())
                return


def list_missing(database: Database, clock: Clock, address: Address) -> None:
    """List stories that have no listing or whose listing nobody has made yet, as after a migration or a restore."""
    with database.writing() as session:
        listings.add_missing(session)
        inbox_lines.add_missing(session)
    list_stories(database, clock, address)
