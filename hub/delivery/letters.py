"""Letters: which notices go into one, when it is due, and what became of it; rows only. `mail_sender` sends.

A letter is claimed (`sending`, written down before a byte is sent), handed over, and marked. If the hub dies between
handing over and marking, the claim is found later and the letter is `doubtful`: it is not sent again by itself, since
the server may have taken it, and it is counted and listed until an operator repeats it, under its own Message-ID. All
that fails before the handing over waits, for as long as it takes: a server that is down costs no letter a try. A
letter of which nothing holds any more when its turn comes is `overtaken`, and not sent.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from hub.clock import LOCAL
from hub.delivery import retries
from hub.delivery.recipients import When
from hub.errors import Conflict, NotFound
from hub.models import Letter, User

CLAIM = timedelta(minutes=15)  # longer than handing over may take (mail.LAST_SECONDS and the steps before)
KEEP_SENT, KEEP_OTHERS = timedelta(days=90), timedelta(days=365)
DIGEST = "digest:"


class LetterWaits(Conflict):
    """The letter will be sent anyway."""

    key = "error.letter_waits"


class LetterSettled(Conflict):
    """The letter was sent, or overtaken."""

    key = "error.letter_settled"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is this sender's to send."""

    letter: Letter
    claim: str


def get_open(session: Session, user: User, when: When, event: str, *, hour: int, now: datetime) -> Letter:
    """The letter that takes an event: one of its own, or the next digest, at this hour of a day in Việt Nam.

    The row is locked: nobody may begin to send it before the event is in it.
    """
    if when is When.AT_ONCE:
        return _make(session, user, f"notice:{event}", at=now, now=now)
    due = next_digest(now, hour=hour)
    while True:
        key = f"{DIGEST}{due.astimezone(LOCAL):%Y-%m-%dT%H}"
        row = _find(session, user, key)
        if row is None:
            return _make(session, user, key, at=due, now=now)
        if row.state == "waiting":
            return row
        due += timedelta(days=1)


def next_digest(now: datetime, *, hour: int) -> datetime:
    """The next time it is this hour in Việt Nam, later than now."""
    local = now.astimezone(LOCAL)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)


def digest_day(letter: Letter) -> datetime | None:
    """The day a digest is of; None for a letter about one notice."""
    if not letter.key.startswith(DIGEST):
        return None
    return datetime.strptime(letter.key.removeprefix(DIGEST), "%Y-%m-%dT%H").replace(tzinfo=LOCAL)


def message_id(letter: Letter, *, host: str) -> str:
    """The letter's Message-ID without brackets: the same whenever it is sent.

    Of one notice it is the event's, also where a backup that was laid back lets it be told again. A digest of the same
    hour may then hold other things, so it is another one.
    """
    made = letter.created_at.isoformat() if letter.key.startswith(DIGEST) else ""
    digest = hashlib.sha256(f"{letter.user_id}\n{letter.key}\n{made}".encode()).hexdigest()
    return f"{digest[:40]}@{host}"


def has_due(session: Session, *, now: datetime) -> bool:
    """Is there anything to send, or a claim that ran out?"""
    due = select(Letter.id).where(Letter.state == "waiting", Letter.next_try_at <= now)
    stale = select(Letter.id).where(Letter.state == "sending", Letter.claimed_until <= now)
    return session.scalar(due.limit(1)) is not None or session.scalar(stale.limit(1)) is not None


def doubt_stale(session: Session, *, now: datetime) -> int:
    """Letters whose sender died: nobody knows whether they went. Returns how many."""
    query = (
        update(Letter)
        .where(Letter.state == "sending", Letter.claimed_until <= now)
        .values(state="doubtful", fault="sender died", done_at=now)
        .returning(Letter.id)
    )
    return len(session.scalars(query).all())


