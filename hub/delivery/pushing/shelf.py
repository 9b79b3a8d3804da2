"""The shelf: documents at hand for pushes that go out now; a moment later they are read anew.

A thousand subscribers of one topic cost one reading, and still nobody is sent what was taken back a second ago.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

FRESH_SECONDS = 1.0


class Document(Protocol):
    """A topic's whole document, with what stands around it in a push."""

    @property
    def revision(self) -> int: ...
    @property
    def number(self) -> int: ...  # the newest of the channel's ledger that it holds
    @property
    def body(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def self_url(self) -> str: ...
    @property
    def hub_url(self) -> str: ...


Load = Callable[[int, str, str], Document | None]  # a channel's id, a format, a topic; None: it is no topic any more


@dataclass(frozen=True, slots=True)
class _Kept:
    document: Document | None
    read_at: float


@dataclass(slots=True)
class Shelf:
    """Documents by channel, format and topic. `load` is called in threads."""

    load: Load
    _kept: dict[tuple[int, str, str], _Kept] = field(default_factory=dict)
    _reading: dict[tuple[int, str, str], asyncio.Lock] = field(default_factory=dict)

    async def get(self, channel_id: int, format_name: str, topic: str, *, at_least: int) -> Document | None:
        """The document as it is now, at the most FRESH_SECONDS old, and not of an older revision than `at_least`."""
        name = (channel_id, format_name, topic)
        if (found := self._fresh(name, at_least)) is not None:
            return found.document
        async with self._reading.setdefault(name, asyncio.Lock()):
            if (found := self._fresh(name, at_least)) is None:
                read_at = asyncio.get_running_loop().time()
                found = _Kept(await asyncio.to_thread(self.load, channel_id, format_name, topic), read_at)
                self._kept[name] = found
        return found.document

    def clear_old(self) -> None:
        """Forget what is not fresh: each key has documents of its own, and they are large."""
        now = asyncio.get_running_loop().time()
        self._kept = {name: kept for name, kept in self._kept.items() if now - kept.read_at < FRESH_SECONDS}
        self._reading = {name: lock for name, lock in self._reading.items() if name in self._kept or lock.locked()}

    def _fresh(self, name: tuple[int, str, str], at_least: int) -> _Kept | None:
        kept = self._kept.get(name)
        if kept is None or asyncio.get_running_loop().time() - kept.read_at >= FRESH_SECONDS:
            return None
        return kept if kept.document is None or kept.document.revision >= at_least else None
