"""The walk through all routes: what stands for each argument, what is sent, and how an answer is written down."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse
from werkzeug.urls import iri_to_uri

from hub.api.uploads import OFFSET
from hub.http.services import EXTENSION
from hub.web.protection import COOKIE, HEADER
from tests.builders import a_channel, a_picture, a_story
from tests.web.sides import NOBODY, SUBADMIN, Pass, Sides, Two

SAFE = frozenset({"GET"})
OURS: frozenset[str] = frozenset()
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
CONVERTER = re.compile(r"<[^<>]*:")
NO_SUCH = "no-such"
SIGN_IN_FORM = re.compile(r'action="[^"]*/sign-in"')
Value = Callable[[str], Any]


# --- what stands for the arguments of addresses --------------------------------------------------------------------

KNOWN: Mapping[str, Two] = {
    "first file": Two(0),
    "topic": Two("tuong_than_tuong_ai", NO_SUCH),
    "organization": Two("nghe-ca", "phu-nu"),
    "outlet": Two("tv", "radio"),
    "channel": Two("segment", "talk"),
    "public outlet": Two("public", "radio"),
    "public channel": Two("all", "talk"),
    "province": Two("tinh-hai-son"),
    "commune": Two("xa-ben-lau", "xa-go-man"),
    "list": Two("organizations/nghe-ca", "organizations/phu-nu"),
    "step": Two("text"),
    "tab": Two("letters"),
    "act": Two("return"),
    "agency": Two("bao-hai-son", "dai-go-man"),
    "movement": Two("lao-dong-gioi", NO_SUCH),
    "first": Two(1),
    "file": Two("tokens.css"),
    "file of the API's page": Two("api_docs.css"),
}
"""What the province is called in addresses, beside what `sides` has found out while it was made."""

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "booking_id": {"": "booking"},
    "channel": {"": "channel"},
    "code": {
        "/topics/": "topic",
        "/organizations/": "organization",
        "/api/v1/organizations/": "organization",
        "/movements/": "movement",
        "/desk/admin/agencies/": "agency",
        "/desk/admin/organizations/": "organization",
        "/desk/admin/outlets/": "outlet",
        "/desk/outlet/<outlet>/programmes/": "programme",
        "/desk/outlet/<outlet>/segments/": "segment",
    },
    "commune": {"": "commune"},
    "day": {"": "day"},
    "draft_id": {"/desk/unit/": "draft in the form", "/desk/admin/organizations/table/": "table of organizations"},
    "duty_id": {"": "duty of units"},
    "edition_id": {"": "first"},
    "endpoint_id": {"": "webhook"},
    "entry": {"": "entry"},
    "filename": {"": "file of the API's page"},
    "import_id": {"": "import"},
    "key_id": {"/desk/outlet/": "outlet key", "/desk/admin/people/": "key"},
    "kind": {"": "act"},
    "name": {"": "file"},
    "new_id": {"": "first"},
    "number": {"": "first"},
    "of": {"": "list"},
    "old_id": {"": "first"},
    "other_id": {"": "waiting"},
    "outlet": {"": "outlet"},
    "part": {"": "archive"},
    "partial_id": {"": "partial"},
    "person_id": {"": "person"},
    "pickup_id": {"": "pickup"},
    "place": {"": "first file"},
    "programme_code": {"": "programme"},
    "proof_id": {"": "proof"},
    "province": {"": "province"},
    "reading_id": {"": "Word file"},
    "receipt_id": {"": "receipt"},
    "request_id": {"": "request"},
    "row_id": {"": "delegation"},
    "seat_id": {"": "seat"},
    "secret": {"": "address", "/calendars/": "calendar"},
    "segment_code": {"": "segment"},
    "slug": {"": "step"},
    "story_id": {
        "": "told",
        "/desk/editor/stories/<story_id>/acts/": "waiting",
        "/desk/editor/withdrawals/": "gone",
        "/desk/unit/confirm/": "unconfirmed",
        "/desk/unit/confirm/<story_id>/papers/": "told",
        "POST /desk/unit/stories/<story_id>/edit": "back",
        "POST /desk/unit/stories/<story_id>/<any(recall": "waiting",
        "PUT /api/v1/stories/": "external id",
        "POST /api/v1/stories/<story_id>/acts": "waiting",
    },
    "term_id": {"": "term"},
    "ticket": {"": "pack"},
    "token": {"/media/": "picture", "/welcome/": "welcome token"},
    "upload_id": {"": "upload"},
    "user_id": {"": "user"},
    "what": {"/desk/admin/outbox/": "tab"},
    "width": {"": "width"},
}
"""For the name of each argument what stands for it, by how the route begins; the longest beginning counts."""

PERSONAL = frozenset({"session_id", "key_id"})
"""What everybody has of their own in their account."""

OF_THE_ROLE: Mapping[str, Mapping[str, str]] = {
    "outlet": {"duty of units": "duty of outlets"},
    SUBADMIN: {"table of organizations": "table of the subadmin"},
}
OF_READERS: Mapping[str, str] = {
    "outlet": "public outlet",
    "channel": "public channel",
    "entry": "public entry",
    "part": "public archive",
}
"""What is one's own under /feeds/ for everybody but the outlet's people: what stands in public channels."""

CHOICES = frozenset({"json", "csv", "confirm", "recall", "release", "test"})
"""Of arguments that are a choice of few words these are walked, or else the first one."""


# --- what is sent --------------------------------------------------------------------------------------------------

PROFILE = {"name": "Phan Thị Hòa", "email": "hoa@example.org"}
RENAME = {"event": "rename", "on": "2026-11-23", "decision": "12-QĐ/MTTQ", "name": "Tên mới"}
DECLINED = {"use": "declined", "reason": "Trùng nhân vật."}
SEGMENT = {"title": "Giao lưu", "starts_at": "2026-12-05T20:00:00+07:00", "planned_seconds": 1800}
WEEKLY = {**SEGMENT, "rule": "FREQ=WEEKLY;BYDAY=TU", "starts_at": "2026-12-01T19:30:00+07:00"}
FILM = {"name": "lop.mp4", "media_type": "video/mp4", "length": 1000}
TERM = {"from": "2026-12-01", "until": "2026-12-15"}

BODIES: Mapping[str, Callable[[Value], Any]] = {
    "PUT /api/v1/stories/": lambda of: a_story(title="Mới"),
    "POST /api/v1/stories": lambda of: a_story(title="Mới"),
    "POST /api/v1/stories/<story_id>/acts": lambda of: {"act": "withdraw", "reason": "other"},
    "POST /api/v1/duties/": lambda of: {"note": "Bão số 9."},
    "POST /api/v1/filings": lambda of: {"kind": "report", "quarter": "2026-Q3", "text": "Gửi 3 bài."},
    "POST /api/v1/media": lambda of: a_picture(),
    "POST /api/v1/uploads": lambda of: FILM,
    "PATCH /api/v1/uploads/": lambda of: b"piece",
    "POST /api/v1/reports": lambda of: {"text": "Khai khống."},
    "POST /api/v1/reports/status": lambda of: {"receipt": of("receipt of a report")},
    "POST /api/v1/outlets/preview": lambda of: {
        "outlets": [{"code": "moi", "kind": "public", "name": "Mới", "channels": [a_channel("all", "Tất cả")]}]
    },
    "POST /api/v1/pickups": lambda of: {"story": of("told"), **DECLINED},
    "POST /api/v1/pickups/": lambda of: {},
    "POST /api/v1/requests": lambda of: {"title": "Cần một bài", "to": of("organization")},
    "POST /api/v1/requests/": lambda of: {"answer": "question", "text": "Ở đâu?"},
    "POST /api/v1/segments": lambda of: SEGMENT,
    "PATCH /api/v1/segments/<segment_code>": lambda of: {"title": "Giao lưu tối"},
    "POST /api/v1/segments/<segment_code>/state": lambda of: {"state": "confirmed"},
    "PUT /api/v1/segments/<segment_code>/rundown": lambda of: {"items": []},
    "POST /api/v1/segments/<segment_code>/rundown/steps": lambda of: {
        "step": {"do": "time", "number": 1, "real_seconds": 84}
    },
    "POST /api/v1/segments/<segment_code>/guests": lambda of: {"name": "Lò Thị Hạnh", "role": "chuyên gia"},
    "PATCH /api/v1/segments/<segment_code>/guests/": lambda of: {"name_strap": "Ông Biển"},
    "POST /api/v1/segments/<segment_code>/guests/<int:booking_id>/swap": lambda of: {"name": "Lò Thị Hạnh"},
    "POST /api/v1/programmes": lambda of: WEEKLY,
    "PATCH /api/v1/programmes/": lambda of: {"excluded": ["2026-12-29T19:30:00+07:00"]},
    "POST /api/v1/bookings/": lambda of: {},
    "POST /api/v1/persons/<person_id>/acts": lambda of: {"act": "withdraw", "scopes": ["image"]},
    "POST /api/v1/persons/<person_id>/proofs": lambda of: b"%PDF-1.7 paper",
    "POST /api/v1/receipts/": lambda of: {"answer": "done"},
    "PUT /api/v1/me/notices": lambda of: {"kinds": {"released": "daily"}},
    "POST /api/v1/me/delegations": lambda of: {"deputy": "their-contributor@hub.example", **TERM},
    "POST /api/v1/organizations/": lambda of: RENAME,
    "POST /api/v1/users": lambda of: PROFILE,
    "POST /api/v1/users/": lambda of: {"role": "confirmer", "organization": of("organization")},
}
"""What is sent to the API, by how the route begins; `of` gives what is ours or theirs."""

SENT = "what is sent"
NAMING_INSIDE = frozenset({"POST /api/v1/pickups", "POST /api/v1/requests"})
"""Routes that name nothing in their address, and something that may be of others in what is sent."""

FORMS: Mapping[str, Callable[[Value], Mapping[str, Any]]] = {
    "POST /desk/admin/organizations/<code>/events": lambda of: {**RENAME, "step": "do"},
    "POST /desk/admin/organizations/new": lambda of: {
        "code": "moi",
        "name": "Chi hội mới",
        "kind": "mat_tran",
        "parent": of("organization"),
        "valid_from": "2026-11-01",
    },
    "POST /desk/admin/outbox/": lambda of: {"step": "drop"},
    "POST /desk/admin/outbox/<any(letters, webhooks, pushes):what>/again": lambda of: {"once": "this time"},
    "POST /desk/admin/outlets/<code>/terms": lambda of: {
        "paper": "4-CV",
        "signed": "2026-11-01",
        "first": "2026-11-02",
    },
    "POST /desk/admin/outlets/<outlet>/channels/": lambda of: {"title": "Giao lưu", "step": "preview"},
    "POST /desk/admin/people/new": lambda of: {**PROFILE, "role": "confirmer", "place": of("organization")},
    "POST /desk/admin/people/<int(max=2147483647):user_id>/deputies": lambda of: {
        "deputy": "their-contributor@hub.example",
        "until": "2026-12-15",
    },
    "POST /desk/admin/people/<int(max=2147483647):user_id>/keys": lambda of: {
        "once": "this time",
        "label": "Máy mới",
    },
    "POST /desk/admin/people/<int(max=2147483647):user_id>/seats": lambda of: {
        "role": "confirmer",
        "place": of("organization"),
    },
    "POST /desk/admin/people/<int(max=2147483647):user_id>/signing-in": lambda of: {"step": "end_sessions"},
    "POST /desk/editor/stories/": lambda of: {
        "version": "1",
        "revision": of("revision of told"),
        "last_act": of("last act of told"),
    },
    "POST /desk/editor/stories/<story_id>/acts/": lambda of: {
        "note": "Xin bổ sung số liệu.",
        "version": "1",
        "revision": of("revision of waiting"),
        "last_act": of("last act of waiting"),
    },
    "POST /desk/outlet/": lambda of: {"once": "this time"},
    "POST /desk/outlet/<outlet>/inbox/": lambda of: {"once": "this time", "number": "1"},
    "POST /desk/outlet/<outlet>/keys/": lambda of: {"once": "this time", "kind": "address", "label": "Máy mới"},
    "POST /desk/outlet/<outlet>/pickups/": lambda of: {"once": "this time", "story": of("told"), **DECLINED},
    "POST /desk/outlet/<outlet>/receipts/": lambda of: {"once": "this time", "answer": "done"},
    "POST /desk/outlet/<outlet>/requests/": lambda of: {"once": "this time", "title": "Cần một bài", "to": "nghe-ca"},
    "POST /desk/outlet/<outlet>/segments/<code>/guests": lambda of: {"once": "this time", "revision": "2"},
    "POST /desk/outlet/<outlet>/segments/<code>/guests/<int:booking_id>/<any(release, swap):what>": lambda of: {
        "once": "this time",
        "revision": "2",
    },
    "POST /desk/outlet/<outlet>/segments/<code>/": lambda of: {"once": "this time", "revision": "2"},
    "POST /desk/outlet/<outlet>/segments/<code>/state": lambda of: {"once": "this time", "state": "confirmed"},
    "POST /desk/outlet/<outlet>/programmes/<code>/": lambda of: {"once": "this time", "revision": "0"},
    "POST /desk/outlet/<outlet>/webhooks/": lambda of: {"once": "this time", "url": "https://press.example/hook"},
    "POST /desk/unit/": lambda of: {"once": "this time", "revision": "1"},
    "POST /desk/unit/confirm/": lambda of: {"once": "this time", "version": "1"},
    "POST /desk/unit/stories/<story_id>/papers": lambda of: {
        "person": of("person"),
        "paper": (BytesIO(b"%PDF-1.7 paper"), "giay.pdf"),
    },
    "POST /desk/unit/requests/": lambda of: {"once": "this time", "answer": "question", "text": "Ở đâu?"},
    "POST /desk/unit/uploads": lambda of: FILM,
    "PATCH /desk/unit/uploads/": lambda of: b"piece",
    "POST /desk/account/name": lambda of: {"name": "Tên mới", "language": "vi"},
    "POST /report": lambda of: {"text": "Khai khống."},
    "POST /report/status": lambda of: {"receipt": of("receipt of a report")},
    "POST /forgotten": lambda of: {"email": "contributor@hub.example"},
}
"""What forms are sent with, by how the route begins; no fields where none are named."""

QUERIES: Mapping[str, str] = {"GET /api/v1/stories/<story_id>/why": "channel=tv/segment"}
"""What a question asks for, where it cannot do without."""

FILES = ("/desk/unit/uploads",)
"""Where scripts send files, as they do to the API."""

ETAGS = {"/api/v1/segments/": "segment etag", "/api/v1/programmes/": "programme etag"}


# --- routes and their addresses ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """A method of a rule, which the table has one line for."""

    method: str
    rule: str
    arguments: tuple[str, ...]
    made: Rule

    @property
    def line(self) -> str:
        """As the table calls it: converters say nothing to those who read it."""
        return f"{self.method} {CONVERTER.sub('<', self.rule)}"

    @property
    def key(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def is_desk(self) -> bool:
        return self.rule.startswith("/desk/")

    @property
    def is_api(self) -> bool:
        return self.rule.startswith("/api/")


class NoValue(Exception):
    """An argument that nobody has said anything about."""


def list_routes(app: Flask) -> list[Route]:
    """Every route, by its rule."""
    found = [
        Route(method, rule.rule, tuple(sorted(rule.arguments)), rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (route.rule, route.method))


def _longest(table: Mapping[str, Any], route: Route) -> Any:
    """What a table says for the longest beginning of a route, with its method or without; None for nothing."""
    known = [name for name in table if route.rule.startswith(name) or route.key.startswith(name)]
    return table[max(known, key=lambda name: len(name.partition(" ")[2] or name))] if known else None


@dataclass(frozen=True)
class Walker:
    """Knows for somebody of a role what is ours and theirs."""

    role: str
    sides: Sides

    def pairs(self, route: Route) -> dict[str, Two]:
        """What stands for each argument of a route. Raises NoValue."""
        return {name: self._pair(route, name) for name in route.arguments}

    def addresses(self, route: Route) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
        """The arguments of each way of asking, and which of them are theirs: none first, then each mixture."""
        pairs = self.pairs(route)
        two = [name for name, pair in pairs.items() if pair.theirs is not None]
        if not two and route.key in NAMING_INSIDE:
            two = [SENT]
        for chosen in product((False, True), repeat=len(two)):
            foreign = frozenset(name for name, is_theirs in zip(two, chosen, strict=True) if is_theirs)
            yield {n: pair.theirs if n in foreign else pair.ours for n, pair in pairs.items()}, foreign

    def value(self, name: str, *, theirs: bool) -> Any:
        name = OF_THE_ROLE.get(self.role, {}).get(name, name)
        pair = self.sides.values.get(name) or KNOWN[name]
        return pair.theirs if theirs and pair.theirs is not None else pair.ours

    def _pair(self, route: Route, argument: str) -> Two:
        converter = route.made._converters[argument]
        if isinstance(converter, AnyConverter):
            return Two(min(CHOICES & converter.items or converter.items))
        if argument in PERSONAL and route.rule.startswith("/desk/account/"):
            other = "deputy" if self.role == "contributor" else "contributor"
            return Two(*(self.sides.values[f"{argument} of {who}"].ours for who in (self._somebody, other)))
        name = _longest(ARGUMENTS.get(argument, {}), route)
        if name is None:
            raise NoValue(
                f"{route.line}: nobody has said what stands for <{argument}>. Make two of them in tests/web/sides.py, "
                f"one of ours and one of theirs, and name them in ARGUMENTS of tests/web/walking.py."
            )
        if route.rule.startswith(("/feeds/", "/sitemaps/")) and "<secret>" not in route.rule and self.role != "outlet":
            name = OF_READERS.get(argument, name)
        name = OF_THE_ROLE.get(self.role, {}).get(name, name)
        return self.sides.values.get(name) or KNOWN[name]

    @property
    def _somebody(self) -> str:
        return "contributor" if self.role == NOBODY else self.role


def unknown_of(value: Any) -> Any:
    """Something of the same form that nobody has."""
    text = str(value)
    if text.isdigit():
        return 2_000_000_000
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return "00000000-0000-4000-8000-000000000000"
    kind, _, rest = text.partition("_")
    return f"{kind}_{'0' * len(rest)}" if rest else NO_SUCH


# --- asking --------------------------------------------------------------------------------------------------------


@dataclass
class Visitor:
    """Somebody who asks an application over a copy of the province's data, and puts it back after each change."""

    app: Flask
    walker: Walker
    template: Path

    @property
    def data(self) -> Path:
        found: Path = self.app.extensions[EXTENSION].settings.data
        return found

    @property
    def own(self) -> Pass:
        return self.walker.sides.passes[self.walker.role]

    def ask(
        self,
        route: Route,
        arguments: Mapping[str, Any],
        *,
        theirs: frozenset[str] = OURS,
        token: bool = True,
        key: bool = True,
        cookie: bool = True,
        asked: str = "",
    ) -> TestResponse:
        """Ask a route with what this visitor has: their cookie, their token, their key outside of the desks.

        `theirs` names the arguments that are of others; where there are any, so is what is sent. `asked` is what the
        address asks for beyond its path.
        """
        browser = self.app.test_client()
        if cookie and self.own.cookie:
            browser.set_cookie(COOKIE, self.own.cookie)
        headers = {"Accept": BROWSER if not route.is_api else "application/json", "Accept-Language": "vi"}
        if key and self.own.secret and not route.is_desk:
            headers["Authorization"] = f"Bearer {self.own.secret}"
        if token and route.method not in SAFE:
            headers[HEADER] = self.own.token
        sent = self._sent(route, headers, theirs=theirs) if route.method not in SAFE else {}
        if asked:
            sent["query_string"] = asked
        return self._open(browser, route, arguments, headers=headers, **sent)

    def _open(
        self, browser: Browser, route: Route, arguments: Mapping[str, Any], headers: dict[str, str], **sent: Any
    ) -> TestResponse:
        made = route.made.build(dict(arguments))
        assert made is not None, f"{route.line} has no address for {arguments}"
        asked = {"query_string": _longest(QUERIES, route), **sent}
        return browser.open(iri_to_uri(made[1]), method=route.method, headers=headers, **asked)

    def _sent(self, route: Route, headers: dict[str, str], *, theirs: frozenset[str]) -> dict[str, Any]:
        def of(name: str) -> Any:
            return self.walker.value(name, theirs=bool(theirs))

        make = _longest(BODIES if route.is_api else FORMS, route)
        body = make(of) if make else {}
        if not route.is_api and not route.rule.startswith(FILES):
            return {"data": dict(body)}
        if etag := _longest(ETAGS, route):
            headers["If-Match"] = self.walker.value(etag, theirs=not theirs.isdisjoint(route.arguments[-1:]))
        if isinstance(body, bytes):
            kind = "image/jpeg" if body.startswith(b"\xff\xd8") else "application/pdf"
            headers["Content-Type"] = "application/offset+octet-stream" if route.method == "PATCH" else kind
            headers[OFFSET] = "0"
            return {"data": body}
        return {"json": body}

    def put_back(self) -> None:
        """The database as it was when the walk began."""
        self.app.extensions[EXTENSION].database.engine.dispose()
        for name in ("hub.db-wal", "hub.db-shm"):
            (self.data / name).unlink(missing_ok=True)
        shutil.copyfile(self.template / "hub.db", self.data / "hub.db")


def told(answer: TestResponse) -> str:
    """A status, or `in` for the way to the sign-in page."""
    leads = answer.headers.get("Location", "")
    if answer.status_code == 302 and leads.partition("?")[0].endswith("/sign-in") and "next=" in leads:
        return "in"
    if answer.status_code == 403 and SIGN_IN_FORM.search(answer.text):
        return "in"
    return str(answer.status_code)
