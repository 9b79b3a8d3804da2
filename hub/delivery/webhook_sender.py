"""Sends webhooks: an event loop of its own, in which a slow receiver makes nobody wait but itself.

Each endpoint has its own task with a few deliveries; what is slow keeps its task, and the others go on.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Collection
from itertools import groupby

import structlog

from hub.clock import Clock
from hub.db import Database
from hub.delivery import retries, signatures, webhook_claims
from hub.delivery.addresses import Allowed
from hub.delivery.transport import Limits, NoAnswer, Request, Transport
from hub.delivery.urls import AddressRefused
from hub.delivery.webhook_claims import Order, Outcome
from hub.records.secret import Secret, WrongSecret

POLL_SECONDS = 1.0
TASKS = 32  # endpoints at the same time
FAILING_TASKS = 8  # of them those that fail: a crowd of dead ones leaves the others their turns
ATTEMPT_SECONDS = 90.0  # with the wait for a turn at a busy host; less than webhook_claims.CLAIM
STOP_SECONDS = 3.0

log = structlog.get_logger(__name__)


class WebhookSender:
    """Sends what is due. `chance` is asked for the jitter of retries."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        box: Secret,
        allowed: Allowed,
        *,
        limits: Limits | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._allowed = allowed
        self._limits = limits or Limits(max_bytes=4096)  # nobody reads what a receiver says
        self._chance = chance

    def round(self) -> int:
        """Everything that is due now, once; returns how many attempts were made."""
        return asyncio.run(self._round())

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        asyncio.run(self._run(stop))

    def try_once(self, order: Order) -> Outcome:
        """Send one order now, and write nothing down."""

        async def run() -> Outcome:
            async with Transport(self._allowed, limits=self._limits) as transport:
                return await self._post(transport, order)

        return asyncio.run(run())

    async def _round(self) -> int:
        count = 0
        async with Transport(self._allowed, limits=self._limits) as transport:
            while orders := self._claim((), failing=TASKS):
                await asyncio.gather(*(self._attempt(transport, order) for order in orders))
                count += len(orders)
        return count

    async def _run(self, stop: threading.Event) -> None:
        tasks: dict[str, asyncio.Task[None]] = {}
        failing = set[str]()
        async with Transport(self._allowed, limits=self._limits) as transport:
            while not stop.is_set():
                tasks = {endpoint: task for endpoint, task in tasks.items() if not _has_ended(task)}
                failing &= tasks.keys()
                orders = self._claim(tasks.keys(), failing=max(0, FAILING_TASKS - len(failing)))
                failing |= {order.endpoint_id for order in orders if order.failing}
                for endpoint, batch in groupby(orders, key=lambda order: order.endpoint_id):
                    tasks[endpoint] = asyncio.create_task(self._send(transport, list(batch)))
                if tasks:
                    await asyncio.wait(tasks.values(), timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.to_thread(stop.wait, POLL_SECONDS)
            if tasks:
                _, late = await asyncio.wait(tasks.values(), timeout=STOP_SECONDS)
                for task in late:
                    task.cancel()  # its claims run out, and it is sent again
                await asyncio.gather(*late, return_exceptions=True)

    def _claim(self, busy: Collection[str], *, failing: int) -> list[Order]:
        taken = set(busy)
        now = self._clock.now()
        if len(taken) >= TASKS:
            return []
        with self._database.reading() as session:
            if not webhook_claims.has_due(session, now=now, busy=taken):
                return []
        try:
            with self._database.writing() as session:
                free = TASKS - len(taken)
                return webhook_claims.claim(session, self._box, now=now, busy=taken, endpoints=free, failing=failing)
        except WrongSecret:
            log.error("webhooks_wait", reason="HUB_SECRET is not the one their secrets were sealed under")
            return []

    async def _send(self, transport: Transport, batch: list[Order]) -> None:
        await asyncio.gather(*(self._attempt(transport, order) for order in batch))

    async def _attempt(self, transport: Transport, order: Order) -> None:
        outcome = await self._post(transport, order)
        answered = outcome.status or outcome.fault
        log.info("webhook", endpoint=order.endpoint_id, message=order.message_id, status=answered)
        with self._database.writing() as session:
            webhook_claims.record(session, order, outcome, now=self._clock.now(), chance=self._chance())

    async def _post(self, transport: Transport, order: Order) -> Outcome:
        now = self._clock.now()
        headers = signatures.headers_for(order.body, message_id=order.message_id, at=now, keys=order.keys)
        headers["Content-Type"] = "application/json"
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                answer = await transport.send(Request(method="POST", url=order.url, headers=headers, body=order.body))
        except (AddressRefused, NoAnswer) as exc:
            return Outcome(None, str(exc.facts["reason"]))
        except TimeoutError:
            return Outcome(None, "busy")
        after = retries.read_retry_after(answer.headers.get("retry-after"), now=self._clock.now())
        return Outcome(answer.status, retry_after=after)


def _has_ended(task: asyncio.Task[None]) -> bool:
    if task.done():
        task.result()  # a database that cannot be used ends the round
    return task.done()
