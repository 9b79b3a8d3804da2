"""The postman beside a real worker: whoever hangs outside holds up nothing inside; a killed hub sends nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from hub.app import create_app
from hub.background import create_postman, create_worker
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import letters, webhooks
from hub.models import Change, Channel, Letter, WebhookDelivery
from hub.outlets import catalog
from hub.records import outbox
from hub.records.secret import Secret
from tests.builders import a_story, build_world
from tests.delivery.people import seat_people
from tests.delivery.post_office import a_post_office
from tests.delivery.sinks import a_silent_port
from tests.serving import environment_of, wait_until

EMBARGO = timedelta(seconds=2)
MORNING = 300  # deadlines that pass at once
LATE = timedelta(seconds=1.5)  # on a busy machine; those who hang would keep it for 15 and 30 seconds


def test_a_mail_server_and_a_receiver_that_hang_hold_up_no_embargo(settings: Settings, database: Database) -> None:
    clock = SystemClock()
    with a_silent_port() as mail_port, a_silent_port() as hook_port:
        hanging = replace(settings, smtp=f"smtp://127.0.0.1:{mail_port}", allow_networks="127.0.0.1")
        app = create_app(hanging, clock=clock)
        world = build_world(app, database, now=clock.now() - timedelta(days=1))
        seat_people(database, clock)
        with database.writing() as session:
            outbox.add_notice(session, "released", at=clock.now(), outlets=["newspaper"])  # its webhook is due first
            webhooks.add(
                session,
                Secret.of(hanging),
                url=f"http://127.0.0.1:{hook_port}/",
                allowed=hanging.allowed_networks,
                outlet=catalog.get_outlet(session, "newspaper"),
                now=clock.now(),
            )
            for number in range(MORNING):
                outbox.add_notice(session, "late", at=clock.now(), organization="nghe-ca", duty=number, clause="7.2")
        worker, postman, stop = create_worker(hanging), create_postman(hanging), threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        with postman.working():
            thread.start()
            try:
                wait_until(lambda: _is_sending(database), 30, lambda: "nothing is being sent")
                until = clock.now() + EMBARGO
                story = a_story(title="Bài hai", embargo_until=until.isoformat())
                world.release(story, external_id="two", channels=["public/all"])
                wait_until(lambda: _seen_at(database) is not None, 30, lambda: "the embargo did not end")
                assert _is_sending(database)  # all the while
            finally:
                stop.set()
                thread.join(20)
        seen_at = _seen_at(database)
        assert seen_at is not None
        assert timedelta(0) <= seen_at - until < LATE
        for part in (worker.database, postman.database, app.extensions["hub"].database):
            part.engine.dispose()


def test_a_hub_that_is_killed_while_a_letter_is_on_its_way_sends_it_once(
    settings: Settings, database: Database
) -> None:
    """kill -9 of a real worker, after the mail server took the letter and before it could say so."""
    clock = SystemClock()
    taken, killed = threading.Event(), threading.Event()

    def die_now() -> None:
        taken.set()
        killed.wait(30)

    with a_post_office() as office:
        office.on_message = die_now
        posted = replace(settings, smtp=f"smtp://127.0.0.1:{office.port}")
        app = create_app(posted, clock=clock)
        build_world(app, database, now=clock.now() - timedelta(days=1))
        seat_people(database, clock)
        with database.writing() as session:
            outbox.add_notice(session, "late", at=clock.now(), outlet="tv", duty=1, clause="7.2")
        command = [sys.executable, "-m", "hub", "worker"]
        process = subprocess.Popen(command, env=environment_of(posted), stderr=subprocess.DEVNULL)
        try:
            assert taken.wait(60), "the letter never arrived"
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            killed.set()
        office.on_message = lambda: None
        postman = create_postman(posted)
        assert postman.round() == 0  # somebody may still be at it
        with database.writing() as session:
            session.execute(update(Letter).values(claimed_until=clock.now() - letters.CLAIM))
        assert postman.round() == 0
        with database.reading() as session:
            assert list(session.scalars(select(Letter.state))) == ["doubtful"]
        assert len(office.raw) == 1
        for part in (postman.database, app.extensions["hub"].database):
            part.engine.dispose()


def _is_sending(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(select(WebhookDelivery.id).where(WebhookDelivery.state == "sending")) is not None


def _seen_at(database: Database) -> datetime | None:
    """When the public first saw a story."""
    query = select(Change.at).join(Channel, Channel.id == Change.channel_id).where(Channel.audience == "public")
    with database.reading() as session:
        return session.scalar(query.order_by(Change.at).limit(1))
