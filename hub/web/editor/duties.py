"""The duties board by organization and clause, units that have fallen silent, and charts beside their tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

import schemas
from hub.clock import local_day
from hub.http.services import services
from hub.http.wording import local
from hub.outlets.uses import DONE
from hub.regulation import desk_boards
from hub.regulation.duties import reading, reckoning
from hub.regulation.duties.reading import Question
from hub.regulation.edition import editions
from hub.web.editor import drawing, narrowing
from hub.web.editor.desk import actor, part, show
from hub.web.editor.keys import read_key, write_key

PAGE = 40
WEEKS = 12
SPAN = timedelta(days=90)
SILENT_DAYS = (14, 30, 60, 90)
USUAL_DAYS = 30
MOST_BARS = 20
MOST_OWING = 40  # lines of the board by organization and clause

bp = part(__name__, "duties")


@bp.get("/duties/")
def show_duties() -> Response:
    asker, now = actor(), services().clock.now()
    after = read_key(request.args.get("after", ""))
    shows_owing = request.args.get("by") == "organization"
    with services().database.reading() as session:
        narrowed = narrowing.read(session, asker=asker, now=now)
        question = _question(narrowed.code)
        rows = reading.list_running(session, question, asker=asker, now=now, after=after, limit=PAGE + 1)
        clauses = reading.count_by_clause(session, asker=asker, now=now)
        owing = []
        if shows_owing:
            owing = reading.count_running(session, Question(), asker=asker, now=now, limit=MOST_OWING + 1)
        shown = rows[:PAGE]
        names = desk_boards.names_of(session, [*{row.owner for row in shown}, *{each.owner for each in owing}])
        clause_titles = editions.titles_of(session, {each.clause for each in clauses})
        adopted = {edition.id: edition.regulation for edition in editions.timeline(session)}
    titles = {(row.edition_id, row.clause): _title(adopted, row.edition_id, row.clause) for row in shown}
    following = _further(after=write_key((shown[-1].due_at, shown[-1].id))) if len(rows) > PAGE else ""
    return show(
        "duties.html",
        rows=shown,
        shows_owing=shows_owing,
        owing=owing[:MOST_OWING],
        owing_is_cut=len(owing) > MOST_OWING,
        names=names,
        titles=titles,
        narrowed=narrowed,
        clauses=clauses,
        clause_titles=clause_titles,
        question=question,
        following=following,
    )


@bp.get("/duties/silent")
def show_silent() -> Response:
    """Units that have sent nothing for so many days, or since the quarter began."""
    asker, now = actor(), services().clock.now()
    said = request.args.get("days", str(USUAL_DAYS))
    since = _quarter_start(now) if said == "quarter" else now - timedelta(days=_days(said))
    with services().database.reading() as session:
        after = request.args.get("after", "")
        found = desk_boards.list_silent(session, asker=asker, since=since, now=now, after=after, limit=PAGE + 1)
    code = found[PAGE - 1].organization.code if len(found) > PAGE else ""
    following = local(f"/desk/editor/duties/silent?{urlencode({'days': said, 'after': code})}") if code else ""
    chosen = said if said == "quarter" else str(_days(said))
    return show("silent.html", found=found[:PAGE], since=since, chosen=chosen, spans=SILENT_DAYS, following=following)


@bp.get("/charts/")
def show_charts() -> Response:
    asker, now = actor(), services().clock.now()
    with services().database.reading() as session:
        weeks = desk_boards.list_weeks(session, asker=asker, weeks=WEEKS, now=now)
        punctual = reading.list_punctuality(session, asker=asker, since=now - SPAN, now=now, limit=MOST_BARS)
        used = desk_boards.count_uses(session, asker=asker, since=now - SPAN, now=now)
        names = desk_boards.names_of(session, [one.owner for one in punctual])
    states = [state for state in drawing.ORDER if any(state in week.by_state for week in weeks)]
    shares = [(names.get(one.owner, one.owner), round(one.share * 100)) for one in punctual]
    done = [(name, sum(count for use, count in by_use.items() if use in DONE)) for name, by_use in used]
    return show(
        "charts.html",
        weeks=weeks,
        states=states,
        columns=drawing.columns([(week.monday, week.by_state) for week in weeks], states),
        punctual=punctual,
        names=names,
        shares=drawing.bars(shares, most=100),
        used=used,
        uses=schemas.vocabulary("pickup_uses").codes,
        use_bars=drawing.bars(done),
    )


def _question(organization: str) -> Question:
    def said(name: str) -> str | None:
        return request.args.get(name, "")[:80] or None

    state = request.args.get("state")
    return Question(
        organization=organization or None, clause=said("clause"), state=state if state in ("open", "late") else None
    )


def _title(adopted: dict[int, Any], edition: int, number: str) -> str:
    """The title of a clause in the edition that a duty was opened by."""
    regulation = adopted[edition]
    return str(regulation.clause_of(regulation.rules[number]).title)


def _further(**more: str) -> str:
    asked = {name: said for name, said in request.args.items() if said and name != "after"}
    return local(f"/desk/editor/duties/?{urlencode(asked | more)}")


def _days(said: str) -> int:
    return int(said) if said in map(str, SILENT_DAYS) else USUAL_DAYS


def _quarter_start(now: datetime) -> datetime:
    return desk_boards.start_of(reckoning.period_of("quarter", local_day(now)).first)
