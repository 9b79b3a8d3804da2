"""Documents ready to be sent, kept in this process's memory: the database is only asked for their revision."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

CACHE_BYTES = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ready:
    """A document as one address gives it, in both codings."""

    revision: int
    number: int  # the newest of the channel's ledger that it holds
    public: bool
    is_own: bool  # holds addresses of one key, so it is nobody else's
    body: bytes
    gzipped: bytes
    etag: str  # of the identity coding, without quotes
    modified_at: datetime
    last_modified: str  # the same as an HTTP date
    rendered_at: datetime
    links: str  # `hub` and `self` as one header; empty where nobody can subscribe

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body) + len(self.gzipped) + 500


class ReadyCache:
    """The most recently read documents of this process, up to CACHE_BYTES."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: OrderedDict[tuple[str, ...], Ready] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[str, ...]) -> Ready | None:
        with self._lock:
            ready = self._ready.get(key)
            if ready is not None:
                self._ready.move_to_end(key)
            return ready

    def put(self, key: tuple[str, ...], ready: Ready) -> None:
        with self._lock:
            before = self._ready.pop(key, None)
            self._size -= before.weight if before else 0
            self._ready[key] = ready
            self._size += ready.weight
            while self._size > CACHE_BYTES and len(self._ready) > 1:
                _, oldest = self._ready.popitem(last=False)
                self._size -= oldest.weight

    def forget(self) -> None:
        """Start anew, as another process does."""
        with self._lock:
            self._ready.clear()
            self._size = 0
