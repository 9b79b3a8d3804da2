"""A calendar to test programs with, beside the feed of `conformance`: one event for each thing they trip over. Pure.

Every PERIOD an event is entered, for the same minute of the next day; the one before it is then moved, and the one
before that cancelled, each under its UID and with a greater SEQUENCE (RFC 5545 §3.8.7.4). The others stand for a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from feeds.planning import Recurrence, Segment, SegmentState, Setting, Transmission
from hub.publishing.conformance import HARD_TITLE, LAST_WORDS, MARK, PERIOD, TRAPS, Outlet, id_of, monday_of, slot_of

DAY = timedelta(days=1)
MOVED_BY = timedelta(minutes=45)
LONG_LINES = 60
HOUR_SECONDS = 3600


def list_events(outlet: Outlet, *, now: datetime) -> list[Segment]:
    """Every case as it is at this instant."""
    slot = slot_of(now)
    return [
        _changing(outlet, slot, "Mục lịch vừa thêm", slot, sequence=0),
        _changing(
            outlet, slot - PERIOD, "Mục lịch đã dời 45 phút", slot, sequence=1, starts_at=slot - PERIOD + DAY + MOVED_BY
        ),
        _changing(outlet, slot - 2 * PERIOD, "Mục lịch đã hủy", slot, sequence=2, state=SegmentState.CANCELLED),
        *_standing(outlet, slot),
    ]


def _changing(
    outlet: Outlet,
    entered: datetime,
    title: str,
    slot: datetime,
    *,
    sequence: int,
    starts_at: datetime | None = None,
    state: SegmentState = SegmentState.CONFIRMED,
) -> Segment:
    return _event(
        outlet,
        f"slot {entered.isoformat()}",
        title,
        starts_at=starts_at or entered + DAY,
        created_at=entered,
        updated_at=slot,
        sequence=sequence,
        state=state,
    )


def _standing(outlet: Outlet, slot: datetime) -> Iterator[Segment]:
    """What only has to be shown well; the recurring one leaves out the second of its starts."""
    monday = monday_of(slot)
    noon = monday + timedelta(hours=12)
    yield _event(outlet, f"vietnamese {monday}", HARD_TITLE, starts_at=noon, created_at=monday, theme="\n".join(TRAPS))
    lines = [f"Dòng {number}/{LONG_LINES}: mô tả dài, phải xem được đến cuối." for number in range(1, LONG_LINES)]
    yield _event(
        outlet,
        f"long {monday}",
        "Mục lịch có mô tả rất dài",
        starts_at=noon + DAY,
        created_at=monday,
        theme="\n".join([*lines, LAST_WORDS]),
    )
    yield _event(
        outlet,
        f"option {monday}",
        "Mục lịch chưa chắc",
        starts_at=noon + 2 * DAY,
        created_at=monday,
        state=SegmentState.OPTION,
    )
    first = noon + timedelta(hours=7)
    yield _event(
        outlet,
        f"recurring {monday}",
        "Mục lịch lặp lại, thiếu thứ Ba",
        starts_at=first,
        created_at=monday,
        recurrence=Recurrence(rule="FREQ=DAILY;COUNT=5", excluded=(first + DAY,)),
    )


def _event(
    outlet: Outlet,
    name: str,
    title: str,
    *,
    starts_at: datetime,
    created_at: datetime,
    updated_at: datetime | None = None,
    sequence: int = 0,
    state: SegmentState = SegmentState.CONFIRMED,
    theme: str = "",
    recurrence: Recurrence | None = None,
) -> Segment:
    return Segment(
        uid=id_of(outlet, f"event {name}"),
        sequence=sequence,
        title=f"[{MARK}] {title}",
        theme=theme or f"{MARK}. Không có chương trình nào như vậy.",
        state=state,
        starts_at=starts_at,
        planned_seconds=HOUR_SECONDS,
        created_at=created_at,
        updated_at=updated_at or created_at,
        transmission=Transmission.LIVE,
        setting=Setting.STUDIO,
        recurrence=recurrence,
        url=f"{outlet.page_url}#calendar",
    )
