"""Print packs of entries: each key's own addresses of them, and what a pack is built from.

An address is `/packs/{key}-{entry}-{mac}.zip`: it names the key it was derived for and proves it by a MAC under the
hub's secret, so it needs no table, dies with its key, and nobody can make one for another. Entries are rendered once
for all keys, with a mark where the address goes; `Tickets.fill` puts it there when the bytes are served. The mark is
made of characters that no text of a story can hold.
"""

from __future__ import annotations

import hmac
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from feeds import package
from feeds.document import WEB_WIDTH, Entry, Picture
from feeds.package import PackedPicture
from hub.models import Channel, MediaToken, Release, Rendition
from hub.models import Entry as EntryRow
from hub.publishing.assemble import Address, item_of
from hub.publishing.documents import RENDERER, corrections_of, jws_of, media_of
from hub.publishing.marks import MARKED, has_packs
from hub.publishing.visibility import Variant
from hub.records.secret import Secret

PURPOSE = "print pack"
MAC_DIGITS = 40  # hex: 160 bits
MAX_PICTURE_BYTES = 96 * 1024 * 1024  # of all pictures; past it they go along as pages show them
IN_MEMORY = 8 * 1024 * 1024  # bytes of a pack under construction, before it goes to a file
TICKET = re.compile(rf"(?P<key>[1-9][0-9]{{0,18}})-(?P<entry>[0-9a-f]{{32}})-(?P<mac>[0-9a-f]{{{MAC_DIGITS}}})")


@dataclass(frozen=True, slots=True)
class Tickets:
    """The addresses of one key."""

    key_id: int
    secret: Secret

    def of(self, entry: str) -> str:
        """The part of an address that names and proves; `entry` is the 32 hex digits of its permanent id."""
        return f"{self.key_id}-{entry}-{_mac(self.secret, self.key_id, entry)}"

    def fill(self, body: bytes) -> bytes:
        """Kept bytes with this key's addresses where the marks stand."""
        return MARKED.sub(lambda found: self.of(found[1].decode()).encode(), body)


@dataclass(frozen=True, slots=True)
class Ticket:
    """An address that some key of this hub's was given, live or not."""

    key_id: int
    entry_uid: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a pack is made of, read in one transaction; `etag` is known before anything is built."""

    entry: Entry
    name: str  # of the file
    etag: str  # without quotes
    pictures: Sequence[tuple[Picture, Rendition]]


def read_ticket(secret: Secret, text: str) -> Ticket | None:
    """What an address names; None unless this hub made it."""
    found = TICKET.fullmatch(text)
    if found is None:
        return None
    key_id = int(found["key"])
    if not hmac.compare_digest(found["mac"], _mac(secret, key_id, found["entry"])):
        return None
    return Ticket(key_id, UUID(found["entry"]).urn)


def find_entry(session: Session, uid: str) -> tuple[EntryRow, Channel] | None:
    """The entry with this permanent id in a channel that has packs, with what it shows, or its tombstone."""
    query = (
        select(EntryRow, Channel)
        .join(Channel, Channel.id == EntryRow.channel_id)
        .where(EntryRow.uid == uid, Channel.audience != "public", Channel.successor_id.is_(None))
        .options(
            joinedload(EntryRow.release, innerjoin=True).joinedload(Release.version, innerjoin=True),
            joinedload(Channel.outlet, innerjoin=True),
        )
    )
    rows = [(entry, channel) for entry, channel in session.execute(query) if has_packs(channel)]
    return rows[0] if rows else None


def source_of(
    session: Session, entry: EntryRow, channel: Channel, variant: Variant, address: Address, *, ticket_url: str
) -> Source:
    """What goes into the pack of an entry that stands: what its channel shows of it to this variant."""
    media = media_of(session, {entry.release_id}).get(entry.release_id, {})
    jws = jws_of(session, [entry]).get(entry.id, "")
    corrected = corrections_of(session, [entry]).get(entry.id)
    item = item_of(entry, channel, media, variant, address, jws=jws, corrected=corrected, pack_url=ticket_url)
    assert isinstance(item, Entry)  # the caller answers for tombstones
    pictures = _within_bounds(list(_renditions(session, entry.release_id, item)))
    told = [str(entry.revision), entry.uid, variant.value, address(""), str(RENDERER), str(package.VERSION), ticket_url]
    told += [rendition.sha256 for _, rendition in pictures]
    digest = sha256("\n".join(told).encode()).hexdigest()[:32]
    return Source(item, f"{package.slug_of(item.title)}-v{item.version}.zip", digest, pictures)


def build(source: Source, path_of: Callable[[str], Path]) -> IO[bytes]:
    """The pack, from its beginning, in a file that goes when it is closed; `path_of` finds a picture by its hash.

    Raises OSError for a picture that is not on the disk.
    """
    pictures = [
        PackedPicture(
            picture, rendition.media_type, rendition.width, rendition.height, path_of(rendition.sha256).read_bytes()
        )
        for picture, rendition in source.pictures
    ]
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    package.write(file, source.entry, pictures)
    file.seek(0)
    return file


def _renditions(session: Session, release_id: int, entry: Entry) -> Iterator[tuple[Picture, list[Rendition]]]:
    """Each picture that the entry shows with its sizes, largest first."""
    query = (
        select(Rendition)
        .join(MediaToken, MediaToken.upload_id == Rendition.upload_id)
        .where(MediaToken.release_id == release_id, MediaToken.lost_at.is_(None))
        .order_by(Rendition.width.desc())
    )
    sizes: dict[str, list[Rendition]] = {}
    for rendition in session.scalars(query):
        sizes.setdefault(rendition.upload_id, []).append(rendition)
    yield from ((picture, sizes[picture.upload]) for picture in entry.pictures if picture.upload in sizes)


def _within_bounds(pictures: Sequence[tuple[Picture, list[Rendition]]]) -> list[tuple[Picture, Rendition]]:
    """The largest size of each, as long as all of them together are no more than a machine can take."""
    if sum(sizes[0].length for _, sizes in pictures) <= MAX_PICTURE_BYTES:
        return [(picture, sizes[0]) for picture, sizes in pictures]
    return [(picture, next((s for s in sizes if s.width <= WEB_WIDTH), sizes[-1])) for picture, sizes in pictures]


def _mac(secret: Secret, key_id: int, entry: str) -> str:
    return secret.mac(f"{key_id}:{entry}".encode(), purpose=PURPOSE)[:MAC_DIGITS]
