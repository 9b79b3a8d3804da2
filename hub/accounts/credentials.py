"""Passwords of users in the database: who signs in with which, and how one is set.

What is slow (argon2id) happens between two transactions, never inside of one: on SQLite others would wait for it.
An answer never tells whether there is an account: it is the same, and as slow, for one that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.accounts import invitations, passwords, sessions, throttle, totp
from hub.accounts.sessions import Begun, Device
from hub.accounts.throttle import ACCOUNT, ADDRESS, CODE, Rule, Throttle
from hub.db import Database
from hub.errors import Forbidden, Invalid, TooMany
from hub.models import Password, SignedIn, User
from hub.records import journal, outbox
from hub.records.secret import Secret


class WrongSignIn(Invalid):
    """E-mail address and password do not belong together."""

    key = "error.wrong_sign_in"


class WrongPassword(Invalid):
    """It is not the password that the user has now."""

    key = "error.wrong_password"


class WrongCode(Invalid):
    """The code is not of the user's device at this time, was taken before, and is no unused recovery code."""

    key = "error.wrong_code"


class TooManyFailures(TooMany):
    """Too often it was wrong; nobody may try for `seconds`."""

    key = "error.too_many_failures"


class NothingToCheck(Forbidden):
    """The session waits for no second factor."""

    key = "error.no_code_asked"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries to sign in: the address they come from, and their device."""

    address: str
    device: Device


class Gate:
    """Where people sign in; one for an application, as it counts who fails."""

    def __init__(self, database: Database, box: Secret) -> None:
        self._database = database
        self._box = box
        self._throttle = Throttle()

    def sign_in(self, email: str, password: str, attempt: Attempt, *, now: datetime) -> Begun:
        """Begin a session, which may still wait for a second factor. Raises WrongSignIn or TooManyFailures."""
        email = email.strip().lower()[:254]
        failures = self._begin_attempt((ACCOUNT, email), (ADDRESS, throttle.site_of(attempt.address)), now=now)
        with self._database.reading() as session:
            known = session.execute(_by_email(email)).first()
        user_id, kept = (known[0], known[1]) if known else (0, None)
        right = passwords.is_right(kept, password)  # as slow for nobody's
        if kept is None or not right:
            self._tell_owner(email, failures, now=now)
            raise WrongSignIn()
        fresh = passwords.hash_of(password) if passwords.is_outdated(kept) else None
        with self._database.writing() as session:
            row = session.get(Password, user_id, with_for_update=True)
            if row is None or row.hash != kept or session.get_one(User, user_id).closed_at is not None:
                raise WrongSignIn()  # changed or closed while we looked
            row.hash = fresh or row.hash
            begun = self._begin(session, user_id, attempt.device, now=now)
        if begun.row.state == sessions.OPEN:
            self._forgive(email, attempt.address)
        else:  # the password was right, so this attempt was none of a guesser
            self._throttle.take_back(ACCOUNT, email, 1)
            self._throttle.take_back(ADDRESS, throttle.site_of(attempt.address), 1)
        return begun

    def enter_code(self, waiting: SignedIn, code: str, *, address: str = "", now: datetime) -> Begun:
        """Open a session that waits for its second factor. Raises WrongCode, TooManyFailures or NothingToCheck.

        A session that was ended meanwhile waits no more, whatever the code is.
        """
        who = str(waiting.user_id)
        if waiting.state != sessions.CODE:
            raise NothingToCheck()
        self._begin_attempt((CODE, who), now=now)
        with self._database.writing() as session:
            right = totp.accept(session, waiting.user_id, code, box=self._box, now=now)
            begun = sessions.admit(session, waiting, now=now) if right else None
        if not right:
            raise WrongCode()
        if begun is None:
            raise NothingToCheck()
        self._throttle.forget(CODE, who)
        self._forgive(waiting.user.email, address)
        return begun

    def accept_invitation(self, token: str, password: str, device: Device, *, now: datetime) -> Begun:
        """Set the password of whoever a letter was sent to, and begin a session. Raises LinkOver or WeakPassword."""
        with self._database.reading() as session:
            user = invitations.get(session, token, now=now).user
        passwords.check(password, email=user.email, name=user.name)
        made = passwords.hash_of(password)
        with self._database.writing() as session:
            row = invitations.get(session, token, now=now, locked=True)
            kind, row.used_at = row.kind, now
            set_password(session, row.user_id, made, by=kind, actor=f"user:{row.user_id}", now=now)
            begun = self._begin(session, row.user_id, device, now=now)
        self._throttle.forget(ACCOUNT, user.email)
        return begun

    def change_password(self, own: SignedIn, current: str, password: str, *, now: datetime) -> str:
        """Set another password; all other sessions end, and this one has a new token, which is told.

        Raises WrongPassword, WeakPassword or TooManyFailures.
        """
        self.check_password(own, current, now=now)
        passwords.check(password, email=own.user.email, name=own.user.name)
        made = passwords.hash_of(password)
        with self._database.writing() as session:
            set_password(session, own.user_id, made, by="own", actor=f"user:{own.user_id}", but_session=own.id, now=now)
            return sessions.renew(session, own)

    def check_password(self, own: SignedIn, password: str, *, now: datetime) -> None:
        """Is it the password of whoever is signed in? Raises WrongPassword or TooManyFailures."""
        self._begin_attempt((CODE, f"password of {own.user_id}"), now=now)
        with self._database.reading() as session:
            row = session.get(Password, own.user_id)
        if not passwords.is_right(row.hash if row else None, password):
            raise WrongPassword()
        self._throttle.forget(CODE, f"password of {own.user_id}")

    def confirm_second_factor(self, own: SignedIn, code: str, *, now: datetime) -> list[str]:
        """Switch a second factor on by its first code; the recovery codes. Raises WrongCode or TooManyFailures."""
        who = f"first code of {own.user_id}"
        self._begin_attempt((CODE, who), now=now)
        with self._database.writing() as session:
            codes = confirm_second_factor(session, own.user_id, code, box=self._box, now=now)
        self._throttle.forget(CODE, who)
        return codes

    def begin_known(self, user_id: int, device: Device, *, now: datetime) -> Begun:
        """Begin a session for somebody whom another house has vouched for; a second factor of ours is asked all the
        same.
        """
        with self._database.writing() as session:
            return self._begin(session, user_id, device, now=now)

    def _begin(self, session: Session, user_id: int, device: Device, *, now: datetime) -> Begun:
        waits = totp.is_on(session, user_id)
        return sessions.begin(session, user_id, device, waits_for_code=waits, now=now)

    def _begin_attempt(self, *whom: tuple[Rule, str], now: datetime) -> int:
        """How many failures count for the first of `whom`, should this be one. Raises TooManyFailures."""
        seconds, failures = self._throttle.begin(*whom, now=now)
        if seconds:
            raise TooManyFailures(seconds=seconds)
        return failures[0]

    def _forgive(self, email: str, address: str) -> None:
        """Whoever gets in takes their own failures with them, also from their address; no more than are free."""
        own = self._throttle.forget(ACCOUNT, email)
        self._throttle.take_back(ADDRESS, throttle.site_of(address), min(own, ACCOUNT.free + 1))

    def _tell_owner(self, email: str, failures: int, *, now: datetime) -> None:
        if throttle.is_owner_told(failures):
            with self._database.writing() as session:  # whether there is an owner is asked later, and elsewhere
                outbox.add_account_letter(session, "locked", email, at=now)


def ask_reset(session: Session, email: str, *, now: datetime) -> None:
    """Let whoever has this address be sent a letter to set a new password; nobody learns here whether that is anyone.

    All that happens is one row of the outbox: it is read elsewhere, so known and unknown take the same time.
    """
    outbox.add_account_letter(session, invitations.RESET, email.strip().lower()[:254], at=now)


def set_password(
    session: Session,
    user_id: int,
    hashed: str,
    *,
    by: str,
    actor: str,
    but_session: int | None = None,
    now: datetime,
) -> None:
    """Set a password by its hash: sessions end (but one), letters that were sent before open nothing.

    `by`: invitation, reset, own, operator. The journal is told by number, and nothing of the password.
    """
    row = session.get(Password, user_id, with_for_update=True)
    if row is None:
        session.add(Password(user_id=user_id, hash=hashed, set_at=now))
    else:
        row.hash, row.set_at = hashed, now
    sessions.end_all(session, user_id, but=but_session)
    invitations.revoke(session, user_id, now=now)
    if by in ("own", invitations.RESET):
        outbox.add_account_letter(session, "password_set", session.get_one(User, user_id).email, at=now)
    journal.append(session, {"kind": "password_set", "user": user_id, "by": by, "actor": actor}, at=now)


def has_password(session: Session, user_id: int) -> bool:
    """Has this user a password?"""
    return session.get(Password, user_id) is not None


def confirm_second_factor(session: Session, user_id: int, code: str, *, box: Secret, now: datetime) -> list[str]:
    """Switch a second factor on by its first code; the recovery codes. Raises WrongCode."""
    codes = totp.confirm(session, user_id, code, box=box, now=now)
    if codes is None:
        raise WrongCode()
    journal.append(session, {"kind": "second_factor_on", "user": user_id, "actor": f"user:{user_id}"}, at=now)
    return codes


def drop_second_factor(session: Session, user: User, *, actor: str, now: datetime) -> bool:
    """Switch a second factor off, and tell its owner; was there one?"""
    if not totp.switch_off(session, user.id):
        return False
    outbox.add_account_letter(session, "second_factor_off", user.email, at=now)
    journal.append(session, {"kind": "second_factor_off", "user": user.id, "actor": actor}, at=now)
    return True


def end_sessions(session: Session, user_id: int, *, actor: str, now: datetime) -> int:
    """End every session of somebody else, as an administrator or operator; returns how many."""
    count = sessions.end_all(session, user_id)
    record = {"kind": "sessions_ended", "user": user_id, "count": count, "actor": actor}
    journal.append(session, record, at=now)
    return count


def end_session(session: Session, user_id: int, session_id: int, *, actor: str, now: datetime) -> bool:
    """End one session of somebody else; was there one of this number?"""
    if not sessions.end(session, user_id, session_id):
        return False
    record = {"kind": "session_ended", "user": user_id, "session": session_id, "actor": actor}
    journal.append(session, record, at=now)
    return True


def _by_email(email: str) -> Select[int, str]:
    return (
        select(User.id, Password.hash)
        .join(Password, Password.user_id == User.id)
        .where(User.email == email, User.closed_at.is_(None))
    )
