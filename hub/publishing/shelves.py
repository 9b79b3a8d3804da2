"""Where the portal's lists stand: a topic, an organization, a province or commune, a movement, each at its address.

Topics are a vocabulary, so each has a list, if an empty one. All else is there as long as a story that shows stands
under it: a list tells nothing that no story tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.accounts import organizations
from hub.models import Organization
from hub.publishing import searching
from hub.publishing.listing import ALL, KIND, MOVEMENT, ORGANIZATION, PLACE, PROVINCE, TOPIC, YEAR
from hub.publishing.searching import Filter

DIMENSIONS = (TOPIC, ORGANIZATION, PROVINCE, PLACE, MOVEMENT, KIND, YEAR)
VOCABULARIES = {TOPIC: "topics", KIND: "kinds"}
FOLDERS = {TOPIC: "topics", ORGANIZATION: "organizations", PROVINCE: "places", PLACE: "places", MOVEMENT: "movements"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list of the portal: what it is of, and what that is called."""

    dimension: str
    code: str  # as it stands in addresses
    name: str  # as stories say it; "" where a vocabulary or the dimension does
    codes: tuple[str, ...]  # of an organization also those that it has come after

    @property
    def filter(self) -> Filter:
        """What narrows a list or a search to this."""
        return Filter(self.dimension, self.codes)

    @property
    def path(self) -> str:
        """Where its page stands; "" for what has none."""
        if self.dimension == ALL:
            return "/stories"
        folder = FOLDERS.get(self.dimension)
        return f"/{folder}/{self.code}" if folder else ""


EVERYTHING = Shelf(ALL, "", "", ("",))


def find(session: Session, dimension: str, code: str, *, on: date) -> Shelf | None:
    """The list of a code, or of whoever an organization has merged into by this day; None where there is none."""
    if dimension in VOCABULARIES:
        return Shelf(dimension, code, "", (code,)) if code in schemas.vocabulary(VOCABULARIES[dimension]) else None
    if dimension == ORGANIZATION:
        return _find_organization(session, code, on=on)
    name = searching.find_label(session, dimension, [code])
    return None if name is None else Shelf(dimension, code, name or code, (code,))


def list_paths(session: Session, *, limit: int) -> list[str]:
    """Where lists with stories stand, at most so many, none of an organization that another has come after."""
    paths: list[str] = []
    for dimension in FOLDERS:
        codes = searching.list_codes(session, dimension, limit=limit - len(paths)) if len(paths) < limit else None
        found = [row.code for row in codes.rows] if codes else []
        if dimension == ORGANIZATION:
            ended = select(Organization.code).where(Organization.successor_id.is_not(None))
            ended = ended.where(Organization.code.in_(found))
            found = sorted(set(found) - set(session.scalars(ended)))
        paths += [Shelf(dimension, code, "", (code,)).path for code in found]
    return paths


def list_names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """What these organizations are called today, by code."""
    return dict(session.execute(select(Organization.code, Organization.name).where(Organization.code.in_(codes))).all())


def _find_organization(session: Session, code: str, *, on: date) -> Shelf | None:
    row = organizations.find(session, code)
    if row is None:
        return None
    heir = organizations.resolve(session, row.id, on=on)
    family = organizations.family(heir.id, on=on)
    codes = sorted(session.scalars(select(Organization.code).join(family, family.c.id == Organization.id)))
    if searching.find_label(session, ORGANIZATION, codes) is None:
        return None
    return Shelf(ORGANIZATION, heir.code, heir.name, tuple(codes))
