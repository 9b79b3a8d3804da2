"""Sends pushes, asks callbacks and tells them: an event loop of its own, whose turns `lanes` gives out.

What is due is claimed in batches and written down in batches, in threads beside the loop: a fan-out to thousands is
some dozens of transactions. The document is read when it is sent. Whoever hangs keeps a turn that nobody misses.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from feeds import websub
from hub.clock import Clock
from hub.db import Database
from hub.delivery import retries
from hub.delivery.addresses import Allowed
from hub.delivery.pushing import intents, lanes, pushes, subscriptions
from hub.delivery.pushing.intents import Question, Reply
from hub.delivery.pushing.lanes import Flight, Lane, Queue, Traffic
from hub.delivery.pushing.pushes import Order, Outcome
from hub.delivery.pushing.shelf import Document, Load, Shelf
from hub.delivery.transport import Answer, Limits, Lookup, NoAnswer, Request, Transport
from hub.delivery.urls import AddressRefused
from hub.records.secret import Secret

POLL_SECONDS = 0.5
BUSY_SECONDS = 0.2  # between two looks for more while there is work
WRITE_SECONDS = 0.2  # at the most, until what has landed is written down
TICK_SECONDS = 0.02  # what lands meanwhile is handled together
GIVE_WAY_SECONDS = 1.0  # at the most, for which those who fail let a crowd of the healthy go first
SWEEP_SECONDS = 5.0
WRITTEN_TOGETHER = 256
ATTEMPT_SECONDS = 20.0
LAST_START = timedelta(seconds=25)  # before a claim ends: nobody else may send while this one does
OWN_AT_ONCE = 16  # documents of one key's own in memory
STOP_SECONDS = 3.0
# What a subscriber says beside its status is ignored (§7), and thousands of idle connections would be too many.
LIMITS = Limits(max_bytes=0, idle_seconds=0)

log = structlog.get_logger(__name__)
Waiting = Order | Question
Landed = Outcome | Reply


@dataclass(slots=True)
class _Desk:
    """One run's work: what is claimed and waits for a turn, what is on its way, and what came of it."""

    pushing: Transport
    asking: Transport
    shelf: Shelf
    traffic: Traffic = field(default_factory=Traffic)
    own: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OWN_AT_ONCE))
    waiting: dict[Lane, Queue[Waiting]] = field(default_factory=lambda: {lane: Queue(lane) for lane in Lane})
    tasks: set[asyncio.Task[Landed]] = field(default_factory=set)
    landed: list[asyncio.Task[Landed]] = field(default_factory=list)
    look_at: dict[Lane, float] = field(default_factory=lambda: dict.fromkeys(Lane, 0.0))
    write_at: float = 0.0
    sweep_at: float = 0.0
    give_way_until: float = field(default_factory=lambda: asyncio.get_running_loop().time() + GIVE_WAY_SECONDS)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_closing: bool = False
    count: int = 0

    @property
    def is_idle(self) -> bool:
        return not self.tasks and not self.landed and not any(self.waiting.values())

    @property
    def is_crowded(self) -> bool:
        """Are many of the healthy on their way, or about to be?"""
        return len(self.waiting[Lane.HEALTHY]) + self.traffic.count(Lane.HEALTHY) >= lanes.TURNS[Lane.FAILING]

    def held_turns(self) -> Counter[str]:
        """How much is on its way, or waits for its turn, by place."""
        return self.traffic.places + Counter(one.place for queue in self.waiting.values() for one in queue)


