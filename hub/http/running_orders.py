"""A segment's rundown and name straps as files, for the outlet that plans it, whichever door asks.

How guests are reached leaves through the journal alone: where it cannot be told, the file comes without.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import Response
from sqlalchemy.orm import Session

import schemas
from feeds import planning, rundown, rundown_sheet
from hub.actors import Actor
from hub.errors import NotFound
from hub.http.services import services
from hub.outlets.planning import reading
from hub.records import contacts

CREW_ROLES = "crew_roles"
Owned = Callable[[Session], Collection[int]]  # the rows of the outlets whose segments the actor may have


def rundown_of(code: str, form: str, *, actor: Actor, owned: Owned) -> Response:
    """The rundown as "docx", "csv" or "json". Raises NotFound for a segment that is of none of the outlets."""
    if form == "csv":
        segment, _ = read(code, actor=actor, owned=owned, with_contacts=False)
        return as_file(rundown.render_csv(segment), rundown.CSV_TYPE, f"{code}.csv")
    segment, language = read(code, actor=actor, owned=owned, with_contacts=True)
    if form == "json":
        return as_file(rundown.render_json(segment), rundown.JSON_TYPE, f"{code}.json")
    roles = schemas.vocabulary(CREW_ROLES)
    labels = {role: roles.label(role, language.partition("-")[0]) for role in {each.role for each in segment.crew}}
    sheet = rundown_sheet.render(segment, language=language, crew_roles=labels)
    return as_file(sheet, rundown_sheet.MEDIA_TYPE, f"{code}.docx")


def straps_of(code: str, *, actor: Actor, owned: Owned) -> Response:
    """The name straps of the guests as CSV. Raises NotFound."""
    segment, _ = read(code, actor=actor, owned=owned, with_contacts=False)
    return as_file(rundown.render_straps(segment), rundown.CSV_TYPE, f"{code}-straps.csv")


def read(code: str, *, actor: Actor, owned: Owned, with_contacts: bool) -> tuple[planning.Segment, str]:
    """A segment and the language of its channel; that contacts were read stands in the journal. Raises NotFound."""
    parts = services()
    segment, language = _read(code, owned, with_contacts=with_contacts)
    reads = any(guest.contact is not None for guest in segment.guests)
    if reads and not contacts.may_read(parts.database, reader=actor.mark, now=parts.clock.now(), segment=code):
        return _read(code, owned, with_contacts=False)
    return segment, language


def as_file(body: bytes, media_type: str, name: str) -> Response:
    """An answer to be kept under this name by whoever asked, and by no cache on the way."""
    answer = Response(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"  # names, and of guests how to reach them
    return answer


def _read(code: str, owned: Owned, *, with_contacts: bool) -> tuple[planning.Segment, str]:
    parts = services()
    with parts.database.reading() as session:
        row = reading.find_segment(session, code, outlet_ids=owned(session))
        if row is None:
            raise NotFound(what=code, kind="segment")
        address, now = parts.settings.address, parts.clock.now()
        segment = reading.document_of(session, row, with_contacts=with_contacts, address=address, now=now)
        return segment, row.channel.language
