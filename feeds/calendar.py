"""Segments as iCalendar (RFC 5545, RFC 7986): what every calendar program subscribes to.

`_icalendar` writes it; it is loaded by whoever renders: a server that gives no calendar would keep 6 MB for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feeds.planning import COMING, Segment, SegmentState
from feeds.planning_words import moment, words_of

MEDIA_TYPE = "text/calendar; charset=utf-8"
MAX_ALARM_MINUTES = 7 * 24 * 60


def render(
    name: str,
    segments: Sequence[Segment],
    *,
    url: str = "",
    language: str = "vi-VN",
    alarm_minutes: int | None = None,
) -> bytes:
    """A VCALENDAR with the segments in the order of their start, CRLF, lines of at most 75 octets.

    `url` is the absolute address that the calendar is read at; `alarm_minutes` adds an alarm so long before each that
    is still to come. An occurrence that stands in the list itself is no longer among its programme's EXDATE.
    """
    from feeds import _icalendar

    return _icalendar.render(name, segments, url=url, language=language, alarm_minutes=alarm_minutes)


def as_attended(segment: Segment, *, language: str = "vi-VN") -> Segment:
    """A segment for those who send its guests: at the time they are needed, and cancelled once none of them comes."""
    gone = not any(guest.state in COMING for guest in segment.guests)
    state = SegmentState.CANCELLED if gone else segment.state
    if segment.recording is None:
        return replace(segment, state=state)
    said = f"{words_of(language)['air_time']}: {moment(segment.starts_at, segment.time_zone)}"
    begins, ends = segment.recording.starts_at, segment.recording.ends_at
    seconds = int((ends - begins).total_seconds())
    return replace(segment, state=state, starts_at=begins, planned_seconds=seconds, recording=None, notice=said)
