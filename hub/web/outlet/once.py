"""What a form sends twice is done once: a double click, or a reload, hears the first answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import orjson
from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.http.services import services
from hub.intake import idempotency
from hub.web.desks import go_on
from hub.web.outlet.newsroom import Newsroom
from hub.web.protection import FIELD

ONCE = "once"  # the field that names the page which the form stood on
MAX_NAME = 40

Do = Callable[[Session, datetime], str]  # writes, and says at which path to go on


def do_once(room: Newsroom, do: Do, *, story_id: str | None = None) -> Response:
    """Do what the form asks, in a transaction of its own, unless this very form has done it; then go on to its path.

    The key is made of the page's name and of all that was sent, so what was changed in between is done, too.
    """
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name != FIELD)
    body = "\n".join(f"{name}={value}" for name, value in [("path", request.path), *sent]).encode()
    name = request.form.get(ONCE, "")[:MAX_NAME]
    parts = services()
    now = parts.clock.now()
    key = f"form-{hashlib.sha256(body).hexdigest()}" if name else ""
    with parts.database.writing() as session:
        mark = idempotency.sent_by(room.actor, key, body, call="desk") if key else None
        replay = idempotency.find_replay(session, mark) if mark else None
        if replay is not None:
            return go_on(orjson.loads(replay.answer)["path"])
        path = do(session, now)
        if mark is not None:
            idempotency.remember(
                session, mark, answer=orjson.dumps({"path": path}).decode(), now=now, story_id=story_id
            )
    return go_on(path)
