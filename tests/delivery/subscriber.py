"""A subscriber after the W3C's Recommendation, on 127.0.0.1: it finds the hub, asks, agrees, and takes what is pushed.

It trusts nothing: whatever a hub must do and does not is a line in `faults`. As a process
(`python -m tests.delivery.subscriber TOPIC [SECRET]`) it tells each thing that happens as a line of JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"')
CHALLENGE_LENGTH = 22  # characters of base64 that hold 128 bits
TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Push:
    """A content distribution request as it arrived; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Subscriber:
    """One callback. `agrees` says what it wants; `status` and `wait` are how it takes pushes."""

    path: str = "/cb?own=1&x=a%2Fb"
    secret: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    agrees: Callable[[dict[str, str]], bool] = lambda _: True
    echo: Callable[[str], tuple[int, bytes]] = lambda challenge: (200, challenge.encode())
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    wait: threading.Event | None = None
    hub: str = ""
    topic: str = ""
    media_type: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)  # verifications, as their parameters
    denied: list[dict[str, str]] = field(default_factory=list)
    pushed: list[Push] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tell: Callable[[str, object], None] = lambda _event, _facts: None

    @property
    def callback(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{self.path}"

    # --- what a subscriber does -----------------------------------------------------------------------------------

    def discover(self, url: str) -> None:
        """Find hub and topic in the Link header of a document (§4); its body is looked at by others."""
        with urlopen(Request(url, method="HEAD"), timeout=TIMEOUT) as answer:
            links = {rel: href for href, rel in LINK.findall(answer.headers.get("Link", ""))}
            self.media_type = answer.headers["Content-Type"]
        self.hub, self.topic = links["hub"], links["self"]
        self.tell("discovered", {"hub": self.hub, "topic": self.topic})

    def form(self, mode: str = "subscribe", **more: str) -> dict[str, str]:
        """A request, as a form (§5.1)."""
        made = {"hub.mode": mode, "hub.topic": self.topic, "hub.callback": self.callback}
        made |= {"hub.secret": self.secret} if self.secret and mode == "subscribe" else {}
        return made | {f"hub.{name}": said for name, said in more.items()}

    def subscribe(self) -> int:
        """Send the request to the hub that was found; returns the status."""
        with urlopen(self.hub, data=urlencode(self.form()).encode(), timeout=TIMEOUT) as answer:
            status: int = answer.status
        self.tell("requested", status)
        return status

    # --- what a subscriber hears ----------------------------------------------------------------------------------

    def hear_question(self, raw_query: str) -> tuple[int, bytes]:
        """A verification of intent, or a denial (§5.2, §5.3)."""
        own = urlsplit(self.path).query
        if own and not raw_query.startswith(f"{own}&"):
            self.faults.append(f"the callback's own query is not kept: {raw_query}")
        told = dict(parse_qsl(raw_query.removeprefix(own), keep_blank_values=True))
        if told.get("hub.mode") == "denied":
            self.denied.append(told)
            self.tell("denied", told)
            return 200, b""
        self.asked.append(told)
        self.tell("asked", told)
        if len(told.get("hub.challenge", "")) < CHALLENGE_LENGTH:
            self.faults.append(f"no challenge that nobody could guess: {told}")
        if told.get("hub.mode") == "subscribe" and int(told.get("hub.lease_seconds", "0")) <= 0:
            self.faults.append(f"no lease: {told}")
        if told.get("hub.topic") != self.topic or not self.agrees(told):
            return 404, b""
        return self.echo(told["hub.challenge"])

    def hear_push(self, push: Push) -> None:
        """A content distribution request (§7)."""
        links = {rel: href for href, rel in LINK.findall(push.headers.get("link", ""))}
        if links.get("self") != self.topic or (self.hub and links.get("hub") != self.hub) or "hub" not in links:
            self.faults.append(f"a push without its links: {links}")
        if self.media_type and push.headers.get("content-type") != self.media_type:
            self.faults.append(f"a push of another type: {push.headers.get('content-type')}")
        if push.path != self.path:
            self.faults.append(f"a push to another address: {push.path}")
        if self.secret:
            made = hmac.new(self.secret.encode(), push.body, hashlib.sha256).hexdigest()
            if push.headers.get("x-hub-signature") != f"sha256={made}":
                self.faults.append("a push whose signature does not fit")
        elif "x-hub-signature" in push.headers:
            self.faults.append("a signature without a secret")
        self.pushed.append(push)
        self.tell("pushed", {"bytes": len(push.body), "digest": hashlib.sha256(push.body).hexdigest()})


@contextmanager
def listening(*subscribers: Subscriber, host: str = "127.0.0.1") -> Iterator[None]:
    """One server for all of these; each has a path of its own, or the server's host among them."""
    by_path = {urlsplit(one.path).path: one for one in subscribers}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer(*by_path[parts.path].hear_question(parts.query), {})

        def do_POST(self) -> None:
            one = by_path[urlsplit(self.path).path]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): said for name, said in self.headers.items()}
            one.hear_push(Push(self.path, headers, body))
            if one.wait is not None:
                one.wait.wait(30)
            self._answer(one.status, one.answer, one.headers)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            try:
                self.send_response(status)
                for name, said in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, said)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the hub had heard enough

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server((host, 0), Handler)
    if (tls := subscribers[0].tls) is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    for one in subscribers:
        one.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(topic: str, secret: str = "") -> None:
    """Subscribe to a topic and tell what happens, until stdin ends."""
    lock = threading.Lock()

    def tell(event: str, facts: object) -> None:
        with lock:
            print(json.dumps({"event": event, "facts": facts}), flush=True)

    one = Subscriber(secret=secret, tell=tell)
    with listening(one):
        one.discover(topic)
        one.subscribe()
        sys.stdin.read()
    tell("ended", {"faults": one.faults})


if __name__ == "__main__":
    main(*sys.argv[1:])
