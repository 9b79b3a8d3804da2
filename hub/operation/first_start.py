"""The first start: from an empty database to a working hub, by the answers to five questions.

It is open only while there is neither a user nor an organization, and only to whoever has the code that the operator's
terminal showed: a stranger who finds a fresh hub first takes nothing. Of the code its SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from feeds.text import clean_text
from hub.accounts import credentials, organizations, passwords, registers, users
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, Invalid
from hub.models import Organization, Setting, User
from hub.outlets import catalog
from hub.records import journal
from hub.regulation.edition import editions
from schemas import Fault

CODE = "first_start"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another one
GROUPS, GROUP = 5, 4  # 99 bits
LIMITS = {  # letters, of what becomes a name
    "province": 120,
    "site": 200,
    "organization": 300,
    "name": 200,
    "newspaper": 200,
    "television": 200,
}
BENEATH = ("lien_doan_lao_dong", "doan_thanh_nien", "hoi_phu_nu", "hoi_nong_dan", "hoi_cuu_chien_binh")


class HasBegun(Conflict):
    """There are users or organizations already."""

    key = "error.first_start_over"


class WrongStartCode(Forbidden):
    """It is not the code that the operator's terminal shows."""

    key = "error.wrong_start_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the five questions were answered; `beneath` are kinds of provincial organizations below the first one."""

    province: str
    site: str  # the name of the public portal
    organization: str
    kind: str = "mat_tran"
    beneath: tuple[str, ...] = ()
    name: str
    email: str
    password: str = field(repr=False)
    newspaper: str = ""
    television: str = ""
    regulation: bool = True  # take the one that comes with the hub
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Begun:
    """A hub that works: its editor, and the addresses of its channels."""

    user_id: int
    channels: tuple[str, ...]


def is_fresh(session: Session) -> bool:
    """Is there neither a user nor an organization?"""
    return all(session.scalar(select(table.id).limit(1)) is None for table in (User, Organization))


def make_code(session: Session) -> str | None:
    """A new code for the first start, which is told once; earlier ones open nothing. None where it is over."""
    if not is_fresh(session):
        return None
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    session.merge(Setting(name=CODE, value=_digest(code)))
    return code


def check_code(session: Session, code: str) -> None:
    """Raise WrongStartCode for any other than the code that was told last."""
    kept = session.get(Setting, CODE)
    if kept is None or not hmac.compare_digest(kept.value, _digest(code)):
        raise WrongStartCode()


def check(answers: Answers) -> None:
    """Raise Invalid for what is missing, too long or no name, else BadEmail or WeakPassword."""
    needed = ("province", "site", "organization", "name", "email", "password")
    faults = [
        Fault(f"/{each}", "field_needed", {}) for each in needed if not clean_text(getattr(answers, each)).strip()
    ]
    faults += [fault for each, limit in LIMITS.items() for fault in _name_faults(answers, each, limit)]
    if answers.kind not in schemas.vocabulary("organization_kinds").codes:
        faults.append(Fault("/kind", "field_needed", {}))
    if faults:
        raise Invalid(faults=faults)
    if not users.is_email(answers.email):
        raise users.BadEmail(email=answers.email[:80])
    if code_of(answers.organization) in {code for _kind, _name, code in _beneath(answers)}:
        raise Invalid(faults=[Fault("/organization", "named_as_one_below", {"name": answers.organization})])
    passwords.check(answers.password, email=answers.email, name=answers.name)


def begin(session: Session, answers: Answers, *, hashed: str, now: datetime) -> Begun:
    """Make the hub that the answers describe; `hashed` is the password's argon2id text (slow, so it was made before).

    Raises HasBegun, Invalid, or what the services for each part raise.
    """
    journal.lock(session, at=now)  # two who start at once meet here
    if not is_fresh(session):
        raise HasBegun()
    top = _add_organizations(session, answers, now=now)
    user = users.add(session, name=answers.name, email=answers.email, language=answers.language, now=now)
    for role in ("editor", "admin"):
        users.seat(session, user, Seat(role=role, organization=top), on=local_day(now))
    registers.tell_seats(session, user.id, at=now)
    credentials.set_password(session, user.id, hashed, by="operator", actor="system", now=now)
    channels = [address for document in _outlets(answers) for address in _load(session, document, now=now)]
    if answers.regulation and not editions.is_any(session):
        editions.adopt(session, editions.default_text(), now=now)
    code = session.get(Setting, CODE)
    if code is not None:
        session.delete(code)
    journal.append(session, {"kind": "hub_begun", "user": user.id, "organization": top, "actor": "system"}, at=now)
    return Begun(user.id, tuple(channels))


def code_of(name: str) -> str:
    """The code that an organization or outlet of this name gets."""
    return organizations.suggested_code(name)


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _add_organizations(session: Session, answers: Answers, *, now: datetime) -> str:
    """The first organization and those beneath it; returns its code."""
    top = code_of(answers.organization)
    facts: dict[str, Any] = {"level": "province", "province": answers.province}
    organizations.add(
        session, NewOrganization(code=top, name=answers.organization, kind=answers.kind, **facts), now=now
    )
    for kind, name, code in _beneath(answers):
        organizations.add(session, NewOrganization(code=code, name=name, kind=kind, parent=top, **facts), now=now)
    return top


def _beneath(answers: Answers) -> Iterator[tuple[str, str, str]]:
    """Those beneath the first organization: kind, name and code."""
    kinds = schemas.vocabulary("organization_kinds")
    for kind in dict.fromkeys(answers.beneath):
        if kind in BENEATH and kind != answers.kind:
            name = f"{kinds.label(kind, 'vi')} {answers.province}"
            yield kind, name, code_of(name)


def _name_faults(answers: Answers, name: str, limit: int) -> Iterator[Fault]:
    """A name that is too long, or in which nothing can be read."""
    said = clean_text(getattr(answers, name)).strip()
    if len(said) > limit:
        yield Fault(f"/{name}", "name_too_long", {"limit": limit, "length": len(said)})
    if said and not any(letter.isalnum() for letter in said):
        yield Fault(f"/{name}", "no_letter", {"value": said[:40]})


def _outlets(answers: Answers) -> Iterator[dict[str, object]]:
    """The files of outlets: a press agency of its own for each newspaper and station, and the public portal."""
    for code, kind, name, channel in (
        ("newspaper", "newspaper", answers.newspaper, ("column", "Cách làm hay", "column")),
        ("tv", "television", answers.television, ("segment", "Giao lưu", "segment")),
    ):
        if name:
            agency = {"code": _short(code_of(name)), "name": name}
            yield {"agency": agency, "outlets": [_outlet(code, kind, name, *channel, audience="outlet")]}
    yield {"outlets": [_outlet("public", "public", answers.site, "all", "Tất cả các bài", "public", audience="public")]}


def _outlet(
    code: str, kind: str, name: str, channel: str, title: str, profile: str, *, audience: str
) -> dict[str, object]:
    said = {"code": channel, "title": title, "profile": profile, "audience": audience, "selection": {}}
    return {"code": code, "kind": kind, "name": name, "channels": [said]}


def _load(session: Session, document: dict[str, object], *, now: datetime) -> list[str]:
    return [catalog.address_of(channel) for channel in catalog.load(session, document, now=now)]


def _short(code: str) -> str:
    """A code as an agency may have it: it begins with a letter, and has at most 41."""
    return (code if code[0].isalpha() else f"a-{code}")[:41].rstrip("-")
