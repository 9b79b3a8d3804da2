"""A form that was sent twice does its work once: it carries a token of its own, under which the first time is kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import request
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.errors import Malformed
from hub.intake import idempotency

FIELD = "once"
MAX_TOKEN = 64


def new_token() -> str:
    """The token of a form, for its hidden field."""
    return secrets.token_urlsafe(16)


def is_first(session: Session, actor: Actor, call: str, *, now: datetime) -> bool:
    """Does this form come for the first time? Noted with the caller's transaction. Raises Malformed without a token."""
    token = request.form.get(FIELD, "")
    if not 1 <= len(token) <= MAX_TOKEN:
        raise Malformed()
    sent = idempotency.sent_by(actor, token, b"", call=f"desk: {call}")
    if idempotency.find_replay(session, sent) is not None:
        return False
    idempotency.remember(session, sent, answer="{}", now=now)
    return True
