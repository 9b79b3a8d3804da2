"""Sites whose feeds the tests read: real servers on 127.0.0.1, and the feeds that they serve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

from hub.accounts import organizations
from hub.clock import FixedClock
from hub.config import read_settings
from hub.db import Database
from hub.delivery.transport import Limits
from hub.intake.pulling import sources
from hub.intake.pulling.isolation import Bounds
from hub.intake.pulling.puller import Puller, Report
from hub.models import Source
from hub.outlets import catalog
from tests.delivery.sinks import Reply, Sink, a_sink

BASE = "https://hub.example"
LIMITS = Limits(seconds=15.0, connect_seconds=5.0, max_bytes=200_000)
TEXT = (
    "Tổ hợp tác nuôi hàu của mười hai hộ dân thôn Cồn Vành thu gom dây thừng cũ, giặt sạch rồi bện lại làm giá treo. "
    "Mỗi vụ đỡ mua ba tấn dây mới, bãi triều không còn rác nhựa trôi dạt."
)


def an_item(number: int = 1, text: str = TEXT, **parts: str) -> str:
    """One RSS item; a part of "" leaves it out."""
    said = {
        "title": f"Chuyện số {number}",
        "link": f"https://site.example/bai/{number}",
        "guid": f"https://site.example/?p={number}",
        "pubDate": "Sun, 22 Nov 2026 05:00:00 GMT",
        "description": f"<p>{text}</p>",
        **parts,
    }
    return "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in said.items() if value) + "</item>"


def a_feed(*items: str, head: str = "") -> bytes:
    """An RSS feed."""
    channel = f"<title>Trang của hội</title><link>https://site.example/</link>{head}{''.join(items)}"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def a_reply(*items: str, head: str = "", **headers: str) -> Reply:
    """A feed as an answer."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(headers={"Content-Type": "application/rss+xml", **sent}, body=a_feed(*items, head=head))


@dataclass
class Site:
    """A hub that reads sinks; `sources` are the numbers of what it reads."""

    database: Database
    clock: FixedClock
    sinks: Sequence[Sink]
    sources: list[int] = field(default_factory=list)
    limits: Limits = LIMITS
    bounds: Bounds = field(default_factory=Bounds)
    unpacked: int = 400_000

    @property
    def puller(self) -> Puller:
        allowed = read_settings({"HUB_ALLOW_NETWORKS": ",".join(sink.allowed for sink in self.sinks)}).allowed_networks
        return Puller(
            self.database,
            self.clock,
            base=BASE,
            allowed=allowed,
            wire=self.limits,
            unpacked=self.unpacked,
            bounds=self.bounds,
            chance=lambda: 0.0,
        )

    def add(self, sink: Sink, **owner: str) -> int:
        """Read a sink, for the fishers where nobody else is named."""
        with self.database.writing() as session:
            code = owner.get("organization", "" if owner else "nghe-ca")
            row = sources.add(
                session,
                sink.url,
                organization=organizations.get(session, code) if code else None,
                outlet=catalog.get_outlet(session, owner["outlet"]) if "outlet" in owner else None,
                allowed=read_settings({"HUB_ALLOW_NETWORKS": sink.allowed}).allowed_networks,
                now=self.clock.now(),
            )
            self.sources.append(row.id)
            return row.id

    def pull(self, *only: int) -> list[Report]:
        return self.puller.pull(only or self.sources)

    def row(self, source_id: int) -> Source:
        with self.database.reading() as session:
            return session.get_one(Source, source_id)


@contextmanager
def a_site(database: Database, clock: FixedClock, *replies: Reply, **limits: Any) -> Iterator[tuple[Site, Sink]]:
    """One sink that the fishers' drafts come from."""
    with a_sink(*replies) as sink:
        site = Site(database, clock, [sink], **limits)
        site.add(sink)
        yield site, sink
