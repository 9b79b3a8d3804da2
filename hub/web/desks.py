"""What all desks share: who may enter, tokens of forms, pages that nobody keeps, and the menu.

`open_desk` makes the blueprint of a desk; its views need only say what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import orjson
from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from hub.actors import Actor, Role
from hub.errors import Malformed, TooMany
from hub.http import problems
from hub.http.language import asked_language
from hub.http.wording import link, local
from hub.web import kept, naming, protection, visitors, waiting
from hub.web.protection import StaleForm, Tokenless
from hub.web.visitors import SignInFirst

JSON = "application/json"
SAFE = frozenset({"GET", "HEAD"})
HOUSE = "hub.house"  # of app.extensions: who else vouches for people; see `elsewhere`
SIGN_IN_SCRIPTS = ("passwords.js",)


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of a menu: its address, what it is called, and whom it is for (everybody, when empty).

    `also` are the beginnings of other addresses whose pages belong to it; `count` says how much waits there.
    """

    path: str
    title: object  # lazy
    roles: frozenset[Role] = frozenset()
    also: tuple[str, ...] = ()
    count: Callable[[Actor], str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of a desk's menu on one page: `current` as aria-current has it ("" elsewhere), and what is `waiting`."""

    path: str
    title: object
    current: str
    waiting: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk: its name in code, its menu entry, what is done there, and the sections beside its pages."""

    name: str
    place: Place
    about: object  # lazy
    sections: tuple[Place, ...] = ()


UNIT = Desk(
    "unit",
    Place("/desk/unit/", _("My unit"), frozenset({Role.CONTRIBUTOR, Role.CONFIRMER})),
    _("Send stories, confirm those of your unit, see what became of them."),
    (
        Place("/desk/unit/", _("Our stories"), frozenset({Role.CONTRIBUTOR, Role.CONFIRMER}), also=("/desk/unit/",)),
        Place("/desk/unit/new", _("Tell a story"), frozenset({Role.CONTRIBUTOR})),
        Place("/desk/unit/files/", _("From a file"), frozenset({Role.CONTRIBUTOR})),
        Place("/desk/unit/confirm/", _("To confirm"), frozenset({Role.CONFIRMER}), count=waiting.to_confirm),
        Place("/desk/unit/requests/", _("Coverage wanted")),
        Place("/desk/unit/bookings/", _("Guests and calendar")),
    ),
)
EDITOR = Desk(
    "editor",
    Place("/desk/editor/", _("Editing"), frozenset({Role.EDITOR, Role.AUDITOR})),
    _("Check, release, correct and withdraw stories; deadlines and duties."),
    (
        Place("/desk/editor/", _("Queue"), also=("/desk/editor/stories/",)),
        Place("/desk/editor/corrections/", _("Corrections")),
        Place("/desk/editor/withdrawals/", _("Withdrawals")),
        Place("/desk/editor/embargoes/", _("Embargoes")),
        Place("/desk/editor/duties/", _("Duties")),
        Place("/desk/editor/charts/", _("Charts")),
    ),
)
OUTLET = Desk(
    "outlet",
    Place("/desk/outlet/", _("Newsroom"), frozenset({Role.OUTLET})),
    _("What your channels carry, what you made of it, what comes next."),
    # each outlet has sections of its own
)
ADMIN = Desk(
    "admin",
    Place("/desk/admin/", _("Administration"), frozenset({Role.ADMIN, Role.AUDITOR})),
    _("Organizations, people and outlets, the regulation, and how the hub runs."),
    (
        Place("/desk/admin/", _("Overview")),
        Place("/desk/admin/organizations/", _("Organizations")),
        Place("/desk/admin/people/", _("People")),
        Place("/desk/admin/outlets/", _("Outlets"), also=("/desk/admin/agencies/",)),
        Place("/desk/admin/regulation/", _("Regulation")),
        Place("/desk/admin/outbox/", _("Outbox")),
        Place("/desk/admin/journal/", _("Journal")),
        Place("/desk/admin/health/", _("Health")),
    ),
)
DESKS = (UNIT, EDITOR, OUTLET, ADMIN)


def open_desk(desk: Desk, import_name: str, *, name: str = "") -> Blueprint:
    """The blueprint of a desk (or of a part of one, with a `name` of its own) under its address.

    Its views are entered by whoever has one of the desk's roles, its POSTs carry a token, its pages are kept by nobody.
    """
    bp = Blueprint(name or f"desk_{desk.name}", import_name, url_prefix=desk.place.path.rstrip("/"))
    guard(bp, desk.place.roles)
    return bp


def guard(bp: Blueprint, roles: frozenset[Role] = frozenset()) -> None:
    """Let only those who signed in and have one of `roles` (any, when empty) into a blueprint."""

    @bp.before_request
    def enter() -> None:
        visitors.require(*roles)
        if request.method not in SAFE:
            protection.check_form()
        refuse_nothings()

    @bp.errorhandler(SignInFirst)
    def ask_to_sign_in(_refused: SignInFirst) -> AnyResponse:
        if _is_asked_by_script():
            return _told_to_script(HTTPStatus.UNAUTHORIZED)
        if request.method in SAFE:
            return redirect(sign_in_address())
        there = current_app.extensions[HOUSE]
        facts = {"single_sign_on": there and there.house.name, "page_scripts": SIGN_IN_SCRIPTS}
        return page("sign_in.html", HTTPStatus.FORBIDDEN, over=True, kept=kept.take(), **facts)

    @bp.errorhandler(StaleForm)
    def ask_to_send_again(refused: StaleForm) -> AnyResponse:
        if _is_asked_by_script():
            return _told_to_script(HTTPStatus.FORBIDDEN)
        waiting = None if isinstance(refused, Tokenless) else kept.take()  # it would come without it again
        own = visitors.own_session()
        mine = kept.only_of(waiting, own.user_id if own else None)
        of_another = waiting is not None and mine is None
        return page("go_on.html", HTTPStatus.FORBIDDEN, stale=True, kept=mine, of_another=of_another)

    @bp.errorhandler(TooMany)
    def ask_to_wait(refused: TooMany) -> Response:
        if _is_asked_by_script():
            return problems.answer(refused)  # scripts wait by Retry-After
        seconds = int(refused.facts["seconds"])
        answer = page("wait.html", HTTPStatus.TOO_MANY_REQUESTS, kept=kept.take(), seconds=seconds)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    bp.after_request(unkept)


def refuse_nothings() -> None:
    """A zero byte is no text: PostgreSQL would not even look for it. Raises Malformed where a form holds one.

    In addresses and queries no door lets one in, see `hub.app`.
    """
    if any("\0" in value for _name, value in request.form.items(multi=True)):
        raise Malformed()


def _is_asked_by_script() -> bool:
    """Does a script of ours ask, which shows nobody a page? By JSON, or through htmx for a part of one."""
    return request.accept_mimetypes.best == JSON or "HX-Request" in request.headers


def _told_to_script(status: HTTPStatus) -> Response:
    """Signed out (401), or in anew with another token (403): the script keeps what it has and tries again later."""
    answer = Response("{}", status, mimetype="application/json")
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Cookie"
    return answer


def sign_in_address() -> str:
    """The sign-in page, which leads back to where somebody wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method in SAFE else request.path
    return local(f"/sign-in?next={quote(wanted, safe='/')}")


def unkept(answer: Response) -> Response:
    """No cache keeps what desks show, no search engine lists it, and no script runs in it but ours."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "same-origin"  # with none, browsers would call our own forms those of nobody
    if answer.mimetype == "text/html":
        answer.headers["Content-Security-Policy"] = protection.policy()
    return answer


def tell_at_desk(answer: Response) -> Response:
    """A refusal on the way to a desk's page, as a page in the desk's frame that leads back to it.

    Only for whoever is signed in and prefers HTML; nobody learns from it which addresses there are. What failed may be
    the database, so that a failure is told by what is known already: it is not asked, nor waited for, once more.
    """
    if answer.mimetype != problems.MEDIA_TYPE or not request.path.startswith("/desk/") or not _prefers_page():
        return answer
    failed = answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        actor = visitors.known() if failed else visitors.visitor()
    except SQLAlchemyError:  # it fails only now: others tell of the refusal without it
        return answer
    if actor is None:
        return answer
    own = [each for each in DESKS if not actor.roles.isdisjoint(each.place.roles)]
    here = next((each for each in own if request.path.startswith(each.place.path)), None)
    detail = orjson.loads(answer.get_data()).get("detail", "")
    facts: dict[str, object] = {
        "detail": detail,
        "code": answer.status_code,
        "posted": request.method not in SAFE,
        "back": here or next(iter(own), None),
    }
    shown = unkept(_draw("refused_at_desk.html", answer.status_code, here, facts, asks=not failed))
    for name, value in answer.headers.items():
        if name not in shown.headers and name != "Content-Length":
            shown.headers[name] = value
    shown.vary.add("Accept")
    return shown


def _prefers_page() -> bool:
    offered = (problems.MEDIA_TYPE, "application/json", "text/html")  # whoever takes anything gets the first
    return request.accept_mimetypes.best_match(offered) == "text/html"


def page(template: str, status: int = HTTPStatus.OK, *, desk: Desk | None = None, **facts: object) -> Response:
    """A page of a desk, with the menu of whoever looks at it."""
    return _draw(template, status, desk, facts, asks=True)


def _draw(template: str, status: int, desk: Desk | None, facts: dict[str, object], *, asks: bool) -> Response:
    """A page in its frame; without `asks` the frame is made of what is known already, without a query."""
    actor = visitors.visitor()
    menu = {"desks": _open_to(DESKS, actor), "desk": desk, "sections": _sections(desk, actor, counts=asks)}
    own = visitors.own_session()
    facts["shared_device"] = own is not None and own.shared_device
    text = render_template(template, visitor=actor, path=request.path, site=naming.site(asks=asks), **menu, **facts)
    answer = Response(text, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = asked_language()
    return answer


def go_on(path: str) -> AnyResponse:
    """After a POST: on to a page of ours (303), so that reloading it posts nothing again."""
    return redirect(link(path), HTTPStatus.SEE_OTHER)


def _open_to(desks: tuple[Desk, ...], actor: Actor | None) -> list[Place]:
    return [desk.place for desk in desks if actor and not actor.roles.isdisjoint(desk.place.roles)]


def _sections(desk: Desk | None, actor: Actor | None, *, counts: bool) -> list[Section]:
    if desk is None or actor is None:
        return []
    places = [place for place in desk.sections if not place.roles or not actor.roles.isdisjoint(place.roles)]
    here = place_of(request.path, places, home=desk.place.path)
    return [
        Section(
            place.path,
            place.title,
            current="" if place is not here else "page" if place.path == request.path else "true",
            waiting=place.count(actor) if counts and place.count is not None else "",
        )
        for place in places
    ]


def place_of(path: str, places: Sequence[Place], *, home: str) -> Place | None:
    """The entry that a page belongs to: whose address begins the page's, the longest of them; None where none does.

    The desk's own address, `home`, begins all of them and says nothing, unless an entry has it among `also`.
    """
    found = [(len(start), place) for place in places for start in _starts(place, home) if path.startswith(start)]
    exact = next((place for place in places if place.path == path), None)
    return exact or max(found, key=lambda each: each[0], default=(0, None))[1]


def _starts(place: Place, home: str) -> tuple[str, ...]:
    return place.also if place.path == home else (place.path, *place.also)
