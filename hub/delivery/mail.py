"""Mail: one letter as a message, and an open connection to the mail server; the only importer of smtplib.

What SMTP can promise: until the final dot of a message is sent, the server has not taken it, so whatever fails before
may be tried again. Once the dot is sent and no answer comes (the line breaks, either side dies), nobody can know
whether it was taken (RFC 1047); that is `InDoubt`, and the caller decides. A letter's Message-ID never changes, so
that a repeat can be recognised by servers and people.
Source: RFC 5321 (SMTP), RFC 5322, RFC 2047, RFC 3834 (Auto-Submitted), RFC 2919 (List-Id).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from types import TracebackType
from urllib.parse import unquote, urlsplit

from hub.errors import Invalid, Unavailable

POLICY = SMTP.clone(cte_type="7bit")  # no server is asked for 8BITMIME
SECONDS = 30.0  # for the connection and each answer
LAST_SECONDS = 300.0  # for the answer to the final dot: hurry makes doubt (RFC 5321 §4.5.3.2.6)
SERVICE_ENDS = 421
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,64}@[^\s<>()\\,;:\"@\x00-\x1f\x7f]{1,255}")
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>()\[\]\\,;:\"@]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_FIRST_DOT = re.compile(rb"^\.", re.MULTILINE)


class MailDown(Unavailable):
    """The mail server takes nothing now; nothing was sent. `reason` names the step."""

    key = "error.mail_down"


class LetterRefused(Invalid):
    """The mail server does not take this letter; `for_ever` says whether it may later."""

    key = "error.letter_refused"

    def __init__(self, *, reason: str, for_ever: bool) -> None:
        super().__init__(reason=reason)
        self.for_ever = for_ever


class InDoubt(Unavailable):
    """The letter was handed over, and no answer came: it may have been taken."""

    key = "error.letter_in_doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes. `tls`: from the first byte; otherwise STARTTLS as soon as the server offers it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one person."""

    to: str
    name: str = ""
    subject: str
    text: str
    html: str
    language: str
    message_id: str  # without angle brackets
    at: datetime


def read_server(address: str) -> Server:
    """``smtp://user:password@host:port`` or ``smtps://…`` (percent-encoded). Raises ValueError without any secret."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise ValueError("HUB_SMTP must be smtp://[user:password@]host[:port] or smtps://…")
    tls = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=port or (465 if tls else 587 if parts.username else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


def compose(letter: Letter, *, sender: str, list_id: str) -> EmailMessage:
    """The message: plain text and HTML, headers that say that a machine wrote it. Raises LetterRefused."""
    message = EmailMessage(policy=POLICY)
    name, address = parseaddr(sender)
    message["From"] = _address(address, name)
    message["To"] = _address(letter.to, letter.name)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.message_id}>"
    message["List-Id"] = f"<{list_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.language  # last: a new content takes its headers away
    return message


class Post:
    """An open connection; `with` opens and closes it. Raises MailDown while opening.

    Credentials are sent over a verified TLS connection or not at all; without credentials TLS is taken where it is
    offered, as mail servers do among each other.
    """

    def __init__(self, server: Server, *, own_name: str) -> None:
        self._server = server
        self._own_name = own_name
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Post:
        server = self._server
        try:
            if server.tls:
                context = ssl.create_default_context()
                self._smtp = smtplib.SMTP_SSL(
                    server.host, server.port, self._own_name, timeout=SECONDS, context=context
                )
                self._smtp.ehlo_or_helo_if_needed()
            else:
                self._smtp = smtplib.SMTP(server.host, server.port, self._own_name, timeout=SECONDS)
                self._start_tls(self._smtp)
            if server.user:
                self._log_in(self._smtp)
        except smtplib.SMTPResponseException as exc:  # its text may repeat what was sent: only the code is told
            self._close()
            raise MailDown(reason=f"{_step(exc)} {exc.smtp_code}") from exc
        except (smtplib.SMTPException, OSError, UnicodeError) as exc:
            self._close()
            raise MailDown(reason=_reason(exc)) from exc
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None and kind is None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._close()
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises LetterRefused, MailDown (nothing was sent) or InDoubt."""
        smtp = self._smtp
        assert smtp is not None, "use `with`"
        sender, to = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        body = _FIRST_DOT.sub(b"..", message.as_bytes())
        try:
            smtp.rset()
            self._expect(smtp.mail(sender), "MAIL", of_letter=False)
            self._expect(smtp.rcpt(to), "RCPT", of_letter=True)
            self._expect(smtp.docmd("DATA"), "DATA", of_letter=True, good=3)
            smtp.send(body)
        except (smtplib.SMTPException, OSError) as exc:
            self._close()
            raise MailDown(reason=_reason(exc)) from exc
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(LAST_SECONDS)
            smtp.send(b".\r\n")
            answer = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(SECONDS)
        except (smtplib.SMTPException, OSError) as exc:
            self._close()
            raise InDoubt(reason=_reason(exc)) from exc
        self._expect(answer, "end of DATA", of_letter=True)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls"):
            context = ssl.create_default_context()
            if not self._server.user:  # better than open, and nothing secret of ours is told
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        elif self._server.user:
            raise MailDown(reason="the server offers no STARTTLS, so no password is sent")

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """AUTH PLAIN in UTF-8 (RFC 4616), which smtplib's own cannot say; else whatever smtplib finds."""
        server = self._server
        if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
            smtp.login(server.user, server.password)
            return
        said = b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
        code, answer = smtp.docmd("AUTH", f"PLAIN {said}")
        if code // 100 != 2:
            raise smtplib.SMTPAuthenticationError(code, answer)

    def _expect(self, answer: tuple[int, bytes], step: str, *, of_letter: bool, good: int = 2) -> None:
        code = answer[0]
        if code // 100 == good:
            return
        if code == SERVICE_ENDS or code < 0 or not of_letter:
            self._close()
            raise MailDown(reason=f"{step} {code}")
        raise LetterRefused(reason=f"{step} {code}", for_ever=code // 100 == 5)

    def _close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()


def _address(address: str, name: str) -> Address:
    """An address header that cannot become two, nor another header."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain if domain.startswith("[") else domain.encode("idna").decode()
        if _ADDRESS.fullmatch(address) is None:
            raise ValueError("not one address")
        return Address(" ".join(_UNSAFE_IN_NAMES.sub(" ", name).split()), addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, UnicodeError, IndexError) as exc:
        raise LetterRefused(reason="address", for_ever=True) from exc


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _step(exc: smtplib.SMTPResponseException) -> str:
    return {smtplib.SMTPAuthenticationError: "AUTH", smtplib.SMTPHeloError: "EHLO"}.get(type(exc), "connect")


def _reason(exc: Exception) -> str:
    """A fault without any text that the other side wrote."""
    if isinstance(exc, TimeoutError) or isinstance(exc.__context__, TimeoutError):
        return "timeout"  # smtplib makes one of its own errors of it
    if isinstance(exc, ssl.SSLError):
        return "tls"
    return (exc.strerror or type(exc).__name__) if isinstance(exc, OSError) else type(exc).__name__
