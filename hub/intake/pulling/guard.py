"""The loop guard: what the hub put out itself, or has from its sender already, never comes in again by a feed.

By id: uids of our entries, addresses under our own, ids of stories. By text: what stood in channels of late, what the
organization sent of late, and whatever the index of likenesses has near it, all of it folded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from hub.intake import likeness_checks
from hub.intake.likeness import Telling, telling_of
from hub.intake.pulling import sameness
from hub.intake.pulling.mapping import PREFIX, Mapped
from hub.models import Entry, Release, Story, Version
from hub.outlets.readership import STOOD
from hub.records.disclosures import reveal

RECENT = 300  # stories that stood in channels, and as many of the organization
_STORY_ID = re.compile(r"\bst_[0-9A-Za-z]{26}\b")


class Guard:
    """What is compared with, for one reading of one organization's feed; texts are read once, when first needed."""

    def __init__(self, session: Session, *, organizations: Collection[int], base: str) -> None:
        self._session = session
        self._organizations = organizations
        self._base = _place(base)

    def has_put_out(self, mapped: Mapped) -> bool:
        """Did the hub put this out, or has it been sent in already?"""
        return self._is_ours_by_id(mapped) or self._is_known_by_text(mapped)

    def _is_ours_by_id(self, mapped: Mapped) -> bool:
        if any(_place(address).startswith(self._base) for address in (mapped.guid, mapped.url) if address):
            return True
        named = set(_STORY_ID.findall(f"{mapped.guid} {mapped.url}"))
        ours = select(Entry.id).where(Entry.uid == mapped.guid)
        if self._session.scalar(ours.limit(1)) is not None:
            return True
        story = select(Story.id).where(Story.id.in_(named))
        return bool(named) and self._session.scalar(story.limit(1)) is not None

    def _is_known_by_text(self, mapped: Mapped) -> bool:
        said = sameness.said_in(mapped.text)
        return any(sameness.is_copy(said, told) for told in self._recent) or any(
            sameness.is_copy(said, told) for told in self._near(mapped)
        )

    @cached_property
    def _recent(self) -> Sequence[Telling]:
        """The stories that stood in channels of late, and those that the organization sent of late."""
        stood = (
            select(Release.version_id)
            .where(Release.state.in_(STOOD))
            .order_by(Release.available_from.desc(), Release.id.desc())
            .limit(RECENT)
        )
        sent = (
            select(func.max(Version.id))
            .join(Story, Story.id == Version.story_id)
            .where(self._are_sent)
            .group_by(Story.id)
            .order_by(Story.id.desc())
            .limit(RECENT)
        )
        ids = {*self._session.scalars(stood), *self._session.scalars(sent)}
        return _tellings(self._session, select(Version.disclosures).where(Version.id.in_(ids)))

    @property
    def _are_sent(self) -> ColumnElement[bool]:
        """The organization's own stories, but for drafts that came by a feed: those are known by their entries."""
        came = or_(Story.external_id.is_(None), Story.external_id.not_like(f"{PREFIX}%"))
        return and_(Story.organization_id.in_(self._organizations), came)

    def _near(self, mapped: Mapped) -> Sequence[Telling]:
        """Older stories that have wording in common, as far as anybody could have read them, or they are its own."""
        seen = likeness_checks.seen_of(mapped.draft, 0)
        found = likeness_checks.candidates(self._session, "", seen)
        if not found:
            return []
        query = (
            select(Version.disclosures)
            .join(Story, and_(Story.id == Version.story_id, Story.latest == Version.number))
            .where(Story.id.in_(found))
            .where(or_(Story.released.is_not(None), self._are_sent))
        )
        return _tellings(self._session, query)


def _tellings(session: Session, query: Select[Any]) -> list[Telling]:
    return [telling_of(reveal(disclosures)) for disclosures in session.scalars(query)]


def _place(address: str) -> str:
    """Host and path of an address: whether it is http or https makes no other page of it."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return f"{parts.netloc.lower()}{parts.path}".rstrip("/") + "/" if parts.netloc else ""
