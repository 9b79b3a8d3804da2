"""Notices: from an event in the outbox to letters and webhooks, and from a letter's notices to its words.

Each event is told once to each user and each endpoint: the rows are unique by event, so that what is done again
changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import schemas
from hub import i18n
from hub.accounts import rights
from hub.clock import LOCAL, local_day
from hub.delivery import account_letters, letters, links, overtaken, recipients, webhooks, wording
from hub.delivery.account_letters import NotWanted
from hub.delivery.mail import Letter as Mail
from hub.delivery.recipients import Choice, Kind, Using, When
from hub.i18n.words import format_day, format_deadline
from hub.models import (
    CoverageRequest,
    Letter,
    Notice,
    Organization,
    Outlet,
    Pickup,
    Segment,
    Story,
    User,
    Version,
    WebhookEndpoint,
)
from hub.records.disclosures import reveal

NOT_IDENTITY = frozenset({"outlets", "by"})  # whom it is told, not what it is
SUBJECTS = {  # what webhooks call the thing: story.returned, duty.late, request.answered
    **dict.fromkeys(recipients.DUTIES, "duty"),
    **dict.fromkeys(recipients.BOOKINGS, "booking"),
    **dict.fromkeys(recipients.REQUESTS, "request"),
}
WAITING_SHOWN = 20
SENT_OUT = (  # what webhooks tell
    *("story", "act", "duty", "request", "booking", "segment"),
    *("organization", "outlet", "clause", "due_at"),
)

Address = Callable[[str], str]


class NothingToTell(Exception):
    """Nothing in a letter holds or is wanted any more: stories withdrawn, duties done, kinds its reader gave up."""


def tell(session: Session, facts: Mapping[str, Any], *, at: datetime, address: Address, now: datetime) -> int:
    """Write the notices and webhooks of an event that happened at `at`; returns how many of both are new.

    Raises LookupError, ValueError, TypeError or AttributeError for facts that make no sense.
    """
    kind, event = Kind(facts["kind"]), identity(facts, at=at)
    if facts.get("due_at"):
        datetime.fromisoformat(facts["due_at"])
    users = recipients.find_users(session, kind, facts, now=now)
    known = set(
        session.scalars(select(Notice.user_id).where(Notice.event == event, Notice.user_id.in_([u.id for u in users])))
    )
    using = recipients.who_used(session, kind, facts, now=now)
    users.sort(key=lambda user: (user.id not in using.users, user.id))  # what is first in the table is sent first
    count = 0
    for user in users:
        choice = recipients.choice_of(session, user)
        when = choice.kinds[kind]
        if user.id in known or when is When.NONE:
            continue
        letter = letters.get_open(session, user, when, event, hour=choice.digest_hour, now=now)
        session.add(
            Notice(
                user_id=user.id,
                event=event,
                kind=kind.value,
                facts={name: value for name, value in facts.items() if name not in NOT_IDENTITY},
                letter_id=letter.id,
                created_at=now,
            )
        )
        count += 1
    return count + _queue_webhooks(session, kind, event, facts, users, using, address=address, at=at, now=now)


def identity(facts: Mapping[str, Any], *, at: datetime) -> str:
    """What makes an event this one: the hash of its facts, but for who is told; of a timer's word also its time."""
    told = {name: value for name, value in facts.items() if name not in NOT_IDENTITY}
    if facts.get("duty"):
        told["at"] = at.isoformat()
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def compose(session: Session, letter: Letter, *, address: Address, host: str, now: datetime) -> Mail | None:
    """A letter's mail, as its reader may know things and as they stand now; None when there is nobody to tell any more.

    Raises NothingToTell when nothing in it holds any more. What a hold keeps back goes to the next digest, again and
    again until the hold ends, without a word of it.
    """
    user = letter.user
    if user.closed_at is not None or not user.email:
        return None
    if account_letters.is_one(letter):
        try:
            return account_letters.compose(session, letter, address=address, host=host, now=now)
        except NotWanted as exc:
            raise NothingToTell() from exc
    if not letter.notices:
        return None
    choice = recipients.choice_of(session, user)
    found = overtaken.sort(session, letter)
    kept_back, told = ([n for n in rows if _is_wanted(n, choice)] for rows in (found.kept_back, found.told))
    for notice in kept_back:
        later = letters.get_open(session, user, When.DAILY, notice.event, hour=choice.digest_hour, now=now)
        notice.letter_id = later.id
    if not told:
        raise NothingToTell()
    shown = _cut(told)
    items = [_item(session, user, notice, choice.language, address=address, now=now) for notice in shown]
    words = wording.letter(
        items,
        name=user.name,
        language=choice.language,
        day=letters.digest_day(letter),
        more=len(told) - len(shown),
        docs_link=address(links.DOCS),
    )
    return Mail(
        to=user.email,
        name=user.name,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=choice.language,
        message_id=letters.message_id(letter, host=host),
        at=now,
    )


def subject_of(letter: Letter, language: str) -> str:
    """What a letter is about, as lists of letters say it, without titles; "" where nothing stands in it."""
    if account_letters.is_one(letter):
        return account_letters.subject_of(letter, language)
    return wording.subject([Kind(notice.kind) for notice in letter.notices], language, day=letters.digest_day(letter))


def _is_wanted(notice: Notice, choice: Choice) -> bool:
    """Whoever chose meanwhile not to hear of such things hears of none that is not under way yet."""
    return choice.kinds[Kind(notice.kind)] is not When.NONE


