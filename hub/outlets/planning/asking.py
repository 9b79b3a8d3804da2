"""May a guest be asked, or still come? The card has to stand, and the consent ledger has to say yes until the end.

Taking part in the exchange needs the scope `voice` or `live_appearance`, given for the channel, by a child's guardian
and the child, too; a scope that ends before the broadcast does is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feeds.document import Status
from hub.clock import local_day
from hub.errors import Conflict
from hub.models import Booking, Story
from hub.outlets.planning import cards, keeping
from hub.outlets.planning.cards import Card, CardGuest
from hub.outlets.planning.keeping import Desk
from hub.outlets.planning.wording import Why
from hub.records import consents
from hub.records.grants import Given, Limits, given_by
from hub.records.parties import parties_of

TAKING_PART = frozenset({"voice", "live_appearance"})


class NoConsent(Conflict):
    """The guest has not agreed to take part."""

    key = "error.guest_no_consent"


class ConsentGone(NoConsent):
    """The guest agreed to take part, and took it back."""

    key = "error.guest_consent_gone"


class ConsentEnds(NoConsent):
    """What the guest agreed to ends before the broadcast does."""

    key = "error.guest_consent_ends"


class CardGone(Conflict):
    """The interview card that names the guest does not stand in a channel of the outlet."""

    key = "error.guest_card_gone"


@dataclass(frozen=True, slots=True)
class Asked:
    """A guest of a card who may come, and the scopes of consent that hold until the end."""

    card: Card
    guest: CardGuest
    scopes: tuple[str, ...]


def check(session: Session, card: Card, guest: CardGuest, *, until: datetime, limits: Limits, now: datetime) -> Asked:
    """The guest of a card, asked to what ends at `until`. Raises NoConsent, or what of it has gone or will end."""
    given = _given(session, card, guest, until=until, limits=limits, now=now)
    if not given.scopes.isdisjoint(TAKING_PART):
        return Asked(card, guest, tuple(sorted(given.scopes)))
    gone = consents.list_gone(session, guest.person_id, card.story_id, at=until) if guest.person_id else {}
    ended = max((gone[scope] for scope in TAKING_PART & gone.keys()), default=None)
    if ended is None:
        raise NoConsent(guest=guest.name)
    kind = ConsentEnds if ended[1] == consents.EXPIRED else ConsentGone
    raise kind(guest=guest.name, at=ended[0].isoformat())


def check_booked(session: Session, row: Booking, *, until: datetime, desk: Desk) -> Asked:
    """As `check`, of somebody who is booked. Raises CardGone, too."""
    found = _on_card(session, row)
    if found is None:
        raise CardGone(guest=row.name)
    return check(session, *found, until=until, limits=desk.limits, now=desk.now)


def find_obstacle(
    session: Session, row: Booking, *, until: datetime, limits: Limits, now: datetime
) -> tuple[Why | None, tuple[str, ...]]:
    """Why somebody booked cannot come any more, and the scopes that are left; None where nothing stands in the way."""
    found = _on_card(session, row)
    if found is None:
        story_id, outlet_ids = row.story_id or "", keeping.list_line(session, row.outlet_id)
        story = session.get_one(Story, story_id)
        gone = consents.list_gone(session, row.person_id, story_id, at=until) if row.person_id else {}
        if gone.keys() & TAKING_PART:
            return Why.CONSENT, ()
        if story.state == Status.WITHDRAWN or not cards.stands(session, story_id, outlet_ids=outlet_ids):
            return (Why.STORY_HELD if story.held else Why.STORY_WITHDRAWN), ()
        return Why.CARD, ()
    scopes = _given(session, *found, until=until, limits=limits, now=now).scopes
    return (Why.CONSENT if scopes.isdisjoint(TAKING_PART) else None), tuple(sorted(scopes))


def _on_card(session: Session, row: Booking) -> tuple[Card, CardGuest] | None:
    known = cards.list_cards(session, row.story_id or "", outlet_ids=keeping.list_line(session, row.outlet_id))
    return cards.find_guest(known, person_id=row.person_id, name="" if row.person_id else row.name)


def _given(session: Session, card: Card, guest: CardGuest, *, until: datetime, limits: Limits, now: datetime) -> Given:
    """What the guest gives to the card's channel, as far as it holds until the end."""
    parties = parties_of(session, card.story_id, card.version, card.content, at=max(until, now), limits=limits)
    party, channel = parties.guests[guest.place], card.channel
    return given_by(party, outlet=channel.outlet.code, audience=channel.audience, today=local_day(now), limits=limits)
