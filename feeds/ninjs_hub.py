"""ninjs 3.1 with the hub's own fields: each news object carries ``_hub`` beside what IPTC defines.

Readers that know ninjs alone read the rest unchanged; ``schemas/ninjs-hub.v1.json`` combines both schemas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feeds import ninjs, story_json
from feeds.document import Feed, Item, Items, Tombstone

MEDIA_TYPE = ninjs.MEDIA_TYPE


def render(feed: Feed, items: Items) -> bytes:
    """The whole package; `items` newest change first."""
    return assemble(feed, [render_entry(item) for item in items])


def render_entry(item: Item) -> bytes:
    """One object of ``associations`` in UTF-8: independent of the feed's address, to be kept and used again."""
    return ninjs.dump(_extended, item)


def assemble(feed: Feed, fragments: Sequence[bytes]) -> bytes:
    """Head, kept fragments in the order given, tail."""
    return ninjs.assemble(feed, fragments)


def _extended(item: Item) -> dict[str, Any]:
    told = story_json.tombstone_fields(item) if isinstance(item, Tombstone) else story_json.entry_fields(item)
    return {**ninjs.news_object(item), "_hub": told}