def test_words(*, name: str, language: str, address: Address) -> wording.Worded:
    """The words of a test letter."""
    return wording.test_letter(name=name, language=language, docs_link=address(links.DOCS))


def _cut(told: Sequence[Notice]) -> list[Notice]:
    """What happened first, then what waits: of that so many as can be read; the others are counted."""
    waiting = [notice for notice in told if notice.kind == Kind.WAITING]
    return [notice for notice in told if notice.kind != Kind.WAITING] + waiting[:WAITING_SHOWN]


def _item(
    session: Session, user: User, notice: Notice, language: str, *, address: Address, now: datetime
) -> wording.Item:
    facts = notice.facts
    story = session.get(Story, facts["story"]) if facts.get("story") else None
    readable = recipients.find_readable(session, user, story, now=now) if story is not None else None
    kind = Kind(notice.kind)
    asked_for = session.get(CoverageRequest, facts["request"]) if kind in recipients.REQUESTS else None
    title = _title(session, story, readable) if story is not None and readable is not None else ""
    organization = recipients.find_organization(session, facts)
    path = links.for_people(session, facts)
    shown = {
        "story": str(facts.get("story") or "") if readable is not None or kind not in recipients.DUTIES else "",
        "organization": organization.name if organization else "",
        "used": _uses_told(recipients.uses_of(session, user, kind, facts, now=now), language),
        "outlet": session.scalar(select(Outlet.name).where(Outlet.code == _outlet_shown(facts))) or "",
        "segment": session.scalar(select(Segment.title).where(Segment.code == facts.get("segment"))) or "",
        "waits_for": wording.waits_for(facts["state"], language) if kind is Kind.WAITING else "",
        "clause": str(facts.get("clause") or ""),
        "due_at": _deadline(facts["due_at"], language) if facts.get("due_at") else "",
        "needed_by": _day(asked_for.needed_by, language) if asked_for and asked_for.needed_by else "",
        "link": address(path) if path else "",
    }
    title = asked_for.title if asked_for is not None else title  # an erasure may have left none
    return wording.Item(kind=kind, title=title, facts=shown, to_sender="receipt" not in facts)


def _deadline(said: str, language: str) -> str:
    def end_of(day: str) -> str:
        return i18n.sentence("the end of %(day)s", language, day=day)

    return format_deadline(datetime.fromisoformat(said), end_of, language)


def _day(day: date, language: str) -> str:
    return format_day(datetime.combine(day, time(), LOCAL), language)


def _outlet_shown(facts: Mapping[str, Any]) -> str:
    """The outlet that a notice is about, or the one that asks; of an answer to itself none."""
    return str(facts.get("outlet") or facts.get("asker") or "")


def _uses_told(rows: Sequence[Pickup], language: str) -> str:
    """What outlets told of their uses: what, when and where, one after the other."""
    known = schemas.vocabulary("pickup_uses")
    told = []
    for row in rows:
        day = f"{row.used_on:%d/%m/%Y}" if row.used_on else ""
        told.append(", ".join(filter(None, (known.label(row.use, language), day, row.place or row.url))))
    return "; ".join(told)


def _title(session: Session, story: Story, number: int) -> str:
    version = session.scalar(select(Version).where(Version.story_id == story.id, Version.number == number))
    content = reveal(version.disclosures) if version else {}
    return str(content.get("title", ""))  # an erased one has none


def _queue_webhooks(
    session: Session,
    kind: Kind,
    event: str,
    facts: Mapping[str, Any],
    users: Sequence[User],
    using: Using,
    *,
    address: Address,
    at: datetime,
    now: datetime,
) -> int:
    """Queue an event for the endpoints of the organization, the outlets and the people it concerns."""
    on = local_day(now)
    organization = _organization_told(session, kind, facts)
    asked = recipients.asked(session, WebhookEndpoint.organization_id, facts, on=on)
    outlets = recipients.outlets_told(recipients.outlet_codes(facts), on=on)
    heirs = rights.line_of(session, organization.id, on=on).own if organization else ()  # itself, and who came after it
    owners = or_(
        WebhookEndpoint.organization_id.in_(heirs) if asked is None else asked,
        WebhookEndpoint.outlet_id.in_(outlets),
        WebhookEndpoint.user_id.in_([user.id for user in users]),
    )
    data = {name: facts[name] for name in SENT_OUT if facts.get(name) is not None}
    data["link"] = address(links.for_machines(facts))
    name = f"{SUBJECTS.get(kind, 'story')}.{kind.value}"
    query = select(WebhookEndpoint).where(owners).order_by(WebhookEndpoint.id).with_for_update()
    found = [each for each in session.scalars(query) if not each.kinds or kind.value in each.kinds]
    found.sort(key=lambda endpoint: not using.holds(endpoint.outlet_id, endpoint.user_id))  # stable
    count = 0
    for endpoint in found:
        used = {"used": True} if using.holds(endpoint.outlet_id, endpoint.user_id) else {}
        count += webhooks.queue(session, endpoint, event=event, kind=name, data={**data, **used}, at=at, now=now)
    return count


def _organization_told(session: Session, kind: Kind, facts: Mapping[str, Any]) -> Organization | None:
    """Whose machines hear of an event beside outlets and people, and those that an outlet asked."""
    if kind in recipients.REQUESTS:
        return None
    if kind is Kind.WITHDRAWN and facts.get("receipt"):
        return None  # one of each outlet's; the sender hears of the act
    if kind is Kind.WAITING and not facts.get("organization"):
        return None  # it is the desk's to act
    return recipients.find_organization(session, facts)
