"""A channel's ledger for its outlet: loss-free, from any number on, each row with what stands for it now."""

from __future__ import annotations

from flask import Response

from hub.actors import Role
from hub.api import bp, present
from hub.api.reading import MAX_PAGE, read_number
from hub.errors import NotFound
from hub.http.asking import note_reading_of, require
from hub.http.moving import move_to
from hub.http.services import services
from hub.outlets import catalog, readings, releases
from hub.publishing import documents
from hub.publishing.marks import has_packs
from hub.publishing.packs import Tickets
from hub.publishing.visibility import Variant

DEFAULT_PAGE = 50


@bp.get("/outlets/<outlet>/channels/<channel>/changes")
def list_changes(outlet: str, channel: str) -> Response:
    actor = require(Role.OUTLET)
    after = read_number("after", 0)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    parts = services()
    with parts.database.reading() as session:
        row = catalog.find_channel(session, outlet, channel)
        goal = catalog.follow(session, row) if row is not None else None
        if row is None or goal is None or goal.outlet_id not in actor.outlet_ids:
            raise NotFound(what=f"{outlet}/{channel}", kind="channel")
        if goal is not row:  # from the beginning: its numbers are others, and its first rows are new to this reader
            move_to(f"/api/v1/outlets/{goal.outlet.code}/channels/{goal.code}/changes")
        changes = releases.list_changes(session, row.id, after=after, limit=limit)
        entries = list({change.entry_id: change.entry for change in changes}.values())
        with documents.rendering():
            fragments = documents.fragments_of(session, entries, row, "json", Variant.FULL, parts.settings.address)
    bodies = {entry_id: fragment.body for entry_id, fragment in fragments.items()}
    if has_packs(row):
        tickets = Tickets(actor.key_id or 0, parts.secret)
        bodies = {entry_id: body and tickets.fill(body) for entry_id, body in bodies.items()}
    items = [
        present.change(change.number, change.kind, change.at, present.raw_json(bodies[change.entry_id]))
        for change in changes
    ]
    note_reading_of(actor, row.id, readings.CHANGES, number=changes[-1].number if changes else min(after, row.head))
    following = changes[-1].number if len(changes) == limit else None
    answer = present.linked_page(items, following, parameter="after")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
