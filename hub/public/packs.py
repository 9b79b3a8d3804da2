"""Print packs at each key's own addresses: built when they are asked for, kept nowhere, gone with key and story."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file

from feeds import package
from feeds.document import Status
from hub.accounts import keys
from hub.errors import Gone, NotFound
from hub.http.asking import note_use
from hub.http.services import services
from hub.models import Key
from hub.public.admission import may_read
from hub.public.feeds import PRIVATE_CACHE
from hub.publishing import packs
from hub.publishing.marks import pack_path
from hub.publishing.packs import Source
from hub.publishing.visibility import variant_for

bp = Blueprint("packs", __name__)


@bp.get("/packs/<ticket>.zip")
def get_pack(ticket: str) -> Response:
    source = _source(ticket)
    headers = {"Cache-Control": PRIVATE_CACHE, "ETag": f'"{source.etag}"', "X-Robots-Tag": "noindex"}
    if request.if_none_match.contains_weak(source.etag):
        return Response(status=304, headers=headers)
    file = packs.build(source, services().store.path)
    answer = send_file(
        file, mimetype=package.MEDIA_TYPE, as_attachment=True, download_name=source.name, etag=False, max_age=None
    )
    answer.headers.update(headers)
    return answer


def _source(ticket: str) -> Source:
    """What the address gives now: 404 once its key is dead or reads something else, 410 once the story is withdrawn."""
    parts = services()
    now = parts.clock.now()
    read = packs.read_ticket(parts.secret, ticket)
    if read is None:
        raise NotFound(kind="pack")
    with parts.database.reading() as session:
        key = session.get(Key, read.key_id)
        if key is None or not keys.is_live(key, now=now):
            raise NotFound(kind="pack")
        actor, found = keys.actor_of(session, key, now=now), packs.find_entry(session, read.entry_uid)
        if actor is None or found is None or not may_read(session, found[1], actor, now=now):
            raise NotFound(kind="pack")
        note_use(key.id, key.sha256)
        entry, channel = found
        if entry.state == Status.WITHDRAWN:
            raise Gone(what="pack")
        if not entry.listed:
            raise NotFound(kind="pack")
        address = parts.settings.address
        variant = variant_for(by_address=actor.by_address, with_contacts=actor.with_contacts)
        return packs.source_of(session, entry, channel, variant, address, ticket_url=address(pack_path(ticket)))
