"""A person's own choice of notices: what mail tells them, and when."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from hub.actors import Role
from hub.api import bp, present
from hub.api.reading import read_json
from hub.delivery import recipients
from hub.delivery.recipients import Choice
from hub.http.asking import NotForYou, require
from hub.http.services import services
from hub.models import User

PEOPLE = (Role.CONTRIBUTOR, Role.CONFIRMER, Role.EDITOR, Role.AUDITOR, Role.ADMIN, Role.OUTLET)


@bp.get("/me/notices")
def get_notices() -> Response:
    user_id = _asking_user()
    with services().database.reading() as session:
        return _answer(recipients.choice_of(session, _user(session, user_id)))


@bp.put("/me/notices")
def put_notices() -> Response:
    user_id = _asking_user()
    document, _ = read_json()
    parts = services()
    with parts.database.writing() as session:
        choice = recipients.choose(session, _user(session, user_id), document, now=parts.clock.now())
    return _answer(choice)


def _asking_user() -> int:
    """The person who asks: a key of an organization, an outlet or the desk is nobody's own."""
    actor = require(*PEOPLE)
    if actor.user_id is None:
        raise NotForYou(role=actor.role.value)
    return actor.user_id


def _user(session: Session, user_id: int) -> User:
    return session.get_one(User, user_id)


def _answer(choice: Choice) -> Response:
    said: dict[str, Any] = {
        "kinds": {kind.value: when.value for kind, when in choice.kinds.items()},
        "language": choice.language,
        "digest_hour": choice.digest_hour,
    }
    answer = present.json_answer(said)
    answer.headers["Cache-Control"] = "no-store"
    return answer
