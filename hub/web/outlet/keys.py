"""Keys and addresses: made and shown once, renewed, revoked, and tested by what the hub saw of them.

Nothing that opens anything stands in an address of these pages; of a key that was made only its beginning is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from feeds.text import clean_text
from hub.accounts.keys import Minted
from hub.delivery import webhooks
from hub.delivery.pushing import subscriptions
from hub.delivery.recipients import Kind
from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.intake import idempotency
from hub.models import Key, Outlet
from hub.outlets import catalog, doctor, own_keys
from hub.outlets.doctor import Diagnosis
from hub.publishing.documents import FORMATS
from hub.publishing.heads import calendar_path, feed_path
from hub.web.desks import go_on
from hub.web.once import do_once, sent_token
from hub.web.outlet.newsroom import Newsroom, bp, channels_of, enter, family_of, show
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of

MAX_LABEL = 200
ANY = "…"  # where the unguessable part of an address goes
TEST = "test"  # the channel that readers are tested with


@bp.get("/<outlet>/keys/", strict_slashes=False)
def list_keys(outlet: str) -> Response:
    return _page(enter(outlet), NOTHING)


@bp.post("/<outlet>/keys/")
def make_key(outlet: str) -> AnyResponse:
    room, form = enter(outlet), request.form

    def make(session: Session, now: datetime) -> Minted:
        return own_keys.make(
            session,
            session.get_one(Outlet, room.id),
            form.get("kind", ""),
            label=_label(),
            with_contacts=form.get("with_contacts") == "yes",
            actor=room.actor,
            now=now,
        )

    return _made(room, make)


@bp.post("/<outlet>/keys/<int(max=2147483647):key_id>/renew")
def renew_key(outlet: str, key_id: int) -> AnyResponse:
    room = enter(outlet)

    def renew(session: Session, now: datetime) -> Minted:
        row = own_keys.get(session, key_id, family_of(session, room), now=now)
        return own_keys.renew(session, session.get_one(Outlet, room.id), row, actor=room.actor, now=now)

    return _made(room, renew)


@bp.post("/<outlet>/keys/<int(max=2147483647):key_id>/revoke")
def revoke_key(outlet: str, key_id: int) -> AnyResponse:
    room = enter(outlet)

    def revoke(session: Session, now: datetime) -> str:
        row = own_keys.get(session, key_id, family_of(session, room), now=now)
        own_keys.revoke(session, session.get_one(Outlet, room.id), row, actor=room.actor, now=now)
        return room.path("keys/")

    return do_once(room.actor, revoke)


@bp.get("/<outlet>/keys/<int(max=2147483647):key_id>/test")
def test_key(outlet: str, key_id: int) -> Response:
    """What the hub saw of a key: when it was last used, what was read with it, with which reader, and how far."""
    room, parts = enter(outlet), services()
    parts.marks.write()  # readings are written in batches; whoever tests wants the last one
    now = parts.clock.now()
    with parts.database.reading() as session:
        row = next((each for each in _live(session, room, now) if each.id == key_id), None)
        if row is None:
            raise NotFound(kind="key")
        found = _examined(session, room, row, now)
        heads = {state.channel: state.head for state in found.channels}
        channels = _addresses(session, room, row.kind)
    return show(
        room,
        "key_test.html",
        key=row,
        readers=[each for each in found.readers if each.key == row.prefix],
        heads=heads,
        channels=channels,
        test=_test_addresses(room, row.kind),
        now=now,
    )


@bp.post("/<outlet>/webhooks/")
def add_webhook(outlet: str) -> AnyResponse:
    room, parts = enter(outlet), services()
    known = {kind.value for kind in Kind}

    def add(session: Session, now: datetime) -> webhooks.Minted:
        return webhooks.add(
            session,
            parts.secret,
            url=request.form.get("url", "").strip(),
            allowed=parts.settings.allowed_networks,
            outlet=session.get_one(Outlet, room.id),
            kinds=[kind for kind in request.form.getlist("kinds") if kind in known],
            label=_label(),
            now=now,
        )

    return _made(room, add)


@bp.post("/<outlet>/webhooks/<endpoint_id>/<any(rotate, enable, disable, test):what>")
def change_webhook(outlet: str, endpoint_id: str, what: str) -> AnyResponse:
    room, parts = enter(outlet), services()

    def rotate(session: Session, now: datetime) -> webhooks.Minted:
        row = webhooks.get_of_outlets(session, endpoint_id, family_of(session, room))
        return webhooks.Minted(row, webhooks.rotate(session, parts.secret, row, now=now))

    def change(session: Session, now: datetime) -> str:
        row = webhooks.get_of_outlets(session, endpoint_id, family_of(session, room))
        if what == "enable":
            webhooks.enable(session, row)
        elif what == "disable":
            webhooks.disable(session, row, fault="by its outlet", now=now)
        else:
            event = f"test:{secrets.token_hex(8)}"
            webhooks.queue(session, row, event=event, kind="test", data={}, at=now, now=now)
        return room.path("keys/#webhooks")

    return _made(room, rotate) if what == "rotate" else do_once(room.actor, change)


def _made(room: Newsroom, make: Callable[[Session, datetime], Minted | webhooks.Minted]) -> AnyResponse:
    """Make something with a secret, and show that on the answer itself: no address, no session, no row holds it.

    Whoever sends the same form again makes nothing more; they are led back to the list.
    """
    parts = services()
    now, name = parts.clock.now(), sent_token()
    try:
        with parts.database.writing() as session:
            mark = (
                idempotency.sent_by(room.actor, f"key-{name}-{request.path}"[:250], b"", call="desk") if name else None
            )
            if mark is not None and idempotency.find_replay(session, mark) is not None:
                return go_on(room.path("keys/?made=before"))
            made = make(session, now)
            if mark is not None:
                idempotency.remember(session, mark, answer="{}", now=now)
        with parts.database.reading() as session:
            return _shown_once(session, room, made)
    except NotFound:
        raise
    except HubError as refused:
        return _page(room, refusal_of(refused))


def _shown_once(session: Session, room: Newsroom, made: Minted | webhooks.Minted) -> Response:
    if isinstance(made, webhooks.Minted):
        return show(room, "key_made.html", secret=made.secret, kind="webhook", channels=[], test=[], label="")
    kind = made.row.kind
    place = made.secret if kind == own_keys.ADDRESS else ANY
    return show(
        room,
        "key_made.html",
        secret=made.secret,
        kind=kind,
        channels=_addresses(session, room, kind, place=place),
        test=_test_addresses(room, kind, place=place),
        label=made.row.label,
    )


def _addresses(session: Session, room: Newsroom, kind: str, *, place: str = ANY) -> list[dict[str, Any]]:
    """The addresses of each channel, absolute: under an unguessable part, or for readers that log in with a key."""
    address = services().settings.address
    secret = place if kind == own_keys.ADDRESS else None
    return [
        {
            "title": row.title,
            "feeds": [(name, address(feed_path(row, name, secret))) for name in FORMATS],
            "calendar": address(calendar_path(row, secret)) if catalog.has_calendar(row) else "",
        }
        for row in channels_of(session, room)
    ]


def _test_addresses(room: Newsroom, kind: str, *, place: str = ANY) -> list[str]:
    """The addresses of the channel that a reader is tested with."""
    prefix = f"/feeds/k/{place}" if kind == own_keys.ADDRESS else "/feeds"
    return [services().settings.address(f"{prefix}/{room.code}/{TEST}.{name}") for name in FORMATS]


def _page(room: Newsroom, refusal: Refusal) -> Response:
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        family = family_of(session, room)
        rows = _live(session, room, now)
        found = doctor.examine(session, session.get_one(Outlet, room.id), now=now)
        pushed = subscriptions.list_of_keys(session, [row.id for row in rows])
        endpoints = webhooks.list_of_outlets(session, family)
        last = {row.id: webhooks.find_last(session, row.id) for row in endpoints}
        channels = _addresses(session, room, own_keys.ADDRESS)
    return show(
        room,
        "keys.html",
        refusal.status,
        rows=rows,
        reads={row.id: [each for each in found.readers if each.key == row.prefix] for row in rows},
        states=found.channels,
        answers=found.answers,
        channels=channels,
        pushed=pushed,
        endpoints=[(row, webhooks.host_of(row), last[row.id]) for row in endpoints],
        kinds=[kind.value for kind in Kind],
        typed=request.form,
        refusal=refusal,
        was_made=request.args.get("made") == "before",
        now=now,
    )


def _live(session: Session, room: Newsroom, now: datetime) -> list[Key]:
    return own_keys.list_live(session, family_of(session, room), now=now)


def _examined(session: Session, room: Newsroom, key: Key, now: datetime) -> Diagnosis:
    """How the outlet of a key does: its own, or one that this one has come after."""
    return doctor.examine(session, session.get_one(Outlet, key.outlet_id or room.id), now=now)


def _label() -> str:
    return clean_text(request.form.get("label", "")).strip()[:MAX_LABEL]
