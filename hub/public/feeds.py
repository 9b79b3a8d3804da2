"""Feeds for readers: kept bytes under a head per address, with strong ETags, 304, gzip and honest cache times."""

from __future__ import annotations

import gzip
from dataclasses import replace

from flask import Blueprint, Response, current_app, request

from feeds.conditional import etag_of_digest, is_not_modified, strong_etag
from feeds.dates import http_date
from hub.accounts import keys
from hub.errors import NotFound, Unauthenticated
from hub.http.asking import note_reading, note_use, sent_secret
from hub.http.services import services
from hub.models import Key
from hub.outlets import catalog
from hub.public.admission import check_stays
from hub.public.ready import Ready, ReadyCache
from hub.publishing import documents, lookup
from hub.publishing.documents import NINJS_HUB, RENDERERS, Page
from hub.publishing.heads import assembled, discovery, feed_suffix
from hub.publishing.lookup import AskingKey, Newest
from hub.publishing.marks import has_packs
from hub.publishing.packs import Tickets

PUBLIC_CACHE = "public, max-age=60"  # a withdrawal is gone from every cache within the minute
PRIVATE_CACHE = "private, no-cache"
GZIP_LEVEL = 6

READY = "hub.ready"

bp = Blueprint("feeds", __name__, url_prefix="/feeds")


@bp.get("/<outlet>/<channel>.<any(rss, atom, json, ninjs):format_name>")
def get_feed(outlet: str, channel: str, format_name: str) -> Response:
    format_name = with_profile(format_name)
    secret = sent_secret()
    seal = keys.fingerprint(secret) if secret else None
    ready = _ready(outlet, channel, format_name, seal, secret=None)
    return respond(ready, format_name)


@bp.get("/k/<secret>/<outlet>/<channel>.<any(rss, atom, json, ninjs):format_name>")
def get_feed_by_address(secret: str, outlet: str, channel: str, format_name: str) -> Response:
    format_name = with_profile(format_name)
    ready = _ready(outlet, channel, format_name, keys.fingerprint(secret), secret=secret)
    return respond(ready, format_name)


def with_profile(format_name: str) -> str:
    """ninjs has one profile more; one that nobody knows changes nothing (RFC 6906 §3)."""
    return NINJS_HUB if format_name == "ninjs" and request.args.get("profile") == "hub" else format_name


def _ready(outlet: str, channel: str, format_name: str, seal: str | None, *, secret: str | None) -> Ready:
    """The document for this asker, after looking at the database once where it is kept."""
    by_address = secret is not None
    cache: ReadyCache = current_app.extensions[READY]
    shared = (outlet, channel, format_name)
    own = (*shared, seal or "", "address" if by_address else "key")  # one secret may be sent either way
    kept = [ready for place in ((own,) if by_address else (own, shared)) if (ready := cache.get(place)) is not None]
    if kept:
        newest = lookup.find_newest(services().database, outlet, channel, key_sha256=seal)
        admit(newest, outlet, seal, by_address=by_address)
        for known in kept:
            if newest is not None and known.revision == newest.revision:
                _note(newest, known, format_name)
                return known
    ready, newest = _made_ready(outlet, channel, format_name, seal, secret=secret)
    cache.put(own if ready.is_own else shared, ready)
    _note(newest, ready, format_name)
    return ready


def _note(newest: Newest, ready: Ready, format_name: str) -> None:
    """Note what an outlet's key has read; a public channel asks nobody who it is."""
    if not ready.public and newest.key is not None and newest.key.outlet_id is not None:
        note_reading(newest.key.id, newest.channel_id, format_name, number=ready.number)


def _made_ready(
    outlet: str, channel: str, format_name: str, seal: str | None, *, secret: str | None
) -> tuple[Ready, Newest]:
    parts = services()
    by_address = secret is not None
    with parts.database.reading() as session:
        found = lookup.find_document(session, outlet, channel, format_name, key_sha256=seal, by_address=by_address)
    newest = found.newest if found is not None else None
    admit(newest, outlet, seal, by_address=by_address)
    assert found is not None  # admit refuses what is not there
    if found.channel.successor_id is not None or found.channel.outlet.ended_on is not None:
        with parts.database.reading() as session:
            check_stays(session, found.channel, rest=feed_suffix(format_name), secret=secret)
    if found.document is not None and documents.is_current(found.document, found.channel, parts.settings.address):
        page = documents.page_of(found.document, found.channel)
    else:
        page = documents.render_page(
            parts.database,
            parts.clock,
            parts.settings.address,
            channel_id=found.channel.id,
            format_name=format_name,
            variant=found.variant(by_address=by_address),
        )
        if page.channel.audience != found.channel.audience:  # changed while we rendered
            admit(replace(found, channel=page.channel).newest, outlet, seal, by_address=by_address)
    return ready_of(page, found.key, secret=secret), found.newest


