"""What the journal keeps of an act: commitments, never its texts."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import orjson

from hub.models import Act, Story
from hub.records import journal


def record_of(act: Act, story: Story) -> dict[str, Any]:
    """What the journal keeps of an act: commitments, never its texts."""
    text = committed_text(act.reason, act.note, act.actor_name, act.faults, act.changes)
    said = {
        "kind": "act",
        "act": act.kind,
        "id": act.id,
        "version": act.version,
        "actor": f"{act.actor_kind}:{act.actor_id}",
        "role": act.actor_kind,
        "before": act.state_before,
        "after": act.state_after,
        "channels": list(act.channels),
        "embargo_until": act.embargo_until.astimezone(UTC).isoformat() if act.embargo_until else None,
        "note": journal.commitment(act.salt, text),
        "organization": story.organization.code,
        "by": act.by_code,
        "clause": act.clause,
        "urgency": story.urgency,
    }
    optional = {"into": act.into_id, "step": act.step}
    return said | {name: value for name, value in optional.items() if value}


def committed_text(reason: str, note: str, actor_name: str, faults: Any, changes: Any) -> str:
    """The texts of an act that the journal commits to."""
    told = [orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode() for said in (faults, changes) if said]
    return "\n".join([reason, note, actor_name, *told])
