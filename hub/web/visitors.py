"""Who is at the desk: the user behind the session cookie, and the pages that a role opens.

The signed cookie holds the token of a session (`hub.accounts.sessions`), which lies in the database and can be ended
there at any time, and the key of this browser's forms.
"""

from __future__ import annotations

from typing import cast

from flask import current_app, g, request, session
from sqlalchemy.orm import Session

from hub.accounts import sessions, users
from hub.accounts.credentials import Attempt, Gate
from hub.accounts.devices import device_words, shorten_address
from hub.accounts.sessions import Begun, Device
from hub.actors import Actor, Role
from hub.errors import NotFound
from hub.http.asking import COOKIE, known_browsers
from hub.http.services import services
from hub.models import SignedIn

TOKEN = "token"  # noqa: S105  the name of a field
GATE = "hub.gate"


class SignInFirst(Exception):
    """Nobody is signed in; `desks` answers with the way to the sign-in page."""


def gate() -> Gate:
    """Where people sign in to the running application."""
    return cast("Gate", current_app.extensions[GATE])


def visitor() -> Actor | None:
    """Whoever is signed in; None for nobody. Also tells `hub.http.asking` and the language of the page.

    Somebody without any role today is a visitor, too, whose grants are empty: only their own account opens to them.
    """
    own = own_session()
    if own is None:
        return None
    if "visitor" not in g:
        g.visitor = _actor_of(own)
        if g.visitor.grants:
            g.asker = g.visitor
    found: Actor = g.visitor
    return found


def known() -> Actor | None:
    """The visitor as far as this request found out already: asks nothing."""
    found: Actor | None = g.get("visitor")
    return found


def require(*roles: Role) -> Actor:
    """The visitor, who has to have one of `roles`. Raises SignInFirst, or NotFound: no word on what others have."""
    actor = visitor()
    if actor is None:
        raise SignInFirst()
    if roles and actor.roles.isdisjoint(roles):
        raise NotFound(kind="page")
    return actor


def own_session() -> SignedIn | None:
    """The open session of this browser, with its user; None for nobody."""
    row = _session_row()
    return row if row is not None and row.state == sessions.OPEN else None


def waiting_session() -> SignedIn | None:
    """The session of this browser that waits for a second factor; None where there is none."""
    row = _session_row()
    return row if row is not None and row.state == sessions.CODE else None


def attempt(*, shared: bool) -> Attempt:
    """Who tries to sign in from this browser."""
    device = Device(
        agent=device_words(request.headers.get("User-Agent", "")),
        place=shorten_address(request.remote_addr),
        shared=shared,
    )
    return Attempt(request.remote_addr or "", device)


def begin(begun: Begun) -> None:
    """Let this browser have a session: whatever it held before is gone.

    On a device that others use the cookie ends with the browser.
    """
    session.clear()
    session[TOKEN] = begun.token
    session.permanent = not begun.row.shared_device
    _forget()


def renew(token: str) -> None:
    """The session goes on under another token."""
    session[TOKEN] = token
    _forget()


def end() -> None:
    """Sign out: the session ends in the database, too."""
    row = _session_row()
    if row is not None:
        with services().database.writing() as rows:
            sessions.end(rows, row.user_id, row.id)
    session.clear()
    _forget()


def _session_row() -> SignedIn | None:
    if "session_row" not in g:
        g.session_row = _find()
    found: SignedIn | None = g.session_row
    return found


def _find() -> SignedIn | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as rows:
        row = sessions.find(rows, token, now=now)
    is_open = row is not None and row.state == sessions.OPEN
    known_browsers.note(request.cookies.get(COOKIE, ""), row.id if row is not None and is_open else None)
    if row is None:
        return None
    g.own_language = row.user.language
    if sessions.is_to_be_noted(row, now=now):
        parts.marks.note_session(row.id, now)
    return row


def _actor_of(own: SignedIn) -> Actor:
    parts = services()
    with parts.database.reading() as rows:
        found = _find_actor(rows, own)
    return found or Actor(name=own.user.name, grants=(), user_id=own.user_id)


def _find_actor(rows: Session, own: SignedIn) -> Actor | None:
    return users.find_actor(rows, own.user, now=services().clock.now())


def _forget() -> None:
    """What was found out for this request is over."""
    for name in ("session_row", "visitor", "asker", "own_language"):
        g.pop(name, None)
