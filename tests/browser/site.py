"""A small site for tests of what runs in the browser: the test's own pages and answers, and our static files.

Every page goes out under the policy that the desks have, so a script that needs more than that fails here.
`%NONCE%` in a page is the nonce of that answer.
"""

from __future__ import annotations

import mimetypes
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

STATIC = Path(__file__).parents[2] / "hub" / "web" / "static"
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

LOOKS = b"button, input, summary { min-height: 2.5rem; min-width: 2.5rem } [hidden] { display: none !important }"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str  # with its query
    headers: dict[str, str]  # in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Answerer = Callable[[Asked], Reply]


class Site:
    """Served on 127.0.0.1 from `with` to its end; `asked` holds every request but those for static files."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.answers: dict[tuple[str, str], Answerer] = {}  # (method, path without query)
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def page(self, path: str, body: str, *, scripts: tuple[str, ...] = (), head: str = "", html: str = "") -> None:
        """A page with `body`; `scripts` are paths under static/, loaded in order; `html` are attributes of <html>."""
        loaded = "".join(f'<script nonce="%NONCE%" defer src="/static/{script}"></script>' for script in scripts)
        self.pages[path] = (
            f'<!doctype html><html lang="vi" {html}><head><meta charset="utf-8"><title>Thử</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css">'
            f"{head}{loaded}</head>"
            f"<body><main><h1>Thử</h1>{body}</main></body></html>"
        )

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def reply(self, asked: Asked) -> Reply:
        path = urlsplit(asked.path).path
        if path.startswith("/static/"):
            return _static(path.removeprefix("/static/"))
        if path == "/favicon.ico":
            return Reply(204)
        if path == "/site.css":
            return Reply(200, LOOKS, {"Content-Type": "text/css"})
        self.asked.append(asked)
        answer = self.answers.get((asked.method, path))
        if answer is not None:
            return answer(asked)
        page = self.pages.get(path)
        if page is None:
            return Reply(404, b"not here")
        nonce = secrets.token_urlsafe(12)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY.format(nonce=nonce)}
        return Reply(200, page.replace("%NONCE%", nonce).encode(), headers)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = site.reply(Asked(self.command, self.path, headers, body))
                self.send_response(reply.status)
                for name, value in {"Cache-Control": "no-store", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    with suppress(ConnectionError):  # who asked has gone on to another page
                        self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        return Handler


def _static(name: str) -> Reply:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        return Reply(404, b"not here")
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Reply(200, path.read_bytes(), {"Content-Type": kind})
