"""Feeds for readers: kept bytes under a head per address, with strong ETags, 304, gzip and honest cache times."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, current_app, request

from feeds.conditional import etag_of_digest, is_not_modified, strong_etag
from feeds.dates import http_date
from hub.accounts import keys
from hub.errors import NotFound, Unauthenticated
from hub.http.asking import accept, sent_secret
from hub.http.services import services
from hub.models import Channel, Key
from hub.outlets import catalog
from hub.public.ready import Ready, ReadyCache
from hub.publishing import documents, lookup
from hub.publishing.documents import FORMATS, Page
from hub.publishing.heads import assembled
from hub.publishing.lookup import Found
from hub.publishing.visibility import Variant

PUBLIC_CACHE = "public, max-age=60"  # a withdrawal is gone from every cache within the minute
PRIVATE_CACHE = "private, no-cache"
GZIP_LEVEL = 6

READY = "hub.ready"

bp = Blueprint("feeds", __name__, url_prefix="/feeds")


@bp.get("/<outlet>/<channel>.<any(rss, atom, json):format_name>")
def get_feed(outlet: str, channel: str, format_name: str) -> Response:
    secret = sent_secret()
    seal = keys.fingerprint(secret) if secret else None
    ready = _ready(outlet, channel, format_name, seal, secret=None)
    return _respond(ready, format_name)


@bp.get("/k/<secret>/<outlet>/<channel>.<any(rss, atom, json):format_name>")
def get_feed_by_address(secret: str, outlet: str, channel: str, format_name: str) -> Response:
    ready = _ready(outlet, channel, format_name, keys.fingerprint(secret), secret=secret)
    return _respond(ready, format_name)


def _ready(outlet: str, channel: str, format_name: str, seal: str | None, *, secret: str | None) -> Ready:
    """The document for this asker, after looking at the database once where it is kept."""
    parts = services()
    cache: ReadyCache = current_app.extensions[READY]
    address = (outlet, channel, format_name, (seal or "") if secret is not None else "")
    known = cache.get(address)
    with parts.database.reading() as session:
        found = lookup.find(
            session,
            outlet,
            channel,
            format_name,
            key_sha256=seal,
            by_address=secret is not None,
            with_body=known is None,
        )
        _admit(found, outlet, seal, by_address=secret is not None)
    assert found is not None  # _admit refuses what is not there
    if known is not None and known.revision == found.channel.revision:
        return known
    if known is None and found.document is not None and documents.is_current(found.document, found.channel):
        page = documents.page_of(found.document)
    else:
        page = documents.render_page(
            parts.database,
            parts.clock,
            parts.settings.address,
            channel_id=found.channel.id,
            format_name=format_name,
            variant=_variant(found, by_address=secret is not None),
        )
    ready = _made_ready(found.channel, page, secret=secret)
    cache.put(address, ready)
    return ready


def _admit(found: Found | None, outlet: str, seal: str | None, *, by_address: bool) -> None:
    """Refuse who may not read this: 401 without a key, 404 with a foreign one, 404 for every unknown address."""
    if found is not None and found.channel.audience == "public" and not by_address:
        return
    if not by_address and seal is None:
        if found is None and _is_public_outlet(outlet):
            raise NotFound(what=request.path)
        raise Unauthenticated()
    key = found.key if found is not None else _find_key(seal or "")
    now = services().clock.now()
    if key is None or not keys.is_live(key, now=now) or (key.kind == "address") is not by_address:
        raise NotFound(what="feed") if by_address else Unauthenticated()
    if found is None or (found.channel.audience != "public" and key.outlet_id != found.channel.outlet_id):
        raise NotFound(what="feed")
    accept(keys.actor_of(key, ""), seal or "")


def _find_key(seal: str) -> Key | None:
    with services().database.reading() as session:
        return keys.find(session, seal)


def _is_public_outlet(code: str) -> bool:
    with services().database.reading() as session:
        return catalog.is_public(session, code)


def _variant(found: Found, *, by_address: bool) -> Variant:
    if not by_address or found.key is None or found.key.with_contacts:
        return Variant.FULL
    return Variant.NO_CONTACTS


def _made_ready(channel: Channel, page: Page, *, secret: str | None) -> Ready:
    body = assembled(channel, page, services().settings.address, secret=secret)
    return Ready(
        revision=page.revision,
        public=channel.audience == "public" and secret is None,
        body=body,
        gzipped=gzip.compress(body, GZIP_LEVEL, mtime=0),
        etag=strong_etag(body).strip('"'),
        modified_at=channel.modified_at,
        rendered_at=page.rendered_at,
    )


def _respond(ready: Ready, format_name: str) -> Response:
    coding = "gzip" if request.accept_encodings["gzip"] > 0 else "identity"
    etag = etag_of_digest(ready.etag, coding=coding)
    unchanged = is_not_modified(
        etag=etag,
        last_modified=ready.modified_at,
        rendered_at=ready.rendered_at,
        if_none_match=request.headers.get("If-None-Match"),
        if_modified_since=request.headers.get("If-Modified-Since"),
    )
    answer = Response(status=304) if unchanged else Response(ready.gzipped if coding == "gzip" else ready.body)
    if not unchanged:
        answer.content_type = FORMATS[format_name].MEDIA_TYPE
        if coding == "gzip":
            answer.headers["Content-Encoding"] = "gzip"
    answer.headers["ETag"] = etag
    answer.headers["Last-Modified"] = http_date(ready.modified_at)
    answer.headers["Cache-Control"] = PUBLIC_CACHE if ready.public else PRIVATE_CACHE
    answer.headers["Vary"] = "Accept-Encoding" if ready.public else "Accept-Encoding, Authorization"
    if ready.public:
        answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
