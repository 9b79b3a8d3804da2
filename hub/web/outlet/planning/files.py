"""A segment's rundown, name straps and calendar entry as files, with the session."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

import schemas
from feeds import calendar, planning, rundown, rundown_sheet
from hub.errors import NotFound
from hub.http.services import services
from hub.outlets.planning import reading
from hub.records import contacts
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of

CREW_ROLES = "crew_roles"


@bp.get("/<outlet>/segments/<code>/files/rundown.<any(docx, csv, json):form>")
def get_rundown(outlet: str, code: str, form: str) -> Response:
    room = enter(outlet)
    if form == "csv":
        segment, _ = _segment(room, code, with_contacts=False)
        return _file(rundown.render_csv(segment), rundown.CSV_TYPE, f"{code}.csv")
    segment, language = _segment(room, code, with_contacts=True)
    if form == "json":
        return _file(rundown.render_json(segment), rundown.JSON_TYPE, f"{code}.json")
    roles = schemas.vocabulary(CREW_ROLES)
    labels = {role: roles.label(role, language.partition("-")[0]) for role in {each.role for each in segment.crew}}
    sheet = rundown_sheet.render(segment, language=language, crew_roles=labels)
    return _file(sheet, rundown_sheet.MEDIA_TYPE, f"{code}.docx")


@bp.get("/<outlet>/segments/<code>/files/straps.csv")
def get_straps(outlet: str, code: str) -> Response:
    segment, _ = _segment(enter(outlet), code, with_contacts=False)
    return _file(rundown.render_straps(segment), rundown.CSV_TYPE, f"{code}-straps.csv")


@bp.get("/<outlet>/segments/<code>/files/segment.ics")
def get_event(outlet: str, code: str) -> Response:
    """The one broadcast as a calendar; whoever wants all of them takes the channel's own address."""
    room = enter(outlet)
    segment, language = _segment(room, code, with_contacts=False)
    body = calendar.render(segment.title, [segment], url=segment.url, language=language, alarm_minutes=None)
    return _file(body, calendar.MEDIA_TYPE, f"{code}.ics")


def _segment(room: Newsroom, code: str, *, with_contacts: bool) -> tuple[planning.Segment, str]:
    """One of the outlet's own, and the language of its channel; that contacts were read stands in the journal."""
    parts = services()
    with parts.database.reading() as session:
        segment, language = _read(session, room, code, with_contacts=with_contacts)
    reads = any(guest.contact is not None for guest in segment.guests)
    if reads and not contacts.may_read(parts.database, reader=room.actor.mark, now=parts.clock.now(), segment=code):
        with parts.database.reading() as session:
            segment, language = _read(session, room, code, with_contacts=False)
    return segment, language


def _read(session: Session, room: Newsroom, code: str, *, with_contacts: bool) -> tuple[planning.Segment, str]:
    parts = services()
    row = reading.find_segment(session, code, outlet_ids=family_of(session, room))
    if row is None:
        raise NotFound(what=code, kind="segment")
    segment = reading.document_of(
        session, row, with_contacts=with_contacts, address=parts.settings.address, now=parts.clock.now()
    )
    return segment, row.channel.language


def _file(body: bytes, media_type: str, name: str) -> Response:
    answer = Response(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
