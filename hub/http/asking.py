"""Who is asking: a key by Bearer or Basic; the unguessable part of a feed address is read by its own door."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from flask import g, request

from hub.accounts import keys
from hub.actors import WORLD, Actor, Role
from hub.errors import Forbidden, Unauthenticated
from hub.http.services import services
from hub.outlets.readers import reader_of
from hub.outlets.readings import LastReading, Place

KNOWN_KEYS = 10_000
COOKIE = "hub_session"  # of those who sign in


class NotForYou(Forbidden):
    """This kind of key opens other doors."""

    key = "error.not_for_you"


class _Known:
    """Fingerprints of keys seen to be live: only these have a limit of their own, others share their address's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def add(self, fingerprint: str) -> None:
        with self._lock:
            self._seen[fingerprint] = None
            self._seen.move_to_end(fingerprint)
            while len(self._seen) > KNOWN_KEYS:
                self._seen.popitem(last=False)

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._seen


class _Browsers:
    """Session cookies seen to be of live sessions, by fingerprint, and the session of each.

    A cookie is told by all of its bytes, so whoever forges one is nobody here; and it is only looked up, never opened:
    an opened session makes every answer vary by cookies.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: OrderedDict[str, int] = OrderedDict()

    def note(self, cookie: str, session_id: int | None) -> None:
        """The cookie is of this session; of none, once that has ended."""
        seal = keys.fingerprint(cookie)
        with self._lock:
            self._seen.pop(seal, None)
            if session_id is not None:
                self._seen[seal] = session_id
            while len(self._seen) > KNOWN_KEYS:
                self._seen.popitem(last=False)

    def find(self, cookie: str) -> int | None:
        """The live session of a cookie; None of any other."""
        return self._seen.get(keys.fingerprint(cookie))


known_keys = _Known()
known_browsers = _Browsers()


def sent_secret() -> str | None:
    """The key in the Authorization header: Bearer, or the password of Basic. None without one."""
    sent = request.authorization
    if sent is None:
        return None
    if sent.type == "bearer":
        return sent.token
    if sent.type == "basic":
        return sent.password
    return None


def asker() -> Actor:
    """Who sent this request; WORLD without a key. Raises Unauthenticated for a key that is not live."""
    if "asker" not in g:
        g.asker = _find_asker()
    actor: Actor = g.asker
    return actor


def require(*roles: Role) -> Actor:
    """The asker, who has to have one of `roles`. Raises Unauthenticated without a key, NotForYou for another role."""
    actor = asker()
    if actor is WORLD:
        raise Unauthenticated()
    if actor.roles.isdisjoint(roles):
        raise NotForYou(role=actor.role.value)
    return actor


def note_use(key_id: int, fingerprint: str) -> None:
    """Note that a live key was used."""
    known_keys.add(fingerprint)
    services().marks.note(key_id, services().clock.now())


def note_reading(key_id: int, channel_id: int, format_name: str, *, number: int) -> None:
    """Note that an outlet's key has read a channel up to this number of its ledger, and with which reader."""
    reading = LastReading(reader_of(request.headers.get("User-Agent", "")), number, services().clock.now())
    services().marks.note_reading(Place(key_id, channel_id, format_name), reading)


def note_reading_of(actor: Actor, channel_id: int, format_name: str, *, number: int) -> None:
    """The same of whoever asks, if that is an outlet's key."""
    if actor.key_id is not None and actor.outlet_id is not None:
        note_reading(actor.key_id, channel_id, format_name, number=number)


def _find_asker() -> Actor:
    secret = sent_secret()
    if secret is None:
        if request.authorization is not None:
            raise Unauthenticated()
        return WORLD
    parts = services()
    with parts.database.reading() as session:
        actor = keys.find_actor(session, secret, now=parts.clock.now())
    if actor is None or actor.by_address:
        raise Unauthenticated()
    if actor.key_id is not None:
        note_use(actor.key_id, keys.fingerprint(secret))
    return actor
