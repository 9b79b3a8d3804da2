"""What the journal keeps of a story's releases: one digest over what each of them may show, and where, and from when.

Told by every act that makes or changes releases, so that nothing shows more, or less, without an act. States and
public notes are not part of it: embargoes end by the clock, and an erased note leaves no trace.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import JournalRow, MediaToken, Release, Setting
from hub.records import journal

KIND = "releases"  # the kind of its journal record
TOLD = "releases_told"  # the setting that says since when the journal tells of every story that was released
FEW = 500  # stories asked for at once: a statement takes so many parameters


def tell(session: Session, story_ids: Collection[str], *, at: datetime) -> None:
    """Let the journal know the releases of these stories as they are now; call it last, as any append.

    The journal's head is locked before they are read, so that the last row of a story tells what stands.
    """
    wanted = sorted(story_ids)
    if not wanted:
        return
    journal.lock(session, at=at)
    for first in range(0, len(wanted), FEW):
        for story_id, digest in sorted(digests_of(session, wanted[first : first + FEW]).items()):
            journal.append(session, {"kind": KIND, "digest": digest}, at=at, story_id=story_id)


def tell_earlier(session: Session, *, at: datetime) -> int:
    """Tell the releases of before they were told, once in a hub's life; returns of how many stories."""
    if session.get(Setting, TOLD) is not None:
        return 0
    journal.lock(session, at=at)  # two that start at once meet here, and one of them tells
    if session.get(Setting, TOLD) is not None:
        return 0
    session.add(Setting(name=TOLD, value=at.isoformat()))
    untold = set(session.scalars(select(Release.story_id).distinct())) - set(told_last(session))
    tell(session, untold, at=at)
    return len(untold)


def told_last(session: Session) -> dict[str, str]:
    """The last digest that the journal tells of each story's releases."""
    query = select(JournalRow.story_id, JournalRow.body).order_by(JournalRow.number)
    query = query.where(JournalRow.body.contains(f'"kind":"{KIND}"', autoescape=True))
    found: dict[str, str] = {}
    for story_id, body in session.execute(query.execution_options(yield_per=FEW)):
        said = journal.read_record(body)
        if said.get("kind") == KIND and story_id is not None:
            found[story_id] = said.get("digest", "")
    return found


def digests_of(session: Session, story_ids: Collection[str]) -> dict[str, str]:
    """Hex SHA-256 over the releases of each of these stories that has any, by id."""
    session.flush()
    lines: dict[str, list[Any]] = defaultdict(list)
    pictures = _pictures(session, story_ids)
    columns = [
        *(Release.id, Release.version_id, Release.channel_id, Release.act_id, Release.available_from),
        *(Release.fields, Release.hidden, Release.severity, Release.suppliers, Release.carried_from_id),
    ]
    query = select(Release.story_id, *columns).where(Release.story_id.in_(story_ids)).order_by(Release.id)
    for row in session.execute(query):
        lines[row.story_id].append([*row[1:], pictures[row.id]])
    return {story_id: hashlib.sha256(orjson.dumps(told)).hexdigest() for story_id, told in lines.items()}


def _pictures(session: Session, story_ids: Collection[str]) -> dict[int, list[str]]:
    """The uploads that each release still shows, by its id."""
    query = (
        select(MediaToken.release_id, MediaToken.upload_id)
        .join(Release, Release.id == MediaToken.release_id)
        .where(Release.story_id.in_(story_ids), MediaToken.lost_at.is_(None))
        .order_by(MediaToken.release_id, MediaToken.upload_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for release_id, upload_id in session.execute(query):
        found[release_id].append(upload_id)
    return found
