"""What is planned for a broadcast, before it becomes a calendar, a running order or a sheet of name straps.

Frozen documents like those of `feeds.document`: every text is plain text in NFC, every instant aware and in UTC. The
words are iCalendar's (RFC 5545) and IPTC's where they have one, else those of a television newsroom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feeds.document import Contact, Slot


class SegmentState(StrEnum):
    """How far the planning of one broadcast has come."""

    OPTION = "option"
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    AIRED = "aired"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Certainty(StrEnum):
    """How sure it is that it takes place (IPTC eventoccurstatus, eos2 to eos5)."""

    UNCERTAIN = "eos2"
    POSSIBLE = "eos3"
    LIKELY = "eos4"
    CERTAIN = "eos5"


class Transmission(StrEnum):
    """How it reaches the air."""

    LIVE = "live"
    RECORDED = "recorded"


class Setting(StrEnum):
    """Where it is made."""

    STUDIO = "studio"
    REMOTE = "remote"


class BookingState(StrEnum):
    """How far a guest's coming is settled between the outlet and the guest's unit."""

    OPTIONED = "optioned"  # until `option_expires_at`
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"  # by the outlet, or because the story was taken back


COMING = frozenset({BookingState.OPTIONED, BookingState.CONFIRMED})


class ItemKind(StrEnum):
    """What a row of a rundown is."""

    LEAD_IN = "lead_in"
    FILM = "film"
    TALK = "talk"
    VIEWER_QUESTION = "viewer_question"
    CLOSE = "close"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedGuest:
    """Somebody who is to come, as far as the reader may know."""

    name: str
    state: BookingState
    role: str = ""
    name_strap: str = ""  # the line shown below the face
    pronunciation: str = ""
    story_id: str = ""
    contact: Contact | None = None  # this outlet only
    availability: tuple[Slot, ...] = ()
    time_zone: str = "Asia/Ho_Chi_Minh"  # of the availability
    travel: str = ""
    access_needs: str = ""
    fallback: str = ""  # the name of who comes instead
    fallback_for: str = ""  # the name of whom they would come instead of
    consented_topics: tuple[str, ...] = ()
    off_limits: tuple[str, ...] = ()
    option_expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CrewMember:
    """Somebody of the outlet who works on it."""

    name: str
    role: str  # of the vocabulary crew_roles


@dataclass(frozen=True, kw_only=True, slots=True)
class Visual:
    """Something shown while an item runs."""

    description: str
    url: str = ""
    seconds: int | None = None
    width: int | None = None  # pixels
    height: int | None = None
    codec: str = ""
    rights: str = ""
    credit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A suggested question, with the length of answer that is expected."""

    text: str
    answer_seconds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RundownItem:
    """One row of a rundown. `starts_at` is the running clock: real where the items before it have run, else planned."""

    number: int  # from 1
    kind: ItemKind
    title: str
    planned_seconds: int
    starts_at: datetime
    ends_at: datetime
    real_seconds: int | None = None
    note: str = ""
    guests: tuple[str, ...] = ()  # names
    questions: tuple[Question, ...] = ()
    visuals: tuple[Visual, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rundown:
    """The ordered items of one broadcast, with its running clock."""

    items: tuple[RundownItem, ...]
    planned_seconds: int  # of all items
    over_seconds: int  # by which the items are longer than the segment, negative where they are shorter


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrence:
    """The rule of a programme (RFC 5545 §3.8.5), in its own time zone."""

    rule: str  # the value of RRULE
    excluded: tuple[datetime, ...] = ()  # EXDATE: starts that do not take place


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One broadcast, or with `recurrence` the programme that it belongs to."""

    uid: str  # stable for ever (RFC 5545 §3.8.4.7); an occurrence bears its programme's
    sequence: int  # grows on every change
    title: str
    state: SegmentState
    starts_at: datetime
    planned_seconds: int
    created_at: datetime
    updated_at: datetime
    code: str = ""  # seg_…, what the API calls it
    theme: str = ""
    time_zone: str = "Asia/Ho_Chi_Minh"
    transmission: Transmission = Transmission.LIVE
    setting: Setting = Setting.STUDIO
    certainty: Certainty = Certainty.LIKELY
    place: str = ""
    recording: Slot | None = None  # when its people are needed, where it is not while it is on air
    programme: str = ""  # its title
    recurrence: Recurrence | None = None
    recurrence_id: datetime | None = None  # of an occurrence: the start that the rule gave it
    guests: tuple[BookedGuest, ...] = ()
    crew: tuple[CrewMember, ...] = ()
    rundown: Rundown | None = None
    story_ids: tuple[str, ...] = ()
    url: str = ""  # where an outlet reads more
    notice: str = ""  # what the crew must know, such as a guest who was pulled out
