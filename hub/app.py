"""The composition root of the web: builds the application from settings. `background` builds what works beside it."""

from __future__ import annotations

import os
import time

import structlog
from flask import Flask, Response, g, request
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from hub import api, i18n
from hub.accounts.credentials import Gate
from hub.api import (
    administration,
    calendar_addresses,
    changes,
    corrections,
    docs,
    duties,
    exports,
    filings,
    likenesses,
    media,
    persons,
    pickups,
    previews,
    receipts,
    registers,
    segments,
    stories,
    uploads,
)
from hub.api import notices as api_notices
from hub.api import planned as api_planned
from hub.api import reports as api_reports
from hub.api import requests as api_requests
from hub.clock import Clock, SystemClock
from hub.config import Settings, read_settings
from hub.db import Database, make_engine
from hub.delivery import single_sign_on
from hub.errors import NotFound
from hub.http import limits, problems, wording
from hub.http.language import LANGUAGES, asked_language
from hub.http.marks import KeyMarks
from hub.http.services import EXTENSION, Services
from hub.http.silence import is_silent
from hub.intake.media_store import MediaStore
from hub.operation import logs, metrics
from hub.public import (
    archives,
    calendars,
    conformance,
    embedding,
    health,
    listing,
    pages,
    proofs,
    saved,
    searching,
    sitemaps,
    websub,
)
from hub.public import feeds as public_feeds
from hub.public import media as public_media
from hub.public import packs as public_packs
from hub.public import planned as public_planned
from hub.public import reports as report_pages
from hub.public.ready import ReadyCache
from hub.records.secret import Secret
from hub.records.signing_keys import Signer
from hub.web import (
    account,
    assets,
    desks,
    elsewhere,
    first_start,
    home,
    protection,
    second_factor,
    signing_in,
    visitors,
)
from hub.web.admin import channels as admin_channels
from hub.web.admin import organizations as admin_organizations
from hub.web.admin import outlets as admin_outlets
from hub.web.admin import people as admin_people
from hub.web.admin import regulation as admin_regulation
from hub.web.admin import running as admin_running
from hub.web.admin import tables as admin_tables
from hub.web.editor import parts as editor_desk
from hub.web.outlet import door as outlet_desk
from hub.web.unit import pages as unit_pages

MAX_REQUEST_BYTES = 22 * 1024 * 1024  # a picture of 20 MB, and its form around it
POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; font-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOORS = (
    administration,
    calendar_addresses,
    changes,
    corrections,
    duties,
    exports,
    filings,
    likenesses,
    media,
    api_notices,
    persons,
    pickups,
    api_planned,
    previews,
    receipts,
    registers,
    segments,
    api_reports,
    api_requests,
    stories,
    uploads,
)  # they hang on api.bp

BLUEPRINTS = (
    api,
    docs,
    public_feeds,
    calendars,
    pages,
    listing,
    searching,
    embedding,
    saved,
    report_pages,
    public_media,
    public_packs,
    public_planned,
    proofs,
    archives,
    conformance,
    sitemaps,
    websub,
    health,
    assets,
    signing_in,
    home,
    account,
    second_factor,
    elsewhere,
    admin_organizations,
    first_start,
    admin_channels,
    admin_outlets,
    admin_people,
    admin_regulation,
    admin_running,
    admin_tables,
    *editor_desk.PARTS,
    outlet_desk,
    unit_pages,
)

log = structlog.get_logger("hub.request")


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """The web application. Builds everything, so tests build many; touches no file until it is asked."""
    app = Flask("hub", static_folder=None, template_folder="http/templates")
    app.url_map.merge_slashes = False  # no redirect: it would be built from the Host header
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the API says Vietnamese in UTF-8 wherever it answers
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = i18n.FOLDER
    clock = clock or SystemClock()
    database = Database(make_engine(settings.database), info=Signer.of(settings).info)
    app.extensions[EXTENSION] = Services(
        settings, database, clock, MediaStore(settings.media_folder), KeyMarks(database), Secret.of(settings)
    )
    app.extensions[visitors.GATE] = Gate(database, Secret.of(settings))
    app.extensions[desks.HOUSE] = single_sign_on.build(settings)
    app.extensions[public_feeds.READY] = ReadyCache()
    app.extensions["hub.registry"], counter = metrics.make_registry(database, clock)
    Babel(app, default_locale=LANGUAGES[0], default_timezone="Asia/Ho_Chi_Minh", locale_selector=asked_language)
    wording.install(app)
    protection.install(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    limits.install(app, reads=settings.reads_per_minute, pushes=settings.pushes_per_minute)
    problems.install(app)
    for door in BLUEPRINTS:
        app.register_blueprint(door.bp)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        if "\0" in request.path or any("\0" in value for _name, value in request.args.items(multi=True)):
            raise NotFound()  # PostgreSQL would not even look for it

    @app.after_request
    def finish(answer: Response) -> Response:
        answer = pages.tell_browsers(desks.tell_at_desk(answer))
        _harden(answer)
        if is_silent():
            return answer
        counter.labels(request.endpoint or "-", str(answer.status_code)).inc()
        milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        rule = request.url_rule.rule if request.url_rule else "-"  # the rule, not the path: a path may hold a key
        log.info("request", method=request.method, rule=rule, status=answer.status_code, ms=milliseconds)
        return answer

    return app


def served_app() -> Flask:
    """What `hub serve` gives to its server: settings from the environment, logs as they say."""
    settings = read_settings(os.environ)
    logs.configure(settings.log_format)
    return create_app(settings)


def _harden(answer: Response) -> None:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", POLICY)
