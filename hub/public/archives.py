"""Pages of a channel's archive (RFC 5005 §4): as the feeds are, at addresses that name what stands there.

They are read seldom and each by few, so they take no room in this process's memory from the newest documents.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response

from hub.accounts import keys
from hub.errors import Gone
from hub.http.asking import sent_secret
from hub.http.services import services
from hub.outlets import catalog
from hub.public.feeds import PUBLIC_CACHE, admit, ready_of, respond, with_profile
from hub.publishing import archives, lookup

CACHE = f"{PUBLIC_CACHE}, must-revalidate"

bp = Blueprint("archives", __name__, url_prefix="/feeds")


@bp.get("/<outlet>/<channel>/archive/<part>.<any(rss, atom, json, ninjs):format_name>")
def get_archive(outlet: str, channel: str, part: str, format_name: str) -> Response:
    secret = sent_secret()
    seal = keys.fingerprint(secret) if secret else None
    return _give(outlet, channel, part, with_profile(format_name), seal, secret=None)


@bp.get("/k/<secret>/<outlet>/<channel>/archive/<part>.<any(rss, atom, json, ninjs):format_name>")
def get_archive_by_address(secret: str, outlet: str, channel: str, part: str, format_name: str) -> Response:
    return _give(outlet, channel, part, with_profile(format_name), keys.fingerprint(secret), secret=secret)


def _give(outlet: str, channel: str, part: str, format_name: str, seal: str | None, *, secret: str | None) -> Response:
    parts = services()
    by_address = secret is not None
    with parts.database.reading() as session:
        found = lookup.find(session, outlet, channel, key_sha256=seal)
    admit(found.newest if found is not None else None, outlet, seal, by_address=by_address)
    assert found is not None  # admit refuses what is not there
    if found.channel.successor_id is not None or found.channel.outlet.ended_on is not None:
        raise Gone(what=catalog.address_of(found.channel))  # the successor's ledger has other numbers
    page = archives.render(
        parts.database,
        parts.clock,
        parts.settings.address,
        channel_id=found.channel.id,
        name=part,
        format_name=format_name,
        variant=found.variant(by_address=by_address),
    )
    if page.channel.audience != found.channel.audience:  # changed while we rendered
        admit(replace(found, channel=page.channel).newest, outlet, seal, by_address=by_address)
    return respond(ready_of(page, found.key, secret=secret), format_name, public_cache=CACHE)
