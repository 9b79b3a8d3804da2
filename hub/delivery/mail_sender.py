"""Sends letters one after the other over one connection; while the server is down, all of them wait.

One thread and one connection: a mail server that hangs holds up mail, and nothing else.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from hub.clock import Clock
from hub.config import Settings
from hub.db import Database
from hub.delivery import letters, mail, notices
from hub.delivery.letters import Claimed
from hub.delivery.mail import InDoubt, Letter, LetterRefused, MailDown, Post
from hub.delivery.notices import NothingToTell

POLL_SECONDS = 1.0
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 5.0, 300.0  # before a server that was down is asked again

log = structlog.get_logger(__name__)


class MailSender:
    """Sends what is due. `chance` is asked for the jitter of retries."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, *, chance: Callable[[], float] = random.random
    ) -> None:
        self._database = database
        self._clock = clock
        self._server = mail.read_server(settings.smtp) if settings.smtp else None
        self._sender = settings.sender
        self._address = settings.address
        self._host = urlsplit(settings.base).hostname or "localhost"
        self._chance = chance
        self._rest_seconds = 0.0
        self._rest_until = float("-inf")  # on the monotonic clock

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. Raises what a database raises that cannot be used; call it again."""
        while not stop.is_set():
            self.round(stop)
            stop.wait(POLL_SECONDS)

    def round(self, stop: threading.Event | None = None) -> int:
        """Everything that is due now, once; returns how many letters were taken."""
        now = self._clock.now()
        with self._database.reading() as session:
            if not letters.has_due(session, now=now):
                return 0
        with self._database.writing() as session:
            doubtful = letters.doubt_stale(session, now=now)
        if doubtful:
            log.error("letters_in_doubt", count=doubtful)
        if self._server is None or self._clock.monotonic() < self._rest_until:
            return 0
        try:
            with Post(self._server, own_name=self._host) as post:
                count = self._send_all(post, stop or threading.Event())
            self._rest_seconds = 0.0
            return count
        except MailDown as exc:
            self._rest_seconds = min(LONGEST_REST_SECONDS, max(FIRST_REST_SECONDS, 2 * self._rest_seconds))
            self._rest_until = self._clock.monotonic() + self._rest_seconds
            log.warning("mail_waits", reason=exc.facts["reason"], seconds=self._rest_seconds)
            return 0

    def send_test(self, *, to: str, name: str, language: str) -> None:
        """Send a letter that means nothing, now. Raises MailDown, LetterRefused or InDoubt."""
        if self._server is None:
            raise MailDown(reason="HUB_SMTP is empty")
        now = self._clock.now()
        words = notices.test_words(name=name, language=language, address=self._address)
        letter = Letter(
            to=to,
            name=name,
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=language,
            message_id=f"test-{now.timestamp():.6f}@{self._host}",
            at=now,
        )
        message = mail.compose(letter, sender=self._sender, list_id=f"notices.{self._host}")
        with Post(self._server, own_name=self._host) as post:
            post.send(message)

    def _send_all(self, post: Post, stop: threading.Event) -> int:
        count = 0
        while not stop.is_set():
            now = self._clock.now()
            with self._database.writing() as session:
                claimed = letters.claim(session, now=now)
                if claimed is None:
                    return count
                session.flush()
                try:
                    letter = notices.compose(session, claimed.letter, address=self._address, host=self._host, now=now)
                except NothingToTell:
                    letters.mark_overtaken(session, claimed, now=now)
                    continue
                except (LookupError, ValueError, TypeError, AttributeError) as exc:  # must not hold up the others
                    log.error("letter_not_composed", letter=claimed.letter.id, exc_info=exc)
                    letters.postpone(session, claimed, fault="not composed", now=now, chance=self._chance())
                    continue
                if letter is None:
                    letters.mark_dead(session, claimed, fault="nobody to tell", now=now)
                    continue
            count += self._send(post, claimed, letter)
        return count

    def _send(self, post: Post, claimed: Claimed, letter: Letter) -> int:
        """Hand one letter over and write down what became of it; 1 when it was taken."""
        try:
            post.send(mail.compose(letter, sender=self._sender, list_id=f"notices.{self._host}"))
        except MailDown:
            with self._database.writing() as session:
                letters.put_back(session, claimed)
            raise
        except InDoubt as exc:
            log.error("letter_in_doubt", letter=claimed.letter.id, reason=exc.facts["reason"])
            with self._database.writing() as session:
                letters.mark_doubtful(session, claimed, fault=exc.facts["reason"], now=self._clock.now())
            raise MailDown(reason=exc.facts["reason"]) from exc
        except LetterRefused as exc:
            log.warning("letter_refused", letter=claimed.letter.id, reason=exc.facts["reason"])
            with self._database.writing() as session:
                if exc.for_ever:
                    letters.mark_dead(session, claimed, fault=exc.facts["reason"], now=self._clock.now())
                else:
                    letters.postpone(
                        session, claimed, fault=exc.facts["reason"], now=self._clock.now(), chance=self._chance()
                    )
            return 0
        with self._database.writing() as session:
            letters.mark_sent(session, claimed, now=self._clock.now())
        return 1
