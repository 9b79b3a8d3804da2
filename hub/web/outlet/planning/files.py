"""A segment's rundown, name straps and calendar entry as files, with the session."""

from __future__ import annotations

from functools import partial

from flask import Response

from feeds import calendar
from hub.http import running_orders
from hub.http.running_orders import Owned, as_file
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of


@bp.get("/<outlet>/segments/<code>/files/rundown.<any(docx, csv, json):form>")
def get_rundown(outlet: str, code: str, form: str) -> Response:
    room = enter(outlet)
    return running_orders.rundown_of(code, form, actor=room.actor, owned=_owned(room))


@bp.get("/<outlet>/segments/<code>/files/straps.csv")
def get_straps(outlet: str, code: str) -> Response:
    room = enter(outlet)
    return running_orders.straps_of(code, actor=room.actor, owned=_owned(room))


@bp.get("/<outlet>/segments/<code>/files/segment.ics")
def get_event(outlet: str, code: str) -> Response:
    """The one broadcast as a calendar; whoever wants all of them takes the channel's own address."""
    room = enter(outlet)
    segment, language = running_orders.read(code, actor=room.actor, owned=_owned(room), with_contacts=False)
    body = calendar.render(segment.title, [segment], url=segment.url, language=language, alarm_minutes=None)
    return as_file(body, calendar.MEDIA_TYPE, f"{code}.ics")


def _owned(room: Newsroom) -> Owned:
    return partial(family_of, room=room)
