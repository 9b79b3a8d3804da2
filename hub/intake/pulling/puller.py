"""Reads the sources that are due: an event loop of its own, in which a slow or hostile one keeps nobody waiting.

Each source has its own task, and everything about it is bounded: bytes on the wire and unpacked, seconds, redirects,
and the process that parses it. What is wrong with one is written into its row, and said in one line of the log.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import structlog

from hub.accounts.organizations import Closed
from hub.clock import Clock
from hub.db import Database
from hub.delivery import retries
from hub.delivery.addresses import Allowed
from hub.delivery.transport import AGENT, Answer, Limits, NoAnswer, Request, Transport
from hub.delivery.urls import AddressRefused
from hub.intake.pulling import bodies, drafting, faults, isolation, sources, watching
from hub.intake.pulling.bodies import BadBody
from hub.intake.pulling.drafting import Absorbed
from hub.intake.pulling.isolation import Bounds, Reading, Unreadable
from hub.intake.pulling.sources import PULL, Order, Polled
from hub.intake.pulling.watching import OutletEnded, Watched

TASKS = 4  # sources at the same time
PARSERS = 2  # processes at the same time
REDIRECTS = 5
POLL_SECONDS = 5.0
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)
WIRE = Limits(seconds=30.0, connect_seconds=5.0, max_bytes=5 * 1024 * 1024, per_host=2)
UNPACKED = 10 * 1024 * 1024  # bytes

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of reading one source. `fault` is a word of `faults`; `state` that of its row afterwards."""

    source_id: int
    host: str
    state: str
    fault: str
    unchanged: bool
    came: Absorbed | Watched | None


class Puller:
    """Reads sources. `base` is the hub's own address; `chance` is asked for the jitter of schedules."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        base: str,
        allowed: Allowed,
        wire: Limits = WIRE,
        unpacked: int = UNPACKED,
        bounds: Bounds | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.database = database
        self._clock = clock
        self._base = base
        self._allowed = allowed
        self._wire = wire
        self._unpacked = unpacked
        self._bounds = bounds or Bounds()
        self._chance = chance
        self._parsers = threading.Semaphore(PARSERS)

    def close(self) -> None:
        """Give the connections to the database back."""
        self.database.engine.dispose()

    def pull(self, only: Collection[int] | None = None) -> list[Report]:
        """Read everything that is due, or `only` these sources, due or not; returns what came of each."""
        return asyncio.run(self._pull(only))

    def run(self, stop: threading.Event) -> None:
        """Read what is due until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        while not stop.is_set():
            with self.database.reading() as session:
                is_due = sources.has_due(session, now=self._clock.now())
            if is_due:
                self.pull()
            stop.wait(POLL_SECONDS)

    async def _pull(self, only: Collection[int] | None) -> list[Report]:
        waiting = None if only is None else set(only)
        reports: list[Report] = []
        tasks: dict[int, asyncio.Task[Report]] = {}
        async with Transport(self._allowed, limits=self._wire) as transport:
            while True:
                with self.database.writing() as session:
                    orders = sources.claim(
                        session, now=self._clock.now(), busy=tasks.keys(), limit=TASKS - len(tasks), only=waiting
                    )
                for order in orders:
                    tasks[order.source_id] = asyncio.create_task(self._read(transport, order))
                    if waiting is not None:
                        waiting.discard(order.source_id)
                if not tasks:
                    return sorted(reports, key=lambda report: report.source_id)
                done, _ = await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
                reports += [task.result() for task in done]
                tasks = {source_id: task for source_id, task in tasks.items() if task not in done}

    async def _read(self, transport: Transport, order: Order) -> Report:
        """Read one source, and write down what became of it, whatever that is."""
        came: Absorbed | Watched | None = None
        try:
            polled, answer = await self._fetch(transport, order)
            if answer is not None:
                polled, came = await asyncio.to_thread(self._take, order, polled, answer)
        except Exception as exc:  # of ours: it must not end the reading of the others
            log.error("source_failed", source=order.source_id, exc_info=exc)
            polled = Polled(fault=faults.FAILED)
        with self.database.writing() as session:
            row = sources.record(session, order, polled, now=self._clock.now(), chance=self._chance())
        told = {"source": order.source_id, "host": sources.host_of(order.url), "state": row.state if row else "removed"}
        if polled.fault:
            log.warning("source_flagged", **told, fault=polled.fault, next_at=str(row.next_at) if row else "")
        else:
            log.info("source_read", **told, unchanged=polled.unchanged, **(_counts(came) if came else {}))
        return Report(
            source_id=order.source_id,
            host=str(told["host"]),
            state=str(told["state"]),
            fault=polled.fault,
            unchanged=polled.unchanged,
            came=came,
        )

    async def _fetch(self, transport: Transport, order: Order) -> tuple[Polled, Answer | None]:
        """Ask for the feed: the answer where it brings one, else what is wrong, or that nothing is new."""
        headers = {
            "Accept": ACCEPT,
            "Accept-Encoding": bodies.ASKED_FOR,
            "User-Agent": f"{AGENT} (+{self._base}/)",
            **({"If-None-Match": order.etag} if order.etag else {}),
            **({"If-Modified-Since": order.last_modified} if order.last_modified else {}),
        }
        try:
            answer = await transport.send(Request(url=order.url, headers=headers, redirects=REDIRECTS))
        except AddressRefused as exc:
            log.warning("source_refused", source=order.source_id, reason=exc.facts["reason"])
            return Polled(fault="address"), None
        except NoAnswer as exc:
            return Polled(fault="redirects" if exc.facts["reason"] == "redirects" else "no_answer"), None
        if answer.status == 304:
            return Polled(unchanged=True), None
        after = retries.read_retry_after(answer.headers.get("retry-after"), now=self._clock.now())
        if answer.status != 200:
            return Polled(fault=faults.of_status(answer.status), retry_after=after), None
        if answer.cut:
            return Polled(fault="too_large"), None
        etag, modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        return Polled(etag=etag, last_modified=modified), answer

    def _take(self, order: Order, polled: Polled, answer: Answer) -> tuple[Polled, Absorbed | Watched | None]:
        """Unpack, parse apart, and take in what the feed brings."""
        try:
            plain = bodies.unpack(answer.body, answer.headers.get("content-encoding", ""), max_bytes=self._unpacked)
            with self._parsers:
                charset = _charset(answer.headers.get("content-type", ""))
                found = isolation.read_apart(plain, location=answer.url, charset=charset, bounds=self._bounds)
            came = self._absorb(order, found, answer.url)
        except (BadBody, Unreadable) as exc:
            return replace(polled, fault=str(exc)), None
        except (Closed, OutletEnded):
            return replace(polled, fault=faults.CLOSED), None
        done = not isinstance(came, Absorbed) or came.is_done
        odd = came.odd or ("cut_off" if found.cut_off else "")
        keep = done and not found.cut_off  # a 304 would hide what is missing
        return replace(polled, read=True, fault=odd, keep=keep, asked_minutes=found.feed.ttl_minutes), came

    def _absorb(self, order: Order, found: Reading, location: str) -> Absorbed | Watched:
        if order.kind == PULL:
            return drafting.absorb(
                self.database, self._clock, order.source_id, found, location=location, base=self._base
            )
        return watching.watch(self.database, self._clock, order.source_id, found, location=location)


def _counts(came: Absorbed | Watched) -> dict[str, int]:
    return {word.value: count for word, count in came.counts.items() if count}


def _charset(content_type: str) -> str:
    """The charset parameter of a Content-Type."""
    for part in content_type.split(";")[1:]:
        name, _equals, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""
