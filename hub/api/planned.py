"""What is coming to a channel, for the program of an outlet whose embargo term holds."""

from __future__ import annotations

from flask import Response

from feeds import jsonfeed
from hub.actors import Role
from hub.api import bp, present
from hub.errors import NotFound
from hub.http.asking import require
from hub.http.services import services
from hub.outlets import catalog, terms
from hub.publishing import planned


@bp.get("/outlets/<outlet>/channels/<channel>/planned")
def list_planned(outlet: str, channel: str) -> Response:
    actor = require(Role.OUTLET)
    parts = services()
    with parts.database.reading() as session:
        row = catalog.find_channel(session, outlet, channel)
        if row is None or row.outlet_id not in actor.outlet_ids or row.audience == "public":
            raise NotFound(what=f"{outlet}/{channel}", kind="channel")
        if not terms.holds(session, row.outlet_id, now=parts.clock.now()):
            raise terms.NoTerm()
        entries = planned.list_planned(session, row, parts.settings.address)
    answer = present.linked_page([present.raw_json(jsonfeed.render_entry(entry)) for entry in entries], None)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
