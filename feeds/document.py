"""What a feed is before it becomes bytes: frozen documents that every format renders.

The words are RFC 4287's where it has one (feed, entry, author, category, published, updated);
structured story fields follow ``schemas/story.v1.json``. Every text is plain text in NFC except
``Entry.content``, a sanitized HTML fragment. Every instant is aware and in UTC. Every address is
absolute and percent-encoded. A renderer trusts all of this and checks none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """What an entry says of itself to whoever reads the feed (``_hub.status``)."""

    PLANNED = "planned"  # outlets with an embargo term only, and never in a ledger: it is coming
    RELEASED = "released"
    CORRECTED = "corrected"
    CORRECTION_PENDING = "correction_pending"  # outlets only: a correction waits for its release
    HELD = "held"  # outlets only: do not use until lifted
    WITHDRAWAL_REQUESTED = "withdrawal_requested"  # outlets only
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An author or spokesperson (RFC 4287 §3.2)."""

    name: str
    role: str = ""
    organization: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplier:
    """An organization that told of the deed, under its name at that time."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A link of a feed or entry (RFC 4287 §4.2.7)."""

    rel: str
    href: str
    media_type: str = ""
    title: str = ""
    hreflang: str = ""
    length: int | None = None  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A category with its scheme and label (RFC 4287 §4.2.2; RSS ``domain``)."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendition:
    """One size of a picture."""

    url: str
    width: int  # pixels
    height: int
    length: int  # bytes
    media_type: str


WEB_WIDTH = 1920  # pixels: wider renditions are for print


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A photograph with its sizes, largest first (Media RSS ``media:content``)."""

    renditions: tuple[Rendition, ...]
    alt: str
    caption: str = ""
    credit: str = ""
    rights: str = ""
    upload: str = ""  # med_…: what the signed version calls it

    @property
    def for_screens(self) -> tuple[Rendition, ...]:
        """The sizes that pages show; where there is none but for print, that one."""
        return tuple(each for each in self.renditions if each.width <= WEB_WIDTH) or self.renditions[-1:]


@dataclass(frozen=True, kw_only=True, slots=True)
class Footage:
    """Moving pictures: by reference, or a film that the hub keeps as it was sent."""

    url: str
    media_type: str = ""  # "video/mp4"; of films of ours, as all that follows
    length: int | None = None  # bytes
    upload: str = ""  # med_…: what the signed version calls it
    duration_seconds: int | None = None
    codec: str = ""
    rights: str = ""
    caption: str = ""
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One figure of the story, with what it was before."""

    label: str
    value: float | int
    unit: str = ""
    before: float | int | None = None
    period: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A statement that can be checked, tied to its source."""

    text: str
    source: str
    source_kind: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How to reach someone; only ever in an outlet's own feed."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A window of time: availability of a guest, or a recording slot."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""
    purpose: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody who can be invited to the segment."""

    name: str
    role: str = ""
    position: str = ""
    notes: str = ""
    contact: Contact | None = None
    availability: tuple[Slot, ...] = ()
    off_limits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Visual:
    """Something the camera could film."""

    description: str
    seconds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interview:
    """The interview card of the live-exchange segment."""

    title: str = ""
    format: str = ""
    duration_minutes: int | None = None
    guests: tuple[Guest, ...] = ()
    suggested_questions: tuple[str, ...] = ()
    visuals: tuple[Visual, ...] = ()
    slots: tuple[Slot, ...] = ()
    off_limits: tuple[str, ...] = ()
    notes_for_crew: str = ""
    contact: Contact | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom the story is about."""

    type: str = ""  # individual, collective, household
    name: str = ""
    role: str = ""
    unit: str = ""
    birth_year: int | None = None
    gender: str = ""
    member_count: int | None = None
    priority_groups: tuple[str, ...] = ()
    hazardous_work: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """The organization's unit the deed comes from."""

    name: str
    kind: str = ""
    level: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where it happened."""

    commune: str
    province: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """How many words the texts of an entry have; 0 for one that is not there."""

    standfirst: int = 0
    body: int = 0
    short: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """A print pack: one ZIP with everything that a page is made of."""

    url: str
    media_type: str = "application/zip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The structured fields of a story that this reader may see; absent ones are None or empty."""

    kind: str = ""
    stage: str = ""
    standfirst: str = ""  # the lines under a newspaper's headline; without one, the summary serves
    subject: Subject | None = None
    unit: Unit | None = None
    place: Place | None = None
    movement: str = ""
    deed: str = ""
    method: str = ""
    result: str = ""
    metrics: tuple[Metric, ...] = ()
    lesson: str = ""
    occurred_from: date | None = None
    occurred_to: date | None = None
    claims: tuple[Claim, ...] = ()
    spokesperson: Person | None = None
    spokesperson_contact: Contact | None = None
    interview: Interview | None = None
    footage: tuple[Footage, ...] = ()
    short_body: str = ""  # sanitized HTML
    embargo_until: datetime | None = None
    urgency: int | None = None  # IPTC, 1 (most urgent) to 9


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """How an entry came to be corrected; its public note is the entry's `correction`."""

    severity: str  # a code of correction_severities
    replaces: int | None = None  # the number of the version that stood here before
    at: datetime | None = None  # when readers were told


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One released version in one channel (RFC 4287 §4.1.2)."""

    id: str  # urn:uuid:…, permanent
    story_id: str  # st_…
    version: int
    number: int  # of its newest change in the channel's ledger
    status: Status
    title: str
    url: str  # the page of this entry (rel=alternate)
    published: datetime
    updated: datetime
    summary: str = ""
    content: str = ""  # sanitized HTML fragment
    language: str = "vi"
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    pictures: tuple[Picture, ...] = ()
    correction: str = ""  # public note of the newest correction
    corrected: Correction | None = None
    suppliers: tuple[Supplier, ...] = ()  # where more than one organization told of the deed
    usages: tuple[str, ...] = ()  # what readers may do with it beside showing it: archive, reuse
    json_url: str = ""  # the entry as JSON, with its proof
    words: Words = Words()
    pack: Pack | None = None  # for outlets that print, at the reader's own address
    proof: str = ""  # SD-JWT (RFC 9901) over the fields that this entry shows; in JSON only
    is_test: bool = False  # of a channel to test readers with: no story, and not for publication
    story: Story = field(default_factory=Story)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tombstone:
    """What is left of a withdrawn entry (RFC 6721): no title, no name, no reason."""

    id: str
    story_id: str
    number: int
    url: str
    updated: datetime  # when it was withdrawn
    published: datetime
    language: str = "vi"  # of the neutral title that stands in RSS and JSON Feed
    is_test: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A channel's page at one address: everything but its entries (RFC 4287 §4.1.1)."""

    id: str
    title: str
    self_url: str
    home_url: str  # the page that explains this feed
    updated: datetime
    subtitle: str = ""
    language: str = "vi-VN"
    author: Person | None = None
    rights: str = ""
    icon: str = ""
    alternates: tuple[Link, ...] = ()  # the same channel in the other formats
    links: tuple[Link, ...] = ()  # hub, next, prev-archive …
    is_archive: bool = False  # a page of the archive (RFC 5005 §4), not the newest document


Item = Entry | Tombstone
Items = Sequence[Item]
