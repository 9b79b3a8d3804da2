"""The postman: events, mail, webhooks and pushes, each in a thread of its own beside the worker's loop.

A mail server or a receiver that is slow, or hangs, keeps nothing else waiting: embargoes end and pages are rendered in
the worker's own thread. Several postmen may work at once; what one has claimed no other takes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hub.db import Database
from hub.delivery.clerk import Clerk
from hub.delivery.mail_sender import MailSender
from hub.delivery.pushing.sender import PushSender
from hub.delivery.webhook_sender import WebhookSender

RETRY_SECONDS = 5.0
STOP_SECONDS = 5.0  # what hangs longer is left: its claim tells the next postman

Run = Callable[[threading.Event], None]  # works until the event is set
log = structlog.get_logger(__name__)


class Postman:
    """Carries what the worker has written down."""

    def __init__(
        self, database: Database, clerk: Clerk, mail: MailSender, webhooks: WebhookSender, pushes: PushSender
    ) -> None:
        self.database = database
        self.clerk = clerk
        self.mail = mail
        self.webhooks = webhooks
        self.pushes = pushes

    def close(self) -> None:
        """Give the connections to the database back."""
        self.database.engine.dispose()

    def round(self) -> int:
        """Everything that is due now, once; returns how many letters and requests there were."""
        self.clerk.round()
        return self.mail.round() + self.webhooks.round() + self.pushes.round()

    def runs(self) -> dict[str, Run]:
        """What carries, each in a thread of this name."""
        return {
            "clerk": self.clerk.run,
            "mail": self.mail.run,
            "webhooks": self.webhooks.run,
            "pushes": self.pushes.run,
        }

    @contextmanager
    def working(self) -> Iterator[None]:
        """Carry until the block is left."""
        with working_threads(self.runs()):
            yield


@contextmanager
def working_threads(runs: Mapping[str, Run], *, stop: threading.Event | None = None) -> Iterator[None]:
    """Let each of these run in a thread of its name until the block is left, or `stop` is set before that.

    All hear of it at once, and have STOP_SECONDS together: one that hangs takes no other's time to end what it does.
    """
    stop = stop or threading.Event()
    threads = [
        threading.Thread(target=_keep_on, args=(run, stop), name=name, daemon=True) for name, run in runs.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _keep_on(run: Run, stop: threading.Event) -> None:
    """Run again after a fault: of a database that will be back, or of ours, which must not end all sending."""
    while not stop.is_set():
        try:
            run(stop)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("postman_waits", thread=threading.current_thread().name, error=str(exc))
        except Exception as exc:
            log.error("postman_failed", thread=threading.current_thread().name, exc_info=exc)
        stop.wait(RETRY_SECONDS)
