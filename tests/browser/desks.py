"""The application served to a browser, and people of it whose visits are signed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from hub.web.protection import COOKIE
from tests.browser.visits import Visit
from tests.web.desks import Person


class Quiet(WSGIRequestHandler):
    """Keeps its connections, and says nothing of each request: the application writes a line of its own."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of this very application on 127.0.0.1."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def sign_in(visit: Visit, app: Flask, base: str, user_id: int) -> Visit:
    """The visit goes on as this user's (the form for it has tests of its own)."""
    cookie = Person(app).sign_in(user_id).cookie()
    visit.context.add_cookies([{"name": COOKIE, "value": cookie, "url": base}])
    return visit
