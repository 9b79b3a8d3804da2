"""Second factors: codes that a device makes of a secret and the time, and recovery codes for when it is lost.

The secret lies in the database sealed under the hub's own; a code is taken within a step of its time, and no step is
taken twice, so that whoever looked over a shoulder has nothing. Recovery codes are shown once; each opens once.
Source: RFC 6238 (TOTP), RFC 4226 §7 (resynchronisation, throttling), Google Authenticator's key URI format.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import structlog
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub.errors import Conflict
from hub.models import RecoveryCode, SecondFactor, User
from hub.records.secret import Secret, WrongSecret

DIGITS, STEP_SECONDS, DRIFT = 6, 30, 1  # what every app can do; steps before and after that are taken, too
TO_CONFIRM = timedelta(minutes=15)  # of a new secret: a browser left open must not offer it for weeks
SECRET_BYTES = 20  # RFC 4226 §4, R6
PURPOSE, RECOVERY_PURPOSE = "second factor", "recovery codes"
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for another
GROUPS, GROUP = 3, 4  # abcd-efgh-jkmn: 59 random bits

log = structlog.get_logger(__name__)


class AlreadyOn(Conflict):
    """A second factor is on; it has to be switched off first."""

    key = "error.second_factor_on"


def begin(session: Session, user_id: int, *, box: Secret, now: datetime) -> str:
    """Give a user a new secret, which counts once `confirm` was told a code of it; the secret in base32.

    Raises AlreadyOn where one counts already.
    """
    row = session.get(SecondFactor, user_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None:
        raise AlreadyOn()
    secret = secrets.token_bytes(SECRET_BYTES)
    sealed = box.seal(secret, purpose=_purpose(user_id))
    if row is None:
        session.add(SecondFactor(user_id=user_id, secret=sealed, last_step=0, created_at=now))
    else:
        row.secret, row.last_step, row.created_at = sealed, 0, now
    session.flush()
    return b32encode(secret).decode()


def find_pending(session: Session, user_id: int, *, box: Secret, now: datetime) -> str | None:
    """The secret that waits for its first code, in base32: the page is shown again after a wrong one."""
    row = session.get(SecondFactor, user_id)
    if row is None or not _is_pending(row, now):
        return None
    secret = _open(row, box)
    return b32encode(secret).decode() if secret else None


def confirm(session: Session, user_id: int, code: str, *, box: Secret, now: datetime) -> list[str] | None:
    """Let a pending second factor count, if the code is right: new recovery codes; None for a wrong code.

    A secret waits TO_CONFIRM, as it was given to somebody who had just typed their password.
    """
    row = session.get(SecondFactor, user_id, with_for_update=True)
    if row is None or not _is_pending(row, now) or not _take(row, code, box=box, now=now):
        return None
    row.confirmed_at = now
    return renew_recovery_codes(session, user_id, box=box, now=now)


def is_on(session: Session, user_id: int) -> bool:
    """Has this user a second factor that counts?"""
    row = session.get(SecondFactor, user_id)
    return row is not None and row.confirmed_at is not None


def accept(session: Session, user_id: int, code: str, *, box: Secret, now: datetime) -> bool:
    """Is this a code of the user's device that was never taken, or an unused recovery code? It is used up then."""
    row = session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)
    if row is None or row.confirmed_at is None:
        return False
    return _take(row, code, box=box, now=now) or _use_recovery_code(session, user_id, code, box=box, now=now)


def switch_off(session: Session, user_id: int) -> bool:
    """Take a user's second factor and recovery codes away; was there one that counted?"""
    was_on = is_on(session, user_id)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.expire_all()
    return was_on


def renew_recovery_codes(session: Session, user_id: int, *, box: Secret, now: datetime) -> list[str]:
    """New recovery codes, to be shown once; earlier ones open nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_make_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, mac=_mac(code, user_id, box=box), created_at=now) for code in codes)
    session.flush()
    return codes


def count_recovery_codes(session: Session, user_id: int) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def key_uri(secret: str, user: User, *, issuer: str) -> str:
    """What the picture says: the secret (base32) with whose it is, for an authenticator app."""
    label = quote(f"{issuer}:{user.email}", safe="")
    asked = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"


def code_at(secret: bytes, now: datetime) -> str:
    """The code that a device with this secret shows."""
    return _totp(secret).generate(int(now.timestamp())).decode()


def _is_pending(row: SecondFactor, now: datetime) -> bool:
    return row.confirmed_at is None and now - row.created_at <= TO_CONFIRM


def _take(row: SecondFactor, code: str, *, box: Secret, now: datetime) -> bool:
    """Is it the code of a step around now, later than all that were taken? Its step is taken then."""
    sent = "".join(code.split())
    if len(sent) != DIGITS or not (sent.isascii() and sent.isdigit()):
        return False
    secret = _open(row, box)
    if secret is None:
        return False
    totp = _totp(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - DRIFT, current + DRIFT + 1)
    right = [step for step in steps if secrets.compare_digest(totp.generate(step * STEP_SECONDS).decode(), sent)]
    fresh = [step for step in right if step > row.last_step]
    if not fresh:
        return False
    row.last_step = fresh[0]
    return True


def _open(row: SecondFactor, box: Secret) -> bytes | None:
    """The secret; None where the hub has another one by now, which only an operator can mend (second-factor-off)."""
    try:
        return box.open(row.secret, purpose=_purpose(row.user_id))
    except WrongSecret:
        log.error("second_factor_unreadable", user=row.user_id)
        return None


def _use_recovery_code(session: Session, user_id: int, code: str, *, box: Secret, now: datetime) -> bool:
    done = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.mac == _mac(code, user_id, box=box),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return done.first() is not None


def _mac(code: str, user_id: int, *, box: Secret) -> str:
    letters = "".join(char for char in code[:80].casefold() if char in LETTERS)
    return box.mac(f"{user_id}:{letters}".encode(), purpose=RECOVERY_PURPOSE)


def _make_code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _purpose(user_id: int) -> str:
    """Sealed for one user, so that a row that is moved to another opens nothing."""
    return f"{PURPOSE} of user {user_id}"


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  what every app can do; HMAC-SHA-1 stands