def ready_of(page: Page, key: AskingKey | None, *, secret: str | None) -> Ready:
    """A page under the head of one address, in both codings, with the addresses that are the asking key's own."""
    parts = services()
    tickets = Tickets(key.id, parts.secret) if key is not None and has_packs(page.channel) else None
    channel_then = page.channel  # the head is of the same moment as the page
    body = assembled(page, parts.settings.address, secret=secret, tickets=tickets)
    return Ready(
        revision=page.revision,
        number=channel_then.head,
        public=channel_then.audience == "public" and secret is None,
        is_own=secret is not None or tickets is not None,
        body=body,
        gzipped=gzip.compress(body, GZIP_LEVEL, mtime=0),
        etag=strong_etag(body).strip('"'),
        modified_at=channel_then.modified_at,
        last_modified=http_date(channel_then.modified_at),
        rendered_at=page.rendered_at,
        links=discovery(page, parts.settings.address, secret),
    )


def admit(newest: Newest | None, outlet: str, seal: str | None, *, by_address: bool) -> None:
    """Refuse who may not read this: 401 without a key, 404 with a foreign one, 404 for every unknown address."""
    if newest is not None and newest.audience == "public" and not by_address:
        return
    if not by_address and seal is None:
        if newest is None and _is_public_outlet(outlet):
            raise NotFound(kind="feed")
        raise Unauthenticated()
    key: AskingKey | None = newest.key if newest is not None else _find_key(seal or "")
    now = services().clock.now()
    if key is None or not keys.opens_feeds(key, by_address=by_address, now=now):
        raise NotFound(kind="feed") if by_address else Unauthenticated()
    if newest is None:
        raise NotFound(kind="feed")
    if newest.audience != "public" and key.outlet_id != newest.outlet_id:
        _admit_heir(key.id, newest.outlet_id)
    note_use(key.id, seal or "")


def _admit_heir(key_id: int, outlet_id: int) -> None:
    """Let in a user with a role at the outlet, and whoever reads for the outlet that one of the two has merged into."""
    now = services().clock.now()
    with services().database.reading() as session:
        if not keys.reads_for(session, session.get_one(Key, key_id), outlet_id, now=now):
            raise NotFound(kind="feed")


def _find_key(seal: str) -> Key | None:
    with services().database.reading() as session:
        return keys.find(session, seal)


def _is_public_outlet(code: str) -> bool:
    with services().database.reading() as session:
        return catalog.is_public(session, code)


def respond(ready: Ready, format_name: str, *, public_cache: str = PUBLIC_CACHE) -> Response:
    """The document in the coding that is asked for, or 304; `public_cache` is for documents that all may read."""
    coding = "gzip" if request.accept_encodings["gzip"] > 0 else "identity"
    etag = etag_of_digest(ready.etag, coding=coding)
    unchanged = is_not_modified(
        etag=etag,
        last_modified=ready.modified_at,
        rendered_at=ready.rendered_at,
        if_none_match=request.headers.get("If-None-Match"),
        if_modified_since=request.headers.get("If-Modified-Since"),
    )
    headers = {
        "ETag": etag,
        "Cache-Control": public_cache if ready.public else PRIVATE_CACHE,
        "Vary": "Accept-Encoding" if ready.public else "Accept-Encoding, Authorization",
    }
    if ready.modified_at.replace(microsecond=0) < services().clock.now().replace(microsecond=0):
        # within its second a document may change once more under the same date, and curl drops what is not newer
        headers["Last-Modified"] = ready.last_modified
    if ready.public:
        headers["Access-Control-Allow-Origin"] = "*"
    if ready.links:  # also on a 304: whoever only ever asks for changes may look for the hub one day
        headers["Link"] = ready.links
    if unchanged:
        return Response(status=304, headers=headers)
    if coding == "gzip":
        headers["Content-Encoding"] = "gzip"
    body = ready.gzipped if coding == "gzip" else ready.body
    return Response(body, headers=headers, content_type=RENDERERS[format_name].MEDIA_TYPE)
