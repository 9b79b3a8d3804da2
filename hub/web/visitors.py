"""Who is at the desk: the user behind the session cookie, and the pages that a role opens."""

from __future__ import annotations

from flask import g, session
from sqlalchemy.orm import Session

from hub.accounts import users
from hub.actors import Actor, Role
from hub.errors import NotFound
from hub.http.services import services
from hub.models import User

USER = "user"


class SignInFirst(Exception):
    """Nobody is signed in; `desks` answers with the way to the sign-in page."""


def visitor() -> Actor | None:
    """Whoever is signed in; None for nobody. Also tells `hub.http.asking` and the language of the page."""
    if "visitor" not in g:
        g.visitor = _find()
        if g.visitor is not None:
            g.asker = g.visitor
    found: Actor | None = g.visitor
    return found


def require(*roles: Role) -> Actor:
    """The visitor, who has to have one of `roles`. Raises SignInFirst, or NotFound: no word on what others have."""
    actor = visitor()
    if actor is None:
        raise SignInFirst()
    if roles and actor.roles.isdisjoint(roles):
        raise NotFound(kind="page")
    return actor


def begin(user: User) -> None:
    """Sign a user in: whatever the session held before is gone."""
    session.clear()
    session[USER] = user.id


def end() -> None:
    """Sign out."""
    session.clear()
    g.pop("visitor", None)


def _find() -> Actor | None:
    user_id = session.get(USER)
    if not isinstance(user_id, int):
        return None
    parts = services()
    with parts.database.reading() as rows:
        return _actor_of(rows, user_id)


def _actor_of(rows: Session, user_id: int) -> Actor | None:
    user = rows.get(User, user_id)
    if user is None:
        return None
    g.own_language = user.language
    return users.find_actor(rows, user, now=services().clock.now())
