"""A real mail server on 127.0.0.1 (aiosmtpd), with the moods of real ones."""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

USER, PASSWORD = "hub", "rất-bí-mật/@:"


@dataclass
class Office:
    """What arrived, and what the server answers: `of_recipient` and `of_message` may be changed while it runs."""

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    of_sender: str = "250 fine"
    of_recipient: Callable[[str], str] = lambda _: "250 fine"
    of_message: str = "250 fine"
    on_message: Callable[[], None] = lambda: None  # after it was taken, before that is said
    hang_up: bool = False  # take the message, and say nothing

    @property
    def mail(self) -> list[EmailMessage]:
        return [cast("EmailMessage", email.message_from_bytes(raw, policy=default)) for raw in self.raw]

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.of_sender.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.of_sender

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        answer = self.of_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        if self.of_message.startswith("2"):
            self.raw.append(cast("bytes", envelope.original_content))
            self.recipients += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
            await asyncio.get_running_loop().run_in_executor(None, self.on_message)
        if self.hang_up:
            server.transport.abort()
        return self.of_message

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)  # the server says 235 or 535 itself


@contextmanager
def a_post_office(
    *,
    port: int = 0,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    office: Office | None = None,
) -> Iterator[Office]:
    """A mail server that takes everything; with a certificate it offers STARTTLS or speaks TLS, and lets USER in."""
    office = office or Office()
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(
            office,
            hostname="mail.example",
            tls_context=starttls,
            authenticator=office.let_in,
            auth_require_tls=starttls is not None,
            loop=loop,
        )

    async def listen() -> asyncio.Server:
        return await loop.create_server(session, "127.0.0.1", port, ssl=tls)

    server = loop.run_until_complete(listen())
    office.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield office
    finally:

        async def close() -> None:
            server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await loop.shutdown_default_executor()

        asyncio.run_coroutine_threadsafe(close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
