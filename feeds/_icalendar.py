"""Segments as iCalendar (RFC 5545, RFC 7986): one event for each broadcast or programme, in its own time zone.

The only importer of icalendar. Bytes are a function of the documents: DTSTAMP says when a segment last changed, not
when it was asked for. What icalendar 7.3 does otherwise than the RFC is written here, see `tests/feeds/test_calendar`:
its VTIMEZONE of a zone with summer time begins each an hour late, its TEXT turns a written ``\\N`` into a line end, its
durations outside DURATION come out as Python prints them, and the order of its time zones is that of a Python set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

from feeds.markup import scrub
from feeds.planning import COMING, BookedGuest, RundownItem, Segment, SegmentState
from feeds.planning_words import Words, clock, running_time, window, words_of

PRODUCT = "-//hub.example//Hub//VI"
REFRESH = "PT15M"  # how often a reader should ask again: plans change up to the broadcast
STATUS = {
    SegmentState.OPTION: "TENTATIVE",
    SegmentState.PLANNED: "TENTATIVE",
    SegmentState.CONFIRMED: "CONFIRMED",
    SegmentState.AIRED: "CONFIRMED",
    SegmentState.POSTPONED: "TENTATIVE",  # iCalendar has no word for it: the summary says it
    SegmentState.CANCELLED: "CANCELLED",
}
SAID_IN_SUMMARY = {SegmentState.OPTION, SegmentState.POSTPONED, SegmentState.CANCELLED}  # many readers ignore STATUS
UNSETTLED = {SegmentState.OPTION, SegmentState.PLANNED}  # how sure is it?
SILENT = {SegmentState.AIRED, SegmentState.POSTPONED, SegmentState.CANCELLED}  # nobody is to be woken for these

HOME_ZONE, _HOME_YEAR = "Asia/Ho_Chi_Minh", 2000  # stands in an empty calendar, which needs a component (§3.6)
_NO_ZONE = "UTC"  # written with a Z, needs no VTIMEZONE
_YEARS_OF_RULES = 10  # how far a VTIMEZONE reaches past the newest start where something recurs
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


class _Text(icalendar.vText):
    """TEXT (RFC 5545 §3.3.11), with every backslash escaped: icalendar takes a backslash and N for a line end."""

    __slots__ = ()

    def to_ical(self) -> bytes:
        plain = str(self).replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
        return plain.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").encode()


def render(
    name: str,
    segments: Sequence[Segment],
    *,
    url: str = "",
    language: str = "vi-VN",
    alarm_minutes: int | None = None,
) -> bytes:
    """As `feeds.calendar.render`."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    _say(calendar, "NAME", name)
    _say(calendar, "X-WR-CALNAME", name)  # for readers from before RFC 7986
    calendar.add("REFRESH-INTERVAL", _Text(REFRESH), {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", _Text(REFRESH))
    if url:
        calendar.add("SOURCE", icalendar.vUri(url), {"VALUE": "URI"})
    shown = sorted(map(scrub, segments), key=lambda each: (each.starts_at, each.uid, each.sequence))
    if shown:
        calendar.add("LAST-MODIFIED", max(each.updated_at for each in shown))
    for zone, first, last in _zones_used(shown):
        calendar.add_component(_time_zone(zone, first, last))
    standing = {(each.uid, each.recurrence_id) for each in shown if each.recurrence_id is not None}
    for segment in shown:
        calendar.add_component(_event(segment, standing, words_of(language), alarm_minutes))
    written: bytes = calendar.to_ical()
    return written


def _event(
    segment: Segment, standing: set[tuple[str, datetime]], words: Words, alarm_minutes: int | None
) -> icalendar.Event:
    zone = ZoneInfo(segment.time_zone)
    event = icalendar.Event()
    _say(event, "UID", segment.uid)
    event.add("SEQUENCE", segment.sequence)
    event.add("DTSTAMP", segment.updated_at)
    event.add("CREATED", segment.created_at)
    event.add("LAST-MODIFIED", segment.updated_at)
    event.add("DTSTART", segment.starts_at.astimezone(zone))
    event.add("DURATION", timedelta(seconds=segment.planned_seconds))
    if segment.recurrence_id is not None:
        event.add("RECURRENCE-ID", segment.recurrence_id.astimezone(zone))
    elif segment.recurrence is not None:
        event.add("RRULE", icalendar.vRecur.from_ical(segment.recurrence.rule))
        excluded = sorted(at for at in segment.recurrence.excluded if (segment.uid, at) not in standing)
        if excluded:
            event.add("EXDATE", [at.astimezone(zone) for at in excluded])
    event.add("STATUS", STATUS[segment.state])
    _say(event, "SUMMARY", _summary(segment, words))
    _say(event, "DESCRIPTION", "\n".join(_description(segment, words)))
    _say(event, "LOCATION", segment.place)
    categories = icalendar.vCategory([])
    categories.cats = [
        _Text(each) for each in (segment.programme, words[segment.transmission], words[segment.setting]) if each
    ]
    event.add("CATEGORIES", categories)
    if segment.url:
        event.add("URL", segment.url)
    if alarm_minutes is not None and segment.state not in SILENT:
        event.add_component(_alarm(segment, words, alarm_minutes))
    return event


def _alarm(segment: Segment, words: Words, minutes: int) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", -timedelta(minutes=minutes))
    _say(alarm, "DESCRIPTION", _summary(segment, words))
    return alarm


# --- words --------------------------------------------------------------------------------------------------


def _say(component: icalendar.Component, name: str, text: str) -> None:
    if text:
        component.add(name, _Text(text))


def _summary(segment: Segment, words: Words) -> str:
    return f"[{words[segment.state]}] {segment.title}" if segment.state in SAID_IN_SUMMARY else segment.title


def _description(segment: Segment, words: Words) -> Iterator[str]:
    if segment.notice:
        yield f"{words['notice']}: {segment.notice}"
    if segment.theme:
        yield f"{words['theme']}: {segment.theme}"
    open_yet = (segment.certainty,) if segment.state in UNSETTLED else ()
    how = (segment.state, *open_yet, segment.transmission, segment.setting)
    yield f"{words['state']}: {', '.join(words[each] for each in how)}"
    if segment.recording is not None:
        yield f"{words['recording']}: {window(segment.recording, segment.time_zone)}"
    guests = [guest for guest in segment.guests if guest.state in COMING] or segment.guests
    if guests:
        yield f"{words['guests']}:"
        yield from (f"- {_guest(guest, words)}" for guest in guests)
    if segment.rundown is not None and segment.rundown.items:
        yield f"{words['rundown']}:"
        yield from (_item(item, segment.time_zone, words) for item in segment.rundown.items)


def _guest(guest: BookedGuest, words: Words) -> str:
    told = ", ".join(filter(None, (guest.name_strap or guest.name, "" if guest.name_strap else guest.role)))
    if guest.name not in told:
        told = f"{guest.name}: {told}"
    if guest.pronunciation:
        told += f" [{guest.pronunciation}]"
    if guest.contact is not None:
        told += "".join(f", {way}" for way in (guest.contact.phone, guest.contact.email) if way)
    instead = f", {words['fallback']}" if guest.fallback_for else ""
    return f"{told} ({words[guest.state]}{instead})"


def _item(item: RundownItem, zone: str, words: Words) -> str:
    seconds = item.planned_seconds if item.real_seconds is None else item.real_seconds
    return f"{clock(item.starts_at, zone)} {words[item.kind]}: {item.title} ({running_time(seconds)})"


# --- time zones ---------------------------------------------------------------------------------------------


def _zones_used(segments: Sequence[Segment]) -> Iterator[tuple[str, int, int]]:
    """Each zone by name, with the first year that it is asked about and the first past the last."""
    years: dict[str, set[int]] = defaultdict(set)
    for each in segments:
        if each.time_zone != _NO_ZONE:
            own = [each.starts_at, *([each.recurrence_id] if each.recurrence_id else [])]
            years[each.time_zone] |= {at.year for at in own}
            if each.recurrence is not None:
                years[each.time_zone].add(each.starts_at.year + _YEARS_OF_RULES)
    if not segments:
        years[HOME_ZONE].add(_HOME_YEAR)
    return ((zone, min(found) - 1, max(found) + 2) for zone, found in sorted(years.items()))


@lru_cache(maxsize=64)
def _time_zone(name: str, first_year: int, end_year: int) -> icalendar.Timezone:
    """The zone's offsets from 1 January of `first_year` until that of `end_year` (RFC 5545 §3.6.5)."""
    zone = ZoneInfo(name)
    begin, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(end_year, 1, 1, tzinfo=UTC)
    at_first = begin.astimezone(zone)
    onsets: dict[tuple[bool, str, timedelta, timedelta], list[datetime]] = defaultdict(list)
    onsets[_observance(at_first, at_first)].append(at_first.replace(tzinfo=None))
    for instant in _changes(zone, begin, end):
        before, after = (instant - _SECOND).astimezone(zone), instant.astimezone(zone)
        local = instant + _offset(before)  # an onset is told in the time that was in use until then
        onsets[_observance(before, after)].append(local.replace(tzinfo=None))
    component = icalendar.Timezone()
    component.add("TZID", name)
    for (is_summer, said, offset_from, offset_to), (onset, *others) in onsets.items():
        part = icalendar.TimezoneDaylight() if is_summer else icalendar.TimezoneStandard()
        part.add("DTSTART", onset)
        part.add("TZNAME", said)
        part.add("TZOFFSETFROM", offset_from)
        part.add("TZOFFSETTO", offset_to)
        if others:
            part.add("RDATE", others)
        component.add_component(part)
    return component


def _observance(before: datetime, after: datetime) -> tuple[bool, str, timedelta, timedelta]:
    return bool(after.dst()), after.tzname() or "", _offset(before), _offset(after)


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants, to the second, at which clocks in `zone` are set to another offset or name."""
    day = begin
    while day < end:
        low, high = day, day + _DAY
        if _told(zone, low) != _told(zone, high):
            while high - low > _SECOND:
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (low, middle) if _told(zone, middle) != _told(zone, low) else (middle, high)
            yield high
        day += _DAY


def _told(zone: ZoneInfo, instant: datetime) -> tuple[timedelta, str | None]:
    local = instant.astimezone(zone)
    return _offset(local), local.tzname()


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()
