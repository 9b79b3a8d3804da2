"""What readers are told of an entry's newest correction beside its note: how grave, of which version, since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from feeds.document import Correction
from hub.models import Change, Entry, Release, Version
from hub.outlets.ledgers import ChangeKind

# made once: an alias costs more than the rest of its query
_SHOWN, _BEFORE = aliased(Release), aliased(Release)


def list_corrections(session: Session, severities: Mapping[int, str]) -> dict[int, Correction]:
    """The corrections of entries, by the entry's id, from the severity that the release of each tells.

    One that is cosmetic has no row of the ledger, and so no date; what another channel's entries were before they were
    carried into this one is not told of.
    """
    graded = {entry_id: severity for entry_id, severity in severities.items() if severity}
    if not graded:
        return {}
    replaced, dates = _replaced(session, graded), _dates(session, graded)
    return {
        entry_id: Correction(severity=severity, replaces=replaced.get(entry_id), at=dates.get(entry_id))
        for entry_id, severity in graded.items()
    }


def _replaced(session: Session, entry_ids: Mapping[int, str]) -> dict[int, int]:
    """The number of the version that stood in the channel before the one that stands there now."""
    query = (
        select(Entry.id, Version.number)
        .join(_SHOWN, _SHOWN.id == Entry.release_id)
        .join(_BEFORE, (_BEFORE.channel_id == Entry.channel_id) & (_BEFORE.story_id == Entry.story_id))
        .join(Version, Version.id == _BEFORE.version_id)
        .where(Entry.id.in_(entry_ids), _BEFORE.id < _SHOWN.id, _BEFORE.version_id != _SHOWN.version_id)
        .where(_BEFORE.state.in_(("superseded", "withdrawn")))
        .order_by(_BEFORE.id)
    )
    return dict(session.execute(query).all())


def _dates(session: Session, entry_ids: Mapping[int, str]) -> dict[int, datetime]:
    query = (
        select(Change.entry_id, func.max(Change.at))
        .where(Change.entry_id.in_(entry_ids), Change.kind == ChangeKind.CORRECTED)
        .group_by(Change.entry_id)
    )
    return dict(session.execute(query).all())
