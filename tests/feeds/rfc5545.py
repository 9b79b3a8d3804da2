"""What RFC 5545 asks of an iCalendar stream, checked line by line without any library of calendars."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

MAX_OCTETS = 75  # §3.1, without the line break
ONCE = {  # §3.6.1, and what §3.6 asks of the object itself
    "VCALENDAR": {"PRODID", "VERSION"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},  # DTSTART without METHOD
    "VALARM": {"ACTION", "TRIGGER"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
}
AT_MOST_ONCE = {
    "VEVENT": {"CREATED", "DESCRIPTION", "DURATION", "LAST-MODIFIED", "LOCATION", "RECURRENCE-ID", "RRULE", "SEQUENCE",
               "STATUS", "SUMMARY", "URL"},
}  # fmt: skip
STATUS = {"TENTATIVE", "CONFIRMED", "CANCELLED"}
PARENT = {"VEVENT": "VCALENDAR", "VTIMEZONE": "VCALENDAR", "VALARM": "VEVENT", "STANDARD": "VTIMEZONE",
          "DAYLIGHT": "VTIMEZONE"}  # fmt: skip

_LINE = re.compile(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
_BAD_TEXT = re.compile(r"(?<!\\)(?:\\\\)*\\[^\\;,nN]|[\x00-\x08\x0a-\x1f\x7f]")
_BARE = re.compile(r"(?<!\\)(?:\\\\)*[;,]")
_TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "UID", "NAME"}


def list_faults(stream: bytes) -> list[str]:
    """Every rule that the stream breaks, in words; none for a valid one."""
    return [*_line_faults(stream), *_component_faults(stream)]


def lines_of(stream: bytes) -> list[tuple[str, str, str]]:
    """The content lines, unfolded: name, parameters, value."""
    text = stream.replace(b"\r\n ", b"").decode("utf-8")
    return [(found[1], found[2], found[3]) for line in text.split("\r\n") if line and (found := _LINE.fullmatch(line))]


def _line_faults(stream: bytes) -> Iterator[str]:
    if not stream.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", stream):
        yield "a line end that is not CR LF"
    for line in stream.split(b"\r\n"):
        if len(line) > MAX_OCTETS:
            yield f"{len(line)} octets in a line: {line!r}"
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            yield f"a letter cut in two: {line!r}"
    for line in stream.replace(b"\r\n ", b"").decode("utf-8", "replace").split("\r\n"):
        found = _LINE.fullmatch(line)
        if line and found is None:
            yield f"not a content line: {line!r}"
        elif found and found[1] in _TEXTS and (_BAD_TEXT.search(found[3]) or _BARE.search(found[3])):
            yield f"text that is not escaped: {line!r}"


def _component_faults(stream: bytes) -> Iterator[str]:
    stack: list[tuple[str, list[tuple[str, str, str]]]] = []
    zones: set[str] = set()
    asked: set[str] = set()
    identities: Counter[tuple[str, str]] = Counter()
    for name, parameters, value in lines_of(stream):
        if name == "BEGIN":
            if stack and PARENT.get(value) != stack[-1][0]:
                yield f"{value} in {stack[-1][0]}"
            stack.append((value, []))
        elif name == "END":
            kind, own = stack.pop()
            if kind != value:
                yield f"END:{value} of {kind}"
            yield from _property_faults(kind, own)
            said = {each: told for each, _, told in own}
            if kind == "VEVENT":
                identities[said.get("UID", ""), said.get("RECURRENCE-ID", "")] += 1
            if kind == "VTIMEZONE":
                zones.add(said.get("TZID", ""))
        else:
            stack[-1][1].append((name, parameters, value))
            asked |= set(re.findall(r";TZID=([^;:]+)", parameters))
    if stack:
        yield f"no END of {stack[-1][0]}"
    if not identities and not zones:
        yield "a calendar without any component"
    yield from (f"{who} stands {times} times" for who, times in identities.items() if times > 1)
    yield from (f"no VTIMEZONE for {zone}" for zone in asked - zones)


def _property_faults(kind: str, own: list[tuple[str, str, str]]) -> Iterator[str]:
    counted = Counter(name for name, _, _ in own)
    said = {name: (parameters, value) for name, parameters, value in own}
    yield from (f"{kind} has {counted[name]} {name}" for name in ONCE[kind] if counted[name] != 1)
    yield from (f"{kind} has {counted[name]} {name}" for name in AT_MOST_ONCE.get(kind, ()) if counted[name] > 1)
    if kind != "VEVENT":
        return
    if {"DTEND", "DURATION"} <= counted.keys():
        yield "VEVENT has DTEND and DURATION"
    if "STATUS" in said and said["STATUS"][1] not in STATUS:
        yield f"STATUS {said['STATUS'][1]}"
    yield from (f"{name} is not in UTC" for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")
                if name in said and not re.fullmatch(r"\d{8}T\d{6}Z", said[name][1]))  # fmt: skip
    for name in {"EXDATE", "RECURRENCE-ID"} & said.keys():
        if said[name][0] != said["DTSTART"][0]:
            yield f"{name}{said[name][0]} beside DTSTART{said['DTSTART'][0]}"  # §3.8.5.1: of one type and zone
    if "RRULE" in said and "RECURRENCE-ID" in said:
        yield "an occurrence that recurs"
