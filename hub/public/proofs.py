"""What lets others check: the JWK Set, an entry as JSON with its proof, and the signed manifests of channels."""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from feeds.document import Status
from hub.errors import NotFound, Unavailable
from hub.http.asking import asker
from hub.http.services import services
from hub.models import Channel, Entry
from hub.public.admission import readable_channel, readable_channel_by_address, readable_entry
from hub.public.feeds import PRIVATE_CACHE, PUBLIC_CACHE
from hub.publishing import documents, manifests, reading
from hub.publishing.marks import has_packs
from hub.publishing.packs import Tickets
from hub.publishing.visibility import Variant
from hub.records import signing_keys

JWKS_TYPE = "application/jwk-set+json"  # RFC 7517 §8.5.1
JWS_TYPE = "application/jose"  # RFC 7515 §9.2.1
DAY = re.compile(r"\d{4}-\d\d-\d\d")

bp = Blueprint("proofs", __name__)


@bp.get("/.well-known/jwks.json")
def get_jwks() -> Response:
    with services().database.reading() as session:
        body = orjson.dumps(signing_keys.jwks(session))
    answer = Response(body, content_type=JWKS_TYPE)
    answer.headers["Cache-Control"] = f"public, max-age={signing_keys.JWKS_SECONDS}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


@bp.get("/stories/<story_id>.json")
def get_public_entry(story_id: str) -> Response:
    with services().database.reading() as session:
        found = reading.find_public_entry(session, story_id)
        if found is None:
            raise NotFound(what=story_id, kind="story")
        return _entry(session, *found)


@bp.get("/feeds/<outlet>/<channel>/<uuid:entry>.json")
def get_entry(outlet: str, channel: str, entry: object) -> Response:
    with services().database.reading() as session:
        found = readable_entry(session, outlet, channel, entry, form=".json")
        return _entry(session, found, readable_channel(session, outlet, channel))


@bp.get("/feeds/<outlet>/<channel>/manifest.jws")
def get_manifest(outlet: str, channel: str) -> Response:
    with services().database.reading() as session:
        return _manifest(session, readable_channel(session, outlet, channel, rest="/manifest.jws"))


@bp.get("/feeds/<outlet>/<channel>/manifests/<day>.jws")
def get_manifest_of_day(outlet: str, channel: str, day: str) -> Response:
    with services().database.reading() as session:
        row = readable_channel(session, outlet, channel, stays=True)  # what was proved of a day stays proved
        return _manifest(session, row, day=day)


@bp.get("/feeds/k/<secret>/<outlet>/<channel>/manifest.jws")
def get_manifest_by_address(secret: str, outlet: str, channel: str) -> Response:
    with services().database.reading() as session:
        row, _ = readable_channel_by_address(session, secret, outlet, channel, rest="/manifest.jws")
        return _manifest(session, row, private=True)


def _entry(session: Session, entry: Entry, channel: Channel) -> Response:
    """The entry's fragment of the JSON Feed: the same bytes that stand there."""
    with documents.rendering():
        fragments = documents.fragments_of(session, [entry], channel, "json", Variant.FULL, services().settings.address)
    body = fragments[entry.id].body
    if body is None:
        raise Unavailable()  # the fault is in the log and in what `hub verify` says
    if has_packs(channel):
        body = Tickets(asker().key_id or 0, services().secret).fill(body)
    status = HTTPStatus.GONE if entry.state == Status.WITHDRAWN else HTTPStatus.OK
    return _cached(Response(body, status, content_type="application/json"), public=channel.audience == "public")


def _manifest(session: Session, channel: Channel, *, day: str | None = None, private: bool = False) -> Response:
    if day is not None and not _is_day(day):
        raise NotFound(what=day, kind="manifest")
    found = manifests.find(session, channel.id, day=day)
    if found is None:
        raise NotFound(what=day, kind="manifest")
    answer = Response(found.jws, content_type=JWS_TYPE)
    return _cached(answer, public=channel.audience == "public" and not private)


def _is_day(text: str) -> bool:
    try:
        return DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _cached(answer: Response, *, public: bool) -> Response:
    answer.headers["Cache-Control"] = PUBLIC_CACHE if public else PRIVATE_CACHE
    if public:
        answer.headers["Access-Control-Allow-Origin"] = "*"
    else:
        answer.vary.add("Authorization")
        answer.headers["X-Robots-Tag"] = "noindex"
    if answer.status_code != HTTPStatus.OK:
        return answer
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
