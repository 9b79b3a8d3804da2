"""What the journal's rows leave out and a duty needs: who stands above whom, who had a story, what it says.

Everything is asked once for each page of rows and kept for the length of one run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hub.models import Channel, Entry, Organization, Outlet, Release, Story, Version
from hub.records.disclosures import reveal
from hub.regulation.clauses import Unit, Units

CHUNK = 500  # values in one IN
FEW = 20  # organizations asked for by their lines; more of them, and the whole tree is read


class Lookups:
    """Answers for one run; a run sees the tree as it stands."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._units: dict[str, tuple[Unit, str | None]] = {}  # with the code of what stands above
        self._whole = False
        self._owners: dict[str, str] = {}
        self._outlets: dict[str, str] | None = None

    def prepare(self, organizations: Collection[str], stories: Collection[str]) -> None:
        """Ask at once for what a page of rows names."""
        unknown = sorted(set(stories) - self._owners.keys())
        for some in chunks(unknown):
            query = select(Story.id, Organization.code).join(Organization, Organization.id == Story.organization_id)
            self._owners.update({row[0]: row[1] for row in self.session.execute(query.where(Story.id.in_(some)))})
        wanted = {*organizations, *(self._owners[story] for story in unknown if story in self._owners)}
        if not self._whole and len(wanted - self._units.keys()) > FEW:
            self._load_tree()

    def organization_of(self, story_id: str | None) -> str:
        """The code of the organization whose story it is; empty without one."""
        if story_id is None:
            return ""
        self.prepare((), [story_id])
        return self._owners.get(story_id, "")

    def lineage(self, code: str) -> tuple[Unit, ...]:
        """An organization and all above it, nearest first; none for an unknown code."""
        if code not in self._units and not self._whole:
            self._load_line(code)
        line: list[Unit] = []
        here: str | None = code
        while here is not None and here in self._units and len(line) <= len(self._units):
            unit, here = self._units[here]
            line.append(unit)
        return tuple(line)

    def each(self, units: Units, at: datetime) -> Iterator[str]:
        """The codes of the organizations that fit and existed at `at`."""
        self._load_tree()
        query = select(Organization.code).where(Organization.created_at <= at).order_by(Organization.code)
        query = query.where(Organization.closed_at.is_(None) | (Organization.closed_at > at))
        for code in self.session.scalars(query).all():
            if units.holds(self.lineage(code)):
                yield code

    def outlets(self) -> Mapping[str, str]:
        """The kind of every outlet, by code."""
        if self._outlets is None:
            rows = self.session.execute(select(Outlet.code, Outlet.kind).order_by(Outlet.code))
            self._outlets = {row[0]: row[1] for row in rows}
        return self._outlets

    def outlets_with(self, story_id: str, at: datetime) -> list[str]:
        """The outlets in whose channels a story stood by `at`."""
        query = (
            select(Outlet.code)
            .distinct()
            .join(Channel, Channel.outlet_id == Outlet.id)
            .join(Entry, Entry.channel_id == Channel.id)
            .where(Entry.story_id == story_id, Entry.published <= at)
            .order_by(Outlet.code)
        )
        return list(self.session.scalars(query))

    def starts(self, act_id: int) -> dict[str, datetime]:
        """When the releases of an act may be seen first, by outlet: an embargo may hold them back."""
        query = (
            select(Outlet.code, Release.available_from)
            .join(Channel, Channel.id == Release.channel_id)
            .join(Outlet, Outlet.id == Channel.outlet_id)
            .where(Release.act_id == act_id)
        )
        found: dict[str, datetime] = {}
        for code, starts in self.session.execute(query):
            found[code] = min(starts, found.get(code, starts))
        return found

    def content(self, story_id: str | None, version: Any) -> dict[str, Any]:
        """What a version says, as far as nobody was erased; nothing for a version that is not there."""
        if story_id is None or not isinstance(version, int):
            return {}
        query = select(Version.disclosures).where(Version.story_id == story_id, Version.number == version)
        disclosures = self.session.scalar(query)
        return reveal(disclosures) if disclosures else {}

    def _load_line(self, code: str) -> None:
        start = select(Organization.id, Organization.parent_id).where(Organization.code == code)
        line = start.cte("line", recursive=True)
        above = aliased(Organization)
        line = line.union_all(select(above.id, above.parent_id).join(line, above.id == line.c.parent_id))
        self._take(select(Organization).join(line, line.c.id == Organization.id))

    def _load_tree(self) -> None:
        if not self._whole:
            self._take(select(Organization))
            self._whole = True

    def _take(self, query: Any) -> None:
        rows = list(self.session.scalars(query))
        codes = {row.id: row.code for row in rows}
        for row in rows:
            system = getattr(row, "system", "")
            unit = Unit(code=row.code, kind=row.kind, level=row.level, system=system or "")
            self._units[row.code] = (unit, codes.get(row.parent_id))


def chunks(values: list[str]) -> Iterator[list[str]]:
    """A list in parts that one IN can take."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
