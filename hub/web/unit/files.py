"""Stories out of files: the page that takes both kinds, and the tables, which become drafts row by row.

A file that waits for a choice lies among the media under its hash, which no row names: the sweeper takes it after a
day. Who sent it gets its hash under a seal, so that nobody else can go on with it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from feeds.text import clean_text
from hub.actors import Actor, Role
from hub.errors import HubError, Invalid, NotFound, TooLarge
from hub.http.language import asked_language
from hub.http.services import services
from hub.intake import word_readings
from hub.intake.tables import imports, template
from hub.intake.tables.reading import StoryTable, read_stories
from hub.intake.word import Choice
from hub.models import Import
from hub.packed import FileRefused
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp
from hub.web.unit.refusing import fault_sentences

PURPOSE = "files at the unit's desk"
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
SCRIPTS = ("vendor/htmx.min.js", "htmx-settings.js")  # a page that shows how far something is asks for itself again
FAULTY = 50  # rows of a page
LISTED = 10  # Word files of today, of a page


@dataclass(frozen=True, slots=True)
class Held:
    """A file that waits for a choice: its hash, its name, and the seal that makes both somebody's."""

    digest: str
    name: str
    seal: str


@bp.get("/files/", strict_slashes=False)
def choose_file() -> Response:
    return show_choice()


@bp.get("/files/template.<any(xlsx, csv):form>")
def send_template(form: str) -> Response:
    visitors.require(Role.CONTRIBUTOR)
    data = template.xlsx() if form == "xlsx" else template.csv()
    answer = Response(data, content_type=template.XLSX if form == "xlsx" else "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{template.NAME}.{form}"'
    return answer


@bp.post("/files/table")
def take_table() -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    chosen = request.form.get("choice", "")
    if "digest" in request.form:
        held = _held(actor)
        data, name = _read_held(held), held.name
    else:
        data, name = sent_file()
    try:
        table = read_stories(data, name=name, choice=chosen if chosen in set(Choice) else Choice.LEAVE)
        if table.preview is not None and chosen not in set(Choice):
            return _show_table(_hold(data, name, actor), table)
        parts = services()
        with parts.database.writing() as session:
            begun = imports.begin(session, table, name=name, actor=actor, now=parts.clock.now())
    except (Invalid, TooLarge, imports.TooManyImports) as exc:
        return show_choice(table=told_of(exc, name))
    return go_on(f"/desk/unit/files/imports/{begun.id}")


@bp.get("/files/imports/<import_id>")
def show_import(import_id: str) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    after = request.args.get("after", "")
    line = int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0
    parts = services()
    with parts.database.reading() as session:
        found = imports.get(session, import_id, asker=actor, now=parts.clock.now())
        faulty = imports.list_faulty(session, found, language=asked_language(), after=line, limit=FAULTY + 1)
    following = f"?after={faulty[FAULTY - 1].line}" if len(faulty) > FAULTY else ""
    return page(
        "unit/import.html",
        desk=UNIT,
        page_scripts=SCRIPTS if found.state == imports.RUNNING else (),
        may_end=imports.may_end(found, actor),
        faulty=faulty[:FAULTY],
        following=following,
        **_progress(found),
    )


@bp.get("/files/imports/<import_id>/progress")
def show_import_progress(import_id: str) -> Response:
    """The part of the page that a script asks for again and again; once no more rows come, the page itself."""
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        found = imports.get(session, import_id, asker=actor, now=parts.clock.now())
    known = _progress(found)
    says = request.args.get("said") != str(known["quarter"])
    answer = make_response(render_template("unit/import_progress.html", **known, says=says))
    if found.state != imports.RUNNING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/files/imports/<import_id>/end")
def end_import(import_id: str) -> AnyResponse:
    """Take no more rows of a table, as whoever sent it wants."""
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.writing() as session:
        imports.end(session, import_id, actor=actor, now=parts.clock.now())
    return go_on(f"/desk/unit/files/imports/{import_id}")


@bp.get("/files/imports/<import_id>/faulty.csv")
def send_faulty(import_id: str) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        found = imports.get(session, import_id, asker=actor, now=parts.clock.now())
        data = imports.faulty_table(session, found, language=asked_language())
    answer = Response(data, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{import_id}.csv"'
    return answer


def show_choice(*, word: Sequence[str] = (), table: Sequence[str] = ()) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        recent = imports.list_own(session, asker=actor, now=parts.clock.now())
        letters = word_readings.list_own(
            session, actor=actor, before=request.args.get("before", ""), now=parts.clock.now(), limit=LISTED + 1
        )
    earlier = f"?before={letters[LISTED - 1].id}#letters" if len(letters) > LISTED else ""
    return page(
        "unit/files.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if word or table else HTTPStatus.OK,
        desk=UNIT,
        recent=recent,
        letters=letters[:LISTED],
        earlier=earlier,
        word=word,
        table=table,
    )


def _progress(found: Import) -> dict[str, Any]:
    """What a page shows of a table that is taken in, and goes on showing."""
    share = round(100 * found.done / found.total) if found.total else 100
    return {"found": found, "running": found.state == imports.RUNNING, "share": share, "quarter": share // 25}


def _show_table(held: Held, table: StoryTable) -> Response:
    previews = [table.preview] if table.preview is not None else []
    return page("unit/table_choice.html", desk=UNIT, held=held, table=table, previews=previews)


def sent_file() -> tuple[bytes, str]:
    """The file of the form, and its name."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise FileRefused("file_missing")
    return sent.read(), clean_text(sent.filename).strip()[-120:] or "?"


def told_of(refused: HubError, name: str) -> list[str]:
    """Why a file was refused, in words."""
    return [f"{name}: {said}" for said in fault_sentences(refused)]


def _hold(data: bytes, name: str, actor: Actor) -> Held:
    digest = services().store.put(data)
    return Held(digest, name, _seal(digest, name, actor))


def _held(actor: Actor) -> Held:
    """The file that a form goes on with. Raises NotFound for one that is not the actor's."""
    held = Held(*(request.form.get(name, "") for name in ("digest", "name", "seal")))
    sealed = _seal(held.digest, held.name, actor).encode()
    if not DIGEST.fullmatch(held.digest) or not hmac.compare_digest(held.seal.encode(), sealed):
        raise NotFound(kind="file")
    return held


def _read_held(held: Held) -> bytes:
    try:
        return services().store.path(held.digest).read_bytes()
    except OSError as exc:
        raise NotFound(what=held.name, kind="file") from exc


def _seal(digest: str, name: str, actor: Actor) -> str:
    """Over each part with its length, so that no other cut of the same letters has the same seal."""
    parts = (part.encode() for part in (actor.mark, digest, name))
    return services().secret.mac(b"".join(b"%d:%b" % (len(part), part) for part in parts), purpose=PURPOSE)
