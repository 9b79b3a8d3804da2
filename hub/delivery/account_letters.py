"""Letters about an account: invitations, resets, and what its owner should know of. They are no notices to choose.

Whether somebody has an address is found out here, beside the web, so that no page can tell by its time. The token of
an invitation is made when its letter is written, and is in nothing else; of a letter that was handed over nothing is
kept but that it went.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub import i18n
from hub.accounts import invitations, users
from hub.accounts.invitations import INVITATION, RESET
from hub.delivery import letters, recipients, wording
from hub.delivery.mail import Letter as Mail
from hub.i18n.words import format_instant
from hub.models import Letter, Outbox, User
from hub.records import journal

PREFIX = "account:"
LOCKED, PASSWORD_SET, SECOND_FACTOR_OFF = "locked", "password_set", "second_factor_off"
WELCOME = "/welcome/"
FORGOTTEN = "/forgotten"

Address = Callable[[str], str]


def _(text: str) -> str:
    """Marks a text for the catalogues; `i18n.sentence` says it."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter of a kind says: what it is about, what to do, and why it came."""

    subject: str
    next: str
    footer: str


NOT_ASKED = _("If you did not ask for this, you need do nothing: without the address in this letter nothing changes.")
TO_OWNER = _("You are told this because the account is yours; such letters cannot be switched off.")
WORDS = {
    INVITATION: Words(
        _("You are invited to the story hub"),
        _("Open the address and choose a password. It opens once, within 72 hours; later, ask for another letter."),
        _("You were given an account by the hub's administrators. If you do not know why, ask them."),
    ),
    RESET: Words(
        _("A new password for the story hub"),
        _("Open the address and choose a new password. It opens once, within one hour."),
        NOT_ASKED,
    ),
    LOCKED: Words(
        _("Somebody tries to sign in to your account"),
        _(
            "A wrong password was given many times, so signing in has to wait for up to 15 minutes. If it was not you, "
            "nothing is lost; a second factor makes the account safer. To sign in at once, set a new password here."
        ),
        TO_OWNER,
    ),
    PASSWORD_SET: Words(
        _("Your password was changed"),
        _("If it was you, nothing is to be done. If not, set a new one here at once, and tell the administrators."),
        TO_OWNER,
    ),
    SECOND_FACTOR_OFF: Words(
        _("The second factor of your account was switched off"),
        _("If you know of it, nothing is to be done. If not, set a new password here, and tell the administrators."),
        TO_OWNER,
    ),
}


class NotWanted(Exception):
    """The letter's invitation was used or replaced meanwhile."""


def invite(session: Session, user: User, *, actor: str, now: datetime) -> None:
    """Send somebody a letter to choose their first password; `actor` is who did it, as the journal names them."""
    row = invitations.prepare(session, user, INVITATION, now=now)
    _queue(session, user, f"{INVITATION}:{row.id}", now=now)
    journal.append(session, {"kind": "user_invited", "user": user.id, "actor": actor}, at=now)


def answer(session: Session, rows: Sequence[Outbox], *, now: datetime) -> int:
    """Queue the letters that were asked for, to those who are known; returns how many there are."""
    count = 0
    for row in rows:
        about, user = str(row.payload["about"]), users.find(session, str(row.payload["email"]))
        if user is None or user.closed_at is not None:
            continue
        if about != RESET:
            _queue(session, user, f"{about}:{row.id}", now=now)
        elif invitations.may_reset(session, user, now=now):
            made = invitations.prepare(session, user, RESET, now=now)
            _queue(session, user, f"{RESET}:{made.id}", now=now)
        else:
            continue
        count += 1
    return count


def is_one(letter: Letter) -> bool:
    """Is it a letter about an account?"""
    return letter.key.startswith(PREFIX)


def compose(session: Session, letter: Letter, *, address: Address, host: str, now: datetime) -> Mail:
    """The letter's mail, with a token made for it. Raises NotWanted."""
    about, _colon, number = letter.key.removeprefix(PREFIX).partition(":")
    user, language = letter.user, recipients.choice_of(session, letter.user).language
    if about in invitations.HOLDS:
        token = invitations.mint(session, int(number), now=now)
        if token is None:
            raise NotWanted()
        link = address(WELCOME + token)
    else:
        link = address(FORGOTTEN)
    said = WORDS[about]
    lines = [(i18n.sentence(_("Account"), language), user.email)]
    if about not in invitations.HOLDS:
        lines.append((i18n.sentence(_("When"), language), format_instant(letter.created_at, language)))
    words = wording.fill(
        i18n.sentence(said.subject, language),
        [
            {
                "headline": i18n.sentence(said.subject, language),
                "lines": lines,
                "next": i18n.sentence(said.next, language),
                "link": link,
            }
        ],
        name=user.name,
        language=language,
        footer=i18n.sentence(said.footer, language),
    )
    return Mail(
        to=user.email,
        name=user.name,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=language,
        message_id=letters.message_id(letter, host=host),
        at=now,
    )


def subject_of(letter: Letter, language: str) -> str:
    """The letter's subject."""
    about = letter.key.removeprefix(PREFIX).partition(":")[0]
    return i18n.sentence(WORDS[about].subject, language) if about in WORDS else ""


def _queue(session: Session, user: User, key: str, *, now: datetime) -> None:
    session.add(Letter(user_id=user.id, key=PREFIX + key, state="waiting", next_try_at=now, created_at=now))
    session.flush()
