"""What is sent under an Idempotency-Key is done once; whoever sends it again hears the first answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.api import present
from hub.api.reading import read_idempotency_key
from hub.http.services import services
from hub.intake import idempotency

Told = dict[str, Any]


def answer_once(
    body: bytes,
    do: Callable[[Session, datetime], Told],
    *,
    actor: Actor,
    call: str,
    story_id: str | None = None,
) -> tuple[Response, Told]:
    """201 with what `do` tells, in its own transaction; under a key that came before, with what it told then.

    `call` and `body` are what a key stands for; `story_id` is the story that the answer tells of.
    """
    key, parts = read_idempotency_key(), services()
    sent = idempotency.sent_by(actor, key, body, call=call) if key else None
    now = parts.clock.now()
    with parts.database.writing() as session:
        replay = idempotency.find_replay(session, sent) if sent else None
        told = orjson.loads(replay.answer) if replay is not None else do(session, now)
        if sent and replay is None:
            idempotency.remember(session, sent, answer=orjson.dumps(told).decode(), now=now, story_id=story_id)
    return present.json_answer(told, HTTPStatus.CREATED), told
