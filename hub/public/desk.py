"""What a newsroom's desk and its programs find on pages beside the feeds: packs, what is coming, push, proofs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from hub.http.asking import asker
from hub.http.services import services
from hub.models import Channel
from hub.outlets import catalog, terms
from hub.publishing.marks import has_packs, pack_path
from hub.publishing.packs import Tickets
from hub.publishing.planned import planned_path

FORMAT = "atom"  # in which addresses are shown: it says most exactly what was corrected or withdrawn
ANY_ADDRESS = "…"  # where the unguessable part of a feed address goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The addresses of a channel besides its feeds, all absolute; "" for what there is none of."""

    packs: bool  # does each entry have one?
    planned: str  # while an embargo term holds
    topic: str  # what a subscription names
    websub: str
    manifest: str


def tools_of(session: Session, channel: Channel) -> Tools:
    """What whoever may read a channel can do with it. Needs `channel.outlet` loaded."""
    address, place = services().settings.address, catalog.address_of(channel)
    is_public = channel.audience == "public"
    sees_planned = not is_public and terms.holds(session, channel.outlet_id, now=services().clock.now())
    prefix = "/feeds" if is_public else f"/feeds/k/{ANY_ADDRESS}"
    return Tools(
        packs=has_packs(channel),
        planned=address(planned_path(channel, FORMAT)) if sees_planned else "",
        topic=address(f"{prefix}/{place}.{FORMAT}"),
        websub=address("/websub"),
        manifest=address(f"/feeds/{place}/manifest.jws"),
    )


def pack_of(channel: Channel, entry_id: str) -> str:
    """The path of an entry's print pack for the key that asks; "" where there is none. `entry_id` is a URN."""
    key_id = asker().key_id
    if key_id is None or not has_packs(channel):
        return ""
    return pack_path(Tickets(key_id, services().secret).of(UUID(entry_id).hex))
