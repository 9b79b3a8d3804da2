"""What a form sends twice is done once: a double click, or a reload, hears the first answer.

A form carries a token of its own in the field `ONCE`. Where the work leads to a page, `do_once` does all of it, by the
token and all that was sent; where a transaction does more than that, `is_first` asks within it, by the token alone.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

import orjson
from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.actors import Actor
from hub.http.services import services
from hub.intake import idempotency
from hub.web.desks import go_on
from hub.web.protection import FIELD, Tokenless

ONCE = "once"  # the field that names the page which the form stood on
MAX_TOKEN = 64

Do = Callable[[Session, datetime], str]  # writes, and says at which path to go on


def new_token() -> str:
    """The token of a form, for its hidden field."""
    return secrets.token_urlsafe(16)


def sent_token() -> str:
    """The token that a form came with; empty for none."""
    return request.form.get(ONCE, "")[:MAX_TOKEN]


def is_first(session: Session, actor: Actor, call: str, *, now: datetime) -> bool:
    """Does this form come for the first time? Noted with the caller's transaction. Raises Tokenless without a token."""
    token = request.form.get(ONCE, "")
    if not 1 <= len(token) <= MAX_TOKEN:
        raise Tokenless()
    sent = idempotency.sent_by(actor, token, b"", call=f"desk: {call}")
    if idempotency.find_replay(session, sent) is not None:
        return False
    idempotency.remember(session, sent, answer="{}", now=now)
    return True


def do_once(actor: Actor, do: Do, *, story_id: str | None = None) -> Response:
    """Do what the form asks, in a transaction of its own, unless this very form has done it; then go on to its path.

    The key is made of the token and of all that was sent, so what was changed in between is done, too.
    """
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name != FIELD)
    body = "\n".join(f"{name}={value}" for name, value in [("path", request.path), *sent]).encode()
    parts = services()
    now = parts.clock.now()
    key = f"form-{hashlib.sha256(body).hexdigest()}" if sent_token() else ""
    with parts.database.writing() as session:
        mark = idempotency.sent_by(actor, key, body, call="desk") if key else None
        replay = idempotency.find_replay(session, mark) if mark else None
        if replay is not None:
            return go_on(orjson.loads(replay.answer)["path"])
        path = do(session, now)
        if mark is not None:
            idempotency.remember(
                session, mark, answer=orjson.dumps({"path": path}).decode(), now=now, story_id=story_id
            )
    return go_on(path)
