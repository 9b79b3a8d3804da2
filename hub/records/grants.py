"""What somebody agreed to, as the rules of release read it from the consent ledger. Pure.

A grant is one scope with its limits. It counts in a channel when its day has come, when its outlets and its audience
admit the channel and, for a child, when the guardian agreed and, from the age of assent on, the child did, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import schemas

NAME_SCOPES = frozenset({"name", "collective_name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The ages that decide who is asked; clauses of the regulation may set others."""

    assent_age: int = 7  # from then on the child is asked, too (Law on Children 2016, art. 21; Decree 56/2017, art. 33)
    minor_age: int = 16  # a child is a person under sixteen (Law on Children 2016, art. 1)


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One scope that somebody agreed to, as long as it is open. Empty limits let it hold everywhere."""

    scope: str
    outlets: frozenset[str] = frozenset()
    audience: str = ""  # the widest that may see it: `outlet` keeps it out of public channels
    obtained_on: date | None = None
    guardian: str = ""  # the guardian's name
    guardian_on: date | None = None
    assent_on: date | None = None
    cleared_on: date | None = None  # by the unit of somebody in the armed forces or at a hazardous post

    def reaches(self, *, outlet: str, audience: str) -> bool:
        """Do its limits admit a channel of this outlet with this audience?"""
        if self.outlets and outlet not in self.outlets:
            return False
        return not self.audience or schemas.Audience.named(audience) >= schemas.Audience.named(self.audience)

    def is_ripe(self, *, today: date) -> bool:
        """A consent of another day is none yet."""
        return self.obtained_on is None or self.obtained_on <= today


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person, collective or household that a version is about, with all that the ledger holds open for it."""

    name: str
    kind: str = "individual"
    birth_year: int | None = None
    minor: bool = False
    known: bool = True  # the ledger had something of them in this story, be it ended
    grants: tuple[Grant, ...] = ()

    def is_child(self, *, today: date, limits: Limits) -> bool:
        """Under the age of a child, or said to be one; a household or collective only when it is said."""
        youngest = self._youngest(today)
        return self.minor or (youngest is not None and youngest < limits.minor_age)

    def is_asked(self, *, today: date, limits: Limits) -> bool:
        """Is this child old enough to be asked? The birthday may have been already; an unknown age is enough."""
        youngest = self._youngest(today)
        return youngest is None or youngest + 1 >= limits.assent_age

    def _youngest(self, today: date) -> int | None:
        known = self.kind == "individual" and self.birth_year
        return today.year - int(self.birth_year or 0) - 1 if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Everybody a version is about: its subject, and the guests in the order of the interview card."""

    subject: Party
    guests: tuple[Party, ...] = ()
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one party gives to one channel on one day.

    `grants` are those that count; `claimed` falls back on what was said without guardian, assent or day when nothing
    counts, so that one refusal is told and not ten.
    """

    party: Party
    limits: Limits
    grants: tuple[Grant, ...]
    claimed: tuple[Grant, ...]
    pending: date | None  # the day of a consent that is none yet, when there is no other
    child: bool
    guarded: bool  # no child, or the guardian agreed
    assented: bool  # nobody to ask, or the child did
    cleared: bool  # the unit said yes

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that count there."""
        return frozenset(grant.scope for grant in self.grants)

    @property
    def claimed_scopes(self) -> frozenset[str]:
        """The scopes that were said for it."""
        return frozenset(grant.scope for grant in self.claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What everybody a version is about gives to one channel."""

    subject: Given
    guests: tuple[Given, ...] = ()


def agreed_in(parties: Parties, *, outlet: str, audience: str, today: date) -> Agreed:
    """What `parties` give to a channel of `outlet` with `audience`."""
    subject, *guests = [
        given_by(party, outlet=outlet, audience=audience, today=today, limits=parties.limits)
        for party in (parties.subject, *parties.guests)
    ]
    return Agreed(subject=subject, guests=tuple(guests))


def given_by(party: Party, *, outlet: str, audience: str, today: date, limits: Limits = DEFAULT_LIMITS) -> Given:
    """What `party` gives to a channel of `outlet` with `audience`; of a child only what its guardian agreed to."""
    reaching = [grant for grant in party.grants if grant.reaches(outlet=outlet, audience=audience)]
    ripe = [grant for grant in reaching if grant.is_ripe(today=today)]
    child = party.is_child(today=today, limits=limits)
    asked = child and party.is_asked(today=today, limits=limits)
    guarded = [grant for grant in ripe if not child or _by(grant.guardian_on, today)]
    assented = [grant for grant in ripe if not asked or _by(grant.assent_on, today)]
    whole = [grant for grant in guarded if grant in assented]
    pending = [grant.obtained_on for grant in reaching if grant.obtained_on is not None]
    return Given(
        party=party,
        limits=limits,
        grants=tuple(whole),
        claimed=tuple(whole or ripe or reaching),
        pending=min(pending) if pending and not ripe else None,
        child=child,
        guarded=not child or bool(guarded),
        assented=not asked or bool(whole if guarded else assented),
        cleared=any(_by(grant.cleared_on, today) for grant in ripe),
    )


def narrowest(audiences: Iterable[str]) -> str:
    """The strictest of several limits of audience; empty when there is none."""
    named = [audience for audience in audiences if audience]
    return max(named, key=schemas.Audience.named, default="")


def _by(day: date | None, today: date) -> bool:
    return day is not None and day <= today