class PushSender:
    """Sends what is due. `load` gives documents; `chance` is asked for the jitter of retries.

    `lookup` and `trust` are for tests, as those of the transport are.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        box: Secret,
        allowed: Allowed,
        load: Load,
        *,
        limits: Limits | None = None,
        chance: Callable[[], float] = random.random,
        lookup: Lookup | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._allowed = allowed
        self._load = load
        self._pushing = limits or LIMITS
        self._asking = replace(self._pushing, max_bytes=4096)
        self._chance = chance
        self._lookup = lookup
        self._trust = trust

    def round(self) -> int:
        """Everything that is due now, once; returns how many requests were made."""
        return asyncio.run(self._run(None))

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event | None) -> int:
        async with self._open(self._pushing) as pushing, self._open(self._asking) as asking:
            desk = _Desk(pushing, asking, Shelf(self._load))
            try:
                await self._work(desk, stop)
            finally:
                await self._leave(desk)
        return desk.count

    def _open(self, limits: Limits) -> Transport:
        return Transport(self._allowed, limits=limits, lookup=self._lookup, trust=self._trust)

    async def _work(self, desk: _Desk, stop: threading.Event | None) -> None:
        while stop is None or not stop.is_set():
            await self._write(desk)
            await self._sweep(desk)
            found = await self._claim(desk, at_once=stop is None and desk.is_idle)
            if stop is None and desk.is_idle and not found:
                return
            for lane in desk.waiting:
                self._start(desk, lane)  # somebody may have stepped aside
            desk.shelf.clear_old()
            await _pause(desk)

    async def _write(self, desk: _Desk) -> None:
        """What has landed: its place may have more, and it is written down."""
        now = asyncio.get_running_loop().time()
        few = len(desk.landed) < WRITTEN_TOGETHER and now < desk.write_at and desk.tasks and not desk.is_closing
        if few or not desk.landed:
            return
        desk.write_at = now + WRITE_SECONDS
        some, desk.landed = [task.result() for task in desk.landed], []  # a fault of ours ends the run
        desk.count += len(some)
        soon = now + BUSY_SECONDS
        desk.look_at = {lane: min(at, soon) for lane, at in desk.look_at.items()}
        await asyncio.to_thread(self._write_down, some)

    def _write_down(self, landed: Sequence[Landed]) -> None:
        outcomes = [one for one in landed if isinstance(one, Outcome)]
        replies = [one for one in landed if isinstance(one, Reply)]
        now = self._clock.now()
        for start in range(0, len(outcomes), WRITTEN_TOGETHER):
            with self._database.writing() as session:
                pushes.record(session, outcomes[start : start + WRITTEN_TOGETHER], now=now, chance=self._chance)
        if replies:
            with self._database.writing() as session:
                intents.record(session, replies, now=now)
        _tell(outcomes, replies)

    async def _sweep(self, desk: _Desk) -> None:
        now = asyncio.get_running_loop().time()
        if now < desk.sweep_at:
            return
        desk.sweep_at = now + SWEEP_SECONDS
        await asyncio.to_thread(self._end_dead)

    def _end_dead(self) -> None:
        now = self._clock.now()
        with self._database.reading() as session:
            if not subscriptions.has_dead(session, now=now):
                return
        with self._database.writing() as session:
            count = subscriptions.end_dead(session, now=now)
        log.info("subscriptions_ended", count=count)

    async def _claim(self, desk: _Desk, *, at_once: bool) -> int:
        """Claim more for the lanes that have turns to give; returns how much was found."""
        now = asyncio.get_running_loop().time()
        found = 0
        for lane, queue in desk.waiting.items():
            if queue.ready >= lanes.TURNS[lane] or (now < desk.look_at[lane] and not at_once):
                continue
            if lane is Lane.FAILING and desk.is_crowded and now < desk.give_way_until:
                continue
            claimed = await asyncio.to_thread(self._claim_some, lane, desk.held_turns())
            queue.put(claimed)
            self._start(desk, lane)
            found += len(claimed)
            full = len(claimed) >= lanes.BATCHES[lane]
            desk.look_at[lane] = now + (0.0 if full else POLL_SECONDS)
            if lane is Lane.FAILING:
                desk.give_way_until = now + GIVE_WAY_SECONDS
        return found

    def _claim_some(self, lane: Lane, held: Mapping[str, int]) -> Sequence[Waiting]:
        now = self._clock.now()
        chosen: dict[str, Any] = {"held": held, "per_place": lanes.CLAIMED_PER_PLACE, "now": now}
        chosen["limit"] = lanes.BATCHES[lane]
        with self._database.reading() as session:
            if lane is Lane.ASKING:
                ids = intents.choose(session, **chosen)
            else:
                ids = pushes.choose(session, failing=lane is Lane.FAILING, **chosen)
        if not ids:
            return []
        with self._database.writing() as session:
            if lane is Lane.ASKING:
                return intents.claim(session, self._box, ids, now=now)
            return pushes.claim(session, self._box, ids, now=now)

    def _start(self, desk: _Desk, lane: Lane) -> None:
        """Begin as much as a lane has turns for."""
        queue, loop = desk.waiting[lane], asyncio.get_running_loop()
        while not desk.is_closing and (one := queue.take(desk.traffic, now=loop.time())) is not None:
            if one.claimed_until - self._clock.now() < LAST_START:
                queue.unpark(one.place)
                continue  # it waited for too long; whoever claims it next begins anew
            job: Coroutine[Any, Any, Landed]
            job = self._push(desk, one) if isinstance(one, Order) else self._ask(desk, one)
            task: asyncio.Task[Landed] = loop.create_task(job)
            flight = Flight(lane, one.place, loop.time())
            desk.tasks.add(task)
            desk.traffic.begin(flight)
            task.add_done_callback(partial(self._land, desk, flight))

    def _land(self, desk: _Desk, flight: Flight, task: asyncio.Task[Landed]) -> None:
        """A turn is free, and taken at once; what came of the flight is written down with others."""
        desk.tasks.remove(task)
        desk.traffic.end(flight)
        if not task.cancelled():
            desk.landed.append(task)
        desk.news.set()
        for queue in desk.waiting.values():
            queue.unpark(flight.place)
        for lane in desk.waiting:
            self._start(desk, lane)

    async def _push(self, desk: _Desk, order: Order) -> Outcome:
        if order.fault:
            return Outcome(order=order, fault=order.fault)
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                if not order.is_own:
                    return await self._deliver(desk, order)
                async with desk.own:
                    return await self._deliver(desk, order)
        except TimeoutError:
            return Outcome(order=order, fault="busy")

    async def _deliver(self, desk: _Desk, order: Order) -> Outcome:
        document = await desk.shelf.get(order.channel_id, order.format, order.topic, at_least=order.revision)
        if document is None:
            return Outcome(order=order, ended=True)
        if len(document.body) >= pushes.MAX_BYTES:
            log.error("push_too_large", channel=order.channel_id, format=order.format, bytes=len(document.body))
            return Outcome(order=order, fault="too_large")
        request = Request(
            method="POST", url=order.callback, headers=_headers(document, order.secret), body=document.body
        )
        answer = await _send(desk.pushing, request)
        if isinstance(answer, str):
            return Outcome(order=order, fault=answer)
        after = retries.read_retry_after(answer.headers.get("retry-after"), now=self._clock.now())
        sent = Outcome(order=order, revision=document.revision, number=document.number)
        return replace(sent, status=answer.status, retry_after=after)

    async def _ask(self, desk: _Desk, question: Question) -> Reply:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                answer = await _send(desk.asking, Request(url=question.url))
        except TimeoutError:
            return Reply(question, None)
        if isinstance(answer, str):
            return Reply(question, None)
        agreed = bool(question.challenge) and not answer.cut
        confirmed = agreed and websub.is_confirmed(answer.status, answer.body, question.challenge)
        return Reply(question, answer.status, confirmed)

    async def _leave(self, desk: _Desk) -> None:
        """Let what is on its way land for a little while, and give back what was never begun."""
        desk.is_closing = True
        if desk.tasks:
            _, late = await asyncio.wait(desk.tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()  # its claim runs out, and it is sent again
            await asyncio.gather(*late, return_exceptions=True)
        await self._write(desk)
        unbegun = [one for queue in desk.waiting.values() for one in queue if isinstance(one, Order)]
        if unbegun:
            with self._database.writing() as session:
                pushes.release(session, unbegun)


async def _pause(desk: _Desk) -> None:
    """Until something lands, and a moment longer; else until it is time to look again."""
    try:
        async with asyncio.timeout(BUSY_SECONDS if desk.tasks else POLL_SECONDS):
            await desk.news.wait()
    except TimeoutError:
        return
    desk.news.clear()
    await asyncio.sleep(TICK_SECONDS)


async def _send(transport: Transport, request: Request) -> Answer | str:
    """The answer, or a word for why there is none."""
    try:
        return await transport.send(request)
    except (AddressRefused, NoAnswer) as exc:
        return str(exc.facts["reason"])


def _headers(document: Document, secret: bytes) -> dict[str, str]:
    links = websub.link_header(hub=document.hub_url, self_url=document.self_url)
    headers = {"Content-Type": document.media_type, "Link": links}
    return headers | ({websub.SIGNATURE: websub.sign(document.body, secret)} if secret else {})


def _tell(outcomes: Sequence[Outcome], replies: Sequence[Reply]) -> None:
    """To the log: never a callback's path or a topic, which may be secrets."""
    if outcomes:
        log.info("pushed", taken=sum(one.taken for one in outcomes), of=len(outcomes))
    for one in outcomes:
        if not one.taken:
            said = one.fault or one.status or "ended"
            log.info("push_failed", subscription=one.order.subscription_id, place=one.order.place, answered=said)
    for reply in replies:
        question = reply.question
        log.info("callback_asked", mode=question.mode, place=question.place, confirmed=reply.confirmed)
