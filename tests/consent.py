"""What tests of consent share: the parties of a story as a submission's own paper would make them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hub.records.grants import Grant, Parties, Party


def grants_of(consent: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The grants that a story's `consent` opens."""
    limits = consent.get("limited_to", {})
    guardian = consent.get("guardian", {})
    return tuple(
        Grant(
            scope=scope,
            outlets=frozenset(limits.get("outlets", ())),
            audience=limits.get("audience", ""),
            obtained_on=_day(consent.get("obtained_on")),
            guardian=guardian.get("name", ""),
            guardian_on=_day(guardian.get("obtained_on")),
            assent_on=_day(consent.get("child_assent", {}).get("obtained_on")),
            cleared_on=_day(consent.get("clearance", {}).get("date")),
        )
        for scope in consent["scopes"]
    )


def parties_of(story: Mapping[str, Any], *, guests: Mapping[str, tuple[Grant, ...]] | None = None) -> Parties:
    """The subject and the guests, each with what the paper says, or with what `guests` says of a name."""
    subject, own = story["subject"], grants_of(story["consent"])
    party = Party(
        name=subject["name"],
        kind=subject["type"],
        birth_year=subject.get("birth_year"),
        minor=subject.get("minor", False),
        grants=own,
    )
    names = [guest["name"] for guest in story.get("interview", {}).get("guests", ())]
    around = tuple(
        party if name == subject["name"] else Party(name=name, grants=(guests or {}).get(name, own)) for name in names
    )
    return Parties(subject=party, guests=around)


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
