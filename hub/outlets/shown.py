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

from hub.models import MediaToken, Release
from hub.records import journal

KIND = "releases"  # the kind of its journal record
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
