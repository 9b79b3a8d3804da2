"""The week: what is planned, and the starts of programmes that wait to be planned."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Response, request

from hub.clock import LOCAL, local_day
from hub.http.services import services
from hub.outlets.planning import week
from hub.outlets.planning.week import Occasion
from hub.web.outlet.newsroom import bp, enter, planning_desk, show

YEARS = range(2000, 2100)


@bp.get("/<outlet>/week/", strict_slashes=False)
def show_week(outlet: str) -> Response:
    room, today = enter(outlet), local_day(services().clock.now())
    first = week.monday_of(_asked(today))
    with services().database.reading() as session:
        desk = planning_desk(session, room)
        found = week.list_week(session, desk, first=first)
        nearest = None if found.occasions else week.find_nearest(session, desk, first=first)
    days = [first + timedelta(days=number) for number in range(7)]
    return show(
        room,
        "planning/week.html",
        days=[(day, [each for each in found.occasions if _day_of(each, first) == day]) for day in days],
        week=found,
        nearest=nearest,
        nearest_week=week.monday_of(local_day(nearest.starts_at)).isoformat() if nearest is not None else "",
        first=first,
        last=days[-1],
        today=today,
        before=(first - timedelta(days=7)).isoformat(),
        after=(first + timedelta(days=7)).isoformat(),
        is_now=first <= today <= days[-1],
        now=desk.now,
    )


def _day_of(each: Occasion, first: date) -> date:
    """The day of the week on which something begins; its first one for what began before."""
    start: datetime = each.starts_at
    return max(start.astimezone(LOCAL).date(), first)


def _asked(today: date) -> date:
    try:
        asked = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return today
    return asked if asked.year in YEARS else today
