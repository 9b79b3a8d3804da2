"""What the tests of notices share: telling the hub of something, and reading what the post office got."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from hub.clock import FixedClock
from hub.db import Database
from hub.delivery import letters
from hub.records import outbox
from tests.delivery.post_office import Office

TITLE = "Người giữ bến Đá Lau"  # of `a_story`
Choose = Callable[..., None]


def told(office: Office) -> dict[str, str]:
    """Recipient's name and subject of each letter."""
    return {str(message["To"].addresses[0].username): str(message["Subject"]) for message in office.mail}


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    return text.get_content(), html.get_content()


def states(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return letters.count_by_state(session)


def add_event(database: Database, clock: FixedClock, kind: str, **facts: Any) -> None:
    with database.writing() as session:
        outbox.add_notice(session, kind, at=clock.now(), **facts)


def subjects(office: Office, name: str) -> list[str]:
    """What somebody was sent, in order."""
    return [str(message["Subject"]) for message in office.mail if message["To"].addresses[0].username == name]
