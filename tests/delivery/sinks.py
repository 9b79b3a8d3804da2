"""Real servers on 127.0.0.1 that take what the hub sends: an HTTP sink with a script, and one that never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sink answers; `wait` is awaited before the body is sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait: threading.Event | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Sink:
    """Answers `replies` one after the other, then the last one for ever; `taken` is what arrived."""

    port: int = 0
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    taken: list[Taken] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, taken: Taken) -> Reply:
        with self._lock:
            self.taken.append(taken)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.wait is not None:
            reply.wait.wait(30)
        with self._lock:
            self._now -= 1
        return reply


@contextmanager
def a_sink(*replies: Reply, port: int = 0) -> Iterator[Sink]:
    """An HTTP server that answers `replies`."""
    sink = Sink(replies=list(replies) or [Reply()])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = sink.answer(Taken(self.command, self.path, headers, self.rfile.read(length)))
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:
                self.close_connection = True  # the hub had heard enough

        do_GET = do_POST = handle_any  # noqa: N815  as http.server looks for them

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def a_silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]
