"""Rendering ahead: after a change the worker makes a channel's documents, so that readers find them ready."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from hub.clock import Clock
from hub.db import Database
from hub.models import Document
from hub.publishing.assemble import Address
from hub.publishing.documents import FORMATS, render_page
from hub.publishing.visibility import Variant


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
