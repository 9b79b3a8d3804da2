"""The composition root of what works beside the web: worker, postman, puller and reader, built from settings.

Apart from `app`, so that a worker loads no doors, and a server no HTTP client.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.clock import Clock, SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.delivery import account_letters
from hub.delivery.clerk import Clerk
from hub.delivery.mail_sender import MailSender
from hub.delivery.postman import Postman, Run
from hub.delivery.pushing.sender import PushSender
from hub.delivery.webhook_sender import WebhookSender
from hub.intake import likeness_checks, resumable
from hub.intake.media_store import MediaStore
from hub.intake.pulling.puller import Puller
from hub.intake.tables import imports
from hub.intake.word_reader import WordReader
from hub.models import Outbox
from hub.operation import proving, sweeping
from hub.publishing import keeping, topics
from hub.publishing.topics import Pushed
from hub.records import outbox
from hub.records.secret import Secret
from hub.records.signing_keys import Signer
from hub.worker import Worker


def create_worker(settings: Settings, *, clock: Clock | None = None) -> Worker:
    """The worker, with a handler for each kind of work."""
    clock = clock or SystemClock()
    database = Database(make_engine(settings.database), info=Signer.of(settings).info)
    store = MediaStore(settings.media_folder)

    def render(rows: Sequence[Outbox]) -> None:
        keeping.render_channels(database, clock, settings.address, {row.payload["channel"] for row in rows})
        list_stories(rows)

    def list_stories(_rows: Sequence[Outbox]) -> None:
        keeping.list_stories(database, clock, settings.address)

    def tidy_words(rows: Sequence[Outbox]) -> None:
        keeping.tidy_words(database, clock, begin=any("begun" not in row.payload for row in rows))

    def check_likeness(rows: Sequence[Outbox]) -> None:
        likeness_checks.take(database, clock, rows)

    def resign(_rows: Sequence[Outbox]) -> None:
        likeness_checks.rebuild_some(database, clock)

    def write_account_letters(rows: Sequence[Outbox]) -> None:
        with database.writing() as session:
            account_letters.answer(session, rows, now=clock.now())

    def import_rows(rows: Sequence[Outbox]) -> None:
        for import_id in dict.fromkeys(row.payload["import"] for row in rows):
            imports.work(database, clock, import_id)

    def sweep(now: datetime) -> None:
        sweeping.sweep(database, store, now=now)
        resumable.sweep(database, resumable.Pieces(settings.pieces_folder), now=now)
        likeness_checks.begin_rebuild(database, clock)
        keeping.list_missing(database, clock, settings.address)
        proving.prove_due(database, now=now)

    handlers = {
        outbox.CHANNEL_CHANGED: render,
        outbox.CHECK_LIKENESS: check_likeness,
        outbox.RESIGN_STORIES: resign,
        outbox.ACCOUNT_LETTER: write_account_letters,
        outbox.LIST_STORIES: list_stories,
        outbox.TIDY_WORDS: tidy_words,
        outbox.IMPORT_ROWS: import_rows,
    }
    return Worker(database, clock, handlers=handlers, sweep=sweep)


def create_postman(settings: Settings, *, clock: Clock | None = None) -> Postman:
    """Who writes and carries mail, webhooks and pushes, beside the worker."""
    clock = clock or SystemClock()
    database = Database(make_engine(settings.database))
    box, allowed = Secret.of(settings), settings.allowed_networks

    def load(channel_id: int, format_name: str, topic: str) -> Pushed | None:
        secret = topics.secret_in(topic)
        return topics.load(
            database, clock, settings.address, box, channel_id=channel_id, format_name=format_name, secret=secret
        )

    return Postman(
        database,
        Clerk(database, clock, settings.address),
        MailSender(database, clock, settings),
        WebhookSender(database, clock, box, allowed),
        PushSender(database, clock, box, allowed, load),
    )


def create_puller(settings: Settings, *, clock: Clock | None = None) -> Puller:
    """Who reads the feeds of organizations and outlets, beside the worker and the postman."""
    database = Database(make_engine(settings.database), info=Signer.of(settings).info)
    return Puller(database, clock or SystemClock(), base=settings.base, allowed=settings.allowed_networks)


def create_word_reader(settings: Settings, *, clock: Clock | None = None) -> WordReader:
    """Who reads the Word files that people send, beside the worker."""
    store = MediaStore(settings.media_folder)
    return WordReader(Database(make_engine(settings.database)), clock or SystemClock(), store)


def runs_beside(settings: Settings) -> dict[str, Run]:
    """All that works beside the worker's own loop, each for a thread of this name."""
    reads = {"puller": create_puller(settings).run, "word reader": create_word_reader(settings).run}
    return {**create_postman(settings).runs(), **reads}
