"""A segment's rundown and name straps as files, for the outlet that plans it and nobody else."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

import schemas
from feeds import planning, rundown, rundown_sheet
from hub.actors import Actor, Role
from hub.api import bp
from hub.api.segments import list_own_outlets
from hub.errors import NotFound
from hub.http.asking import require
from hub.http.services import services
from hub.outlets.planning import reading
from hub.records import contacts

CREW_ROLES = "crew_roles"


@bp.get("/segments/<segment_code>/rundown.<any(docx, csv, json):form>")
def get_rundown(segment_code: str, form: str) -> Response:
    actor = require(Role.OUTLET)
    if form == "csv":
        segment, _ = _segment(segment_code, actor, with_contacts=False)
        return _file(rundown.render_csv(segment), rundown.CSV_TYPE, f"{segment_code}.csv")
    segment, language = _segment(segment_code, actor, with_contacts=True)
    if form == "json":
        return _file(rundown.render_json(segment), rundown.JSON_TYPE, f"{segment_code}.json")
    roles = schemas.vocabulary(CREW_ROLES)
    labels = {role: roles.label(role, language.partition("-")[0]) for role in {each.role for each in segment.crew}}
    sheet = rundown_sheet.render(segment, language=language, crew_roles=labels)
    return _file(sheet, rundown_sheet.MEDIA_TYPE, f"{segment_code}.docx")


@bp.get("/segments/<segment_code>/straps.csv")
def get_straps(segment_code: str) -> Response:
    segment, _ = _segment(segment_code, require(Role.OUTLET), with_contacts=False)
    return _file(rundown.render_straps(segment), rundown.CSV_TYPE, f"{segment_code}-straps.csv")


def _segment(code: str, actor: Actor, *, with_contacts: bool) -> tuple[planning.Segment, str]:
    """One of the outlet's own, and the language of its channel; that contacts were read stands in the journal."""
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        segment, language = _read(session, code, actor, with_contacts=with_contacts)
    reads = any(guest.contact is not None for guest in segment.guests)
    if reads and not contacts.may_read(parts.database, reader=actor.mark, now=now, segment=code):
        with parts.database.reading() as session:
            segment, language = _read(session, code, actor, with_contacts=False)
    return segment, language


def _read(session: Session, code: str, actor: Actor, *, with_contacts: bool) -> tuple[planning.Segment, str]:
    parts = services()
    now = parts.clock.now()
    row = reading.find_segment(session, code, outlet_ids=list_own_outlets(session, actor, now=now))
    if row is None:
        raise NotFound(what=code, kind="segment")
    address = parts.settings.address
    segment = reading.document_of(session, row, with_contacts=with_contacts, address=address, now=now)
    return segment, row.channel.language


def _file(body: bytes, media_type: str, name: str) -> Response:
    answer = Response(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"  # names, and of guests how to reach them
    return answer