def claim(session: Session, *, now: datetime) -> Claimed | None:
    """Take the letter that has been due longest, with its user and notices."""
    letter = session.scalar(
        select(Letter)
        .where(Letter.state == "waiting", Letter.next_try_at <= now)
        .order_by(Letter.next_try_at, Letter.id)
        .limit(1)
        .options(joinedload(Letter.user, innerjoin=True), selectinload(Letter.notices))
        .with_for_update(of=Letter, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if letter is None:
        return None
    letter.state, letter.claim, letter.claimed_until = "sending", secrets.token_hex(16), now + CLAIM
    return Claimed(letter, letter.claim)


def mark_sent(session: Session, claimed: Claimed, *, now: datetime) -> None:
    """The server took it. Holds also for one that was doubted meanwhile."""
    _end(session, claimed, state="sent", fault="", now=now)


def mark_doubtful(session: Session, claimed: Claimed, *, fault: str, now: datetime) -> None:
    """It was handed over, and no answer came."""
    _end(session, claimed, state="doubtful", fault=fault, now=now)


def mark_dead(session: Session, claimed: Claimed, *, fault: str, now: datetime) -> None:
    """The server will never take it, or there is nobody or nothing to tell any more."""
    _end(session, claimed, state="dead", fault=fault, now=now)


def mark_overtaken(session: Session, claimed: Claimed, *, now: datetime) -> None:
    """Nothing in it holds any more."""
    _end(session, claimed, state="overtaken", fault="", now=now)


def put_back(session: Session, claimed: Claimed) -> None:
    """Nothing was sent, through no fault of the letter's: it waits as before."""
    session.execute(
        update(Letter)
        .where(Letter.id == claimed.letter.id, Letter.claim == claimed.claim)
        .values(state="waiting", claim="", claimed_until=None, fault="", done_at=None)
    )


def postpone(session: Session, claimed: Claimed, *, fault: str, now: datetime, chance: float) -> None:
    """The server did not take this letter now; it is tried again later, or dies after some days of that."""
    failures = claimed.letter.failures + 1
    again = retries.next_try(failures, waits=retries.MAIL_WAITS, now=now, chance=chance)
    if again is None:
        mark_dead(session, claimed, fault=fault, now=now)
        return
    session.execute(
        update(Letter)
        .where(Letter.id == claimed.letter.id, Letter.claim == claimed.claim)
        .values(state="waiting", claim="", claimed_until=None, failures=failures, next_try_at=again, fault=fault)
    )


def repeat(session: Session, letter_id: int, *, now: datetime) -> Letter:
    """Let a doubtful or dead letter wait again, under its own Message-ID.

    Raises NotFound; LetterWaits or LetterSettled for one that nothing went wrong with.
    """
    letter = session.get(Letter, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound(what=str(letter_id), kind="letter")
    if letter.state in ("waiting", "sending"):
        raise LetterWaits(letter=letter_id)
    if letter.state not in ("doubtful", "dead"):
        raise LetterSettled(letter=letter_id)
    letter.state, letter.failures, letter.next_try_at = "waiting", 0, now
    letter.claim, letter.claimed_until, letter.done_at = "", None, None
    return letter


def repeat_dead(session: Session, *, now: datetime) -> int:
    """Let every dead letter wait again; says how many. Doubtful ones may have arrived: each is for people to decide."""
    again = {"state": "waiting", "failures": 0, "next_try_at": now, "claim": "", "claimed_until": None, "done_at": None}
    query = update(Letter).where(Letter.state == "dead").values(again).returning(Letter.id)
    return len(session.scalars(query).all())


def list_letters(
    session: Session, *, state: str | None = None, email: str | None = None, limit: int
) -> Sequence[Letter]:
    """The newest letters, with their users and notices."""
    query = (
        select(Letter)
        .options(joinedload(Letter.user, innerjoin=True), selectinload(Letter.notices))
        .order_by(Letter.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Letter.state == state)
    if email is not None:
        query = query.join(User, User.id == Letter.user_id).where(User.email == email.lower())
    return session.scalars(query).all()


def count_by_state(session: Session) -> dict[str, int]:
    """How many letters wait, are on the way, were sent, are doubtful, dead or overtaken."""
    found = session.execute(select(Letter.state, func.count()).group_by(Letter.state))
    return {row[0]: row[1] for row in found}


def oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the letter that has waited longest past its time has been due."""
    return session.scalar(
        select(Letter.next_try_at)
        .where(Letter.state == "waiting", Letter.next_try_at <= now)
        .order_by(Letter.next_try_at)
        .limit(1)
    )


def sweep(session: Session, *, now: datetime) -> None:
    """Forget letters that ended long ago, with their notices."""
    for states, age in ((("sent", "overtaken"), KEEP_SENT), (("dead", "doubtful"), KEEP_OTHERS)):
        session.execute(delete(Letter).where(Letter.state.in_(states), Letter.done_at < now - age))


def _make(session: Session, user: User, key: str, *, at: datetime, now: datetime) -> Letter:
    letter = Letter(user_id=user.id, key=key, state="waiting", next_try_at=at, created_at=now)
    session.add(letter)
    session.flush()
    return letter


def _find(session: Session, user: User, key: str) -> Letter | None:
    query = select(Letter).where(Letter.user_id == user.id, Letter.key == key)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _end(session: Session, claimed: Claimed, *, state: str, fault: str, now: datetime) -> None:
    session.execute(
        update(Letter)
        .where(Letter.id == claimed.letter.id, Letter.claim == claimed.claim)
        .values(state=state, claimed_until=None, fault=fault[:200], done_at=now)
    )
