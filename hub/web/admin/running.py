"""How the hub runs: overview, what is on its way out, sources, the journal, health, and the clock."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub import i18n
from hub.accounts.browsing import READERS
from hub.actors import Role
from hub.delivery import notices, undelivered
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import label
from hub.i18n.words import STATES
from hub.intake.pulling import faults, sources
from hub.operation import health
from hub.operation import overview as overview_numbers
from hub.records import journal_reading, kinds
from hub.records.journal_reading import Line, Question
from hub.web import once, visitors
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, PAGE, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page
from hub.web.numbers import asked_number

bp = open_desk(ADMIN, __name__, name="admin_running")
OUTBOX = "/desk/admin/outbox/"
TABS = ("letters", "webhooks", "pushes", "sources")
STEPS = ("repeat", "drop")


@bp.get("/")
def overview() -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    now = services().clock.now()
    with services().database.reading() as session:
        whole = entering.reaches_whole(session, READERS)
        numbers = overview_numbers.count(session, now=now) if whole else None
    found = health.look(services().database, services().settings, now=now) if whole else None
    return page("admin/overview.html", desk=ADMIN, health=found, checks=_checks(found), numbers=numbers)


@bp.get("/outbox/")
def show_outbox() -> Response:
    return _outbox_page(NOTHING)


@bp.post("/outbox/<what>/<int(max=2147483647):number>")
def act_on_outbox(what: str, number: int) -> Response:
    """Try again or drop what waits, fails or is dead; read a source again, or no more."""
    actor, now, step = entering.require_whole(), services().clock.now(), forms.text("step")
    try:
        if what not in TABS or step not in STEPS:
            raise NotFound(kind="page")
        with services().database.writing() as session:
            if what == "sources":
                row = sources.get(session, number)
                (sources.pause if step == "drop" else sources.resume)(session, row, actor=actor.mark, now=now)
            elif step == "drop":
                undelivered.drop(session, what, number, actor=actor.mark, now=now)
            else:
                undelivered.repeat(session, what, number, actor=actor.mark, now=now)
    except HubError as exc:
        return _outbox_page(forms.refused(exc), tab=what)
    return go_on(f"{OUTBOX}?tab={what}")


@bp.post("/outbox/<any(letters, webhooks, pushes):what>/again")
def try_all_again(what: str) -> Response:
    """Try again all letters and deliveries that were given up, or all pushes that fail."""
    actor, now = entering.require_whole(), services().clock.now()
    try:
        with services().database.writing() as session:
            if once.is_first(session, actor, f"try all {what} again", now=now):
                undelivered.repeat_all(session, what, actor=actor.mark, now=now)
    except HubError as exc:
        return _outbox_page(forms.refused(exc), tab=what)
    return go_on(f"{OUTBOX}?tab={what}")


@bp.get("/journal/")
def show_journal() -> Response:
    entering.require_whole(READERS)
    said = {name: request.args.get(name, "").strip() for name in ("kind", "actor", "story", "day")}
    question = Question(kind=said["kind"], actor=said["actor"], story=said["story"], day=_day(said["day"]))
    before = asked_number("before")
    with services().database.reading() as session:
        lines = journal_reading.list_lines(session, question, before=before, limit=PAGE + 1)
        head = journal_reading.find_head(session)
        verified = health.recall(session, health.VERIFIED)
    more = ""
    if len(lines) > PAGE:
        kept = {name: value for name, value in said.items() if value}
        more = f"/desk/admin/journal/?{urlencode({**kept, 'before': lines[PAGE - 1].number})}"
    language = asked_language()
    shown = [(line, kinds.sentence_of({**line.named, "kind": line.kind}, language), _actor(line)) for line in lines]
    titles = sorted((kinds.title_of(kind, language), kind) for kind in kinds.KINDS)
    facts: dict[str, Any] = {"said": said, "lines": shown[:PAGE], "head": head, "more": more, "kinds": titles}
    return page("admin/journal.html", desk=ADMIN, verified=verified, **facts)


@bp.get("/health/")
def show_health() -> Response:
    return _health_page(NOTHING)


@bp.post("/health/clock")
def accept_clock() -> Response:
    actor, now = entering.require_whole(), services().clock.now()
    try:
        with services().database.writing() as session:
            health.accept_clock(session, actor=actor.mark, now=now)
    except HubError as exc:
        return _health_page(forms.refused(exc))
    return go_on("/desk/admin/health/")


def _outbox_page(refusal: Refused, *, tab: str = "") -> Response:
    entering.require_whole(READERS)
    language = asked_language()
    tab = tab or request.args.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    before = asked_number("before")
    with services().database.reading() as session:
        rows: list[Any]
        if tab == "letters":
            rows = list(undelivered.list_letters(session, before=before, limit=PAGE + 1))
        elif tab == "webhooks":
            rows = list(undelivered.list_deliveries(session, before=before, limit=PAGE + 1))
        elif tab == "pushes":
            rows = list(undelivered.list_pushes(session, before=before, limit=PAGE + 1))
        else:
            rows = list(sources.list_page(session, before=before, limit=PAGE + 1))
        changes = entering.reaches_whole(session)
        given_up = undelivered.count_given_up(session, tab) if changes and tab != "sources" else 0
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    number = (last[0] if isinstance(last, tuple) else last).id if last is not None else 0
    facts: dict[str, Any] = {"tab": tab, "tabs": TABS, "rows": rows[:PAGE], "changes": changes}
    facts |= {"mail": bool(services().settings.smtp)}
    facts |= {"more": f"{OUTBOX}?tab={tab}&before={number}" if number else ""}
    facts |= {"given_up": given_up, "once": once.new_token(), "about": lambda row: notices.subject_of(row, language)}
    facts |= {"host": sources.shown_address, "fault": lambda word: faults.sentence(word, language)}
    return page("admin/outbox.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


def _health_page(refusal: Refused) -> Response:
    entering.require_whole(READERS)
    now = services().clock.now()
    found = health.look(services().database, services().settings, now=now)
    with services().database.reading() as session:
        changes = entering.reaches_whole(session)
    stories = [(i18n.sentence(STATES.get(state, state), asked_language()), n) for state, n in found.stories.items()]
    facts: dict[str, Any] = {"health": found, "checks": _checks(found), "changes": changes, "stories": stories}
    return page("admin/health.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


def _checks(found: health.Health | None) -> list[tuple[str, bool, str]]:
    """What was looked at, whether it holds, and what it says."""
    names = {"data": _("Data directory"), "database": _("Database"), "clock": _("Clock"), "worker": _("Worker")}
    return [
        (names.get(check.name, check.name), check.ok, _("well") if check.ok else _(check.text) % check.facts)
        for check in (found.checks if found is not None else ())
    ]


def _actor(line: Line) -> str:
    """Who did it, as people would say: a name, a role, or the hub itself."""
    role = line.actor.partition(":")[0]
    if line.who or not role:
        return line.who
    return _("the hub itself") if role in ("system", "hub") else label("roles", role)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None
