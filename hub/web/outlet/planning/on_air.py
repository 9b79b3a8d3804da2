"""The clock of a broadcast that is on, as its pages show it: what is reckoned at load, and the words of its script."""

from __future__ import annotations

from datetime import datetime

import orjson
from flask_babel import gettext

from hub.models import Segment
from hub.outlets.planning import documents, rundowns


def facts_of(segment: Segment, now: datetime) -> dict[str, object]:
    """What the clock of a broadcast that is on needs on its page."""
    return {
        "standing": documents.on_air_of(segment, now),
        "item_ids": rundowns.ids_of(segment.items),
        "air_texts": _texts(),
        "now": now,
    }


def _texts() -> str:
    """What the script of the clock says, in the language of the page."""
    return orjson.dumps(
        {
            "on": gettext("On air now"),
            "begins": gettext("Begins in {length}"),
            "item": gettext("On now: {title}"),
            "none": gettext("No item is left."),
            "over": gettext("{length} over"),
            "long": gettext("{length} too long"),
            "short": gettext("{length} short"),
            "fits": gettext("to the second"),
            "changed": gettext("Somebody else has changed the rundown meanwhile."),
            "reload": gettext("Load it again"),
        }
    ).decode()
