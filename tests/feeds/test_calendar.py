"""Segments as iCalendar: RFC 5545's rules line by line, read back by icalendar, equal bytes for equal documents."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from feeds import calendar
from feeds.document import Contact, Slot
from feeds.planning import (
    BookedGuest,
    BookingState,
    ItemKind,
    Recurrence,
    Rundown,
    RundownItem,
    Segment,
    SegmentState,
    Transmission,
)
from tests.feeds.rfc5545 import lines_of, list_faults

AIR = datetime(2026, 10, 14, 12, 30, tzinfo=UTC)  # 19:30 in Việt Nam
WEEK = timedelta(days=7)
URL = "https://hub.example/feeds/tv/segment.ics"


def a_segment(**other: object) -> Segment:
    told: dict[str, object] = {
        "uid": "seg_hoa@hub.example",
        "sequence": 3,
        "title": "Người đưa sách qua đò; một mình, bốn mùa",
        "theme": "Đọc sách ở bến sông " * 6,
        "state": SegmentState.CONFIRMED,
        "starts_at": AIR,
        "planned_seconds": 1500,
        "created_at": AIR - 20 * WEEK,
        "updated_at": AIR - WEEK + timedelta(microseconds=7),
        "place": "Trường quay 2, Đài Hải Sơn",
        "programme": "Giao lưu trực tiếp",
        "guests": (
            BookedGuest(name="Lê Văn Mạn", state=BookingState.CONFIRMED, role="người lái đò",
                        name_strap="LÊ VĂN MẠN – Người lái đò bến Lau", contact=Contact(phone="0900 000 001")),
            BookedGuest(name="Phạm Thị Sen", state=BookingState.DECLINED),
        ),
        "rundown": Rundown(
            items=(RundownItem(number=1, kind=ItemKind.LEAD_IN, title="Chào khán giả", planned_seconds=90,
                               starts_at=AIR, ends_at=AIR + timedelta(seconds=90)),),
            planned_seconds=90, over_seconds=-1410,
        ),
        "url": "https://hub.example/feeds/tv/segment",
    }  # fmt: skip
    return Segment(**{**told, **other})  # type: ignore[arg-type]


A_PROGRAMME = a_segment(
    recurrence=Recurrence(rule="FREQ=WEEKLY;BYDAY=WE;UNTIL=20270630T123000Z", excluded=(AIR + WEEK, AIR + 2 * WEEK)),
    guests=(), rundown=None,
)  # fmt: skip
A_CHANGED_OCCURRENCE = a_segment(
    sequence=4, recurrence_id=AIR + WEEK, starts_at=AIR + WEEK + timedelta(hours=1), state=SegmentState.POSTPONED
)
WHOLE = (A_PROGRAMME, A_CHANGED_OCCURRENCE, a_segment(uid="seg_2@hub.example", time_zone="Europe/Berlin"))


def _events(body: bytes) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(body).walk("VEVENT")


def _values(body: bytes, name: str) -> list[str]:
    return [value for told, _, value in lines_of(body) if told == name]


@pytest.mark.parametrize(
    ("segments", "minutes"),
    [((), None), (WHOLE, None), (WHOLE, 30), ((a_segment(time_zone="UTC"),), 0)]
    + [((a_segment(state=state),), 5) for state in SegmentState],
)
def test_a_calendar_keeps_the_rules_of_rfc_5545(segments, minutes):
    assert list_faults(calendar.render("Lịch phát sóng", segments, url=URL, alarm_minutes=minutes)) == []


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        (lambda body: body.replace(b"\r\n", b"\n"), "CR LF"),
        (lambda body: body.replace(b"\r\n ", b""), "octets in a line"),
        (lambda body: body.replace(b"UID:", b"X-UID:"), "VEVENT has 0 UID"),
        (lambda body: body.replace(b"DTSTAMP:20261007T123000Z", b"DTSTAMP:20261007T123000"), "not in UTC"),
        (lambda body: body.replace(b"\\;", b";"), "not escaped"),
        (lambda body: body.replace(b"TZID:Asia", b"TZID:Afrika"), "no VTIMEZONE for Asia/Ho_Chi_Minh"),
        (lambda body: body.replace(b"seg_2@", b"seg_hoa@"), "stands 2 times"),
    ],
)
def test_the_check_of_these_rules_finds_what_breaks_them(spoilt, fault):
    body = calendar.render("Lịch", (a_segment(), a_segment(uid="seg_2@hub.example")))
    assert any(fault in each for each in list_faults(spoilt(body)))


def test_a_segment_reads_back_as_it_was_planned():
    (event,) = _events(calendar.render("Lịch", [a_segment()], url=URL))
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("seg_hoa@hub.example", 3, "CONFIRMED")
    assert event["SUMMARY"] == "Người đưa sách qua đò; một mình, bốn mùa"
    assert event.start == AIR
    assert (event.start.tzinfo, event.duration) == (ZoneInfo("Asia/Ho_Chi_Minh"), timedelta(minutes=25))
    assert event.DTSTAMP == event.LAST_MODIFIED == (AIR - WEEK)
    assert event["LOCATION"] == "Trường quay 2, Đài Hải Sơn"
    assert event.categories == ["Giao lưu trực tiếp", "trực tiếp", "trường quay"]
    assert "- LÊ VĂN MẠN – Người lái đò bến Lau" in event["DESCRIPTION"].replace("Lê Văn Mạn: ", "")
    assert "0900 000 001" in event["DESCRIPTION"]  # as far as the document has it
    assert "Phạm Thị Sen" not in event["DESCRIPTION"]  # she does not come
    assert "19:30 Dẫn: Chào khán giả (1:30)" in event["DESCRIPTION"]
    assert event.walk("VALARM") == []


@pytest.mark.parametrize(
    ("state", "status", "summary"),
    [
        (SegmentState.OPTION, "TENTATIVE", "[giữ chỗ] Tên"),
        (SegmentState.PLANNED, "TENTATIVE", "Tên"),
        (SegmentState.CONFIRMED, "CONFIRMED", "Tên"),
        (SegmentState.AIRED, "CONFIRMED", "Tên"),
        (SegmentState.POSTPONED, "TENTATIVE", "[hoãn] Tên"),
        (SegmentState.CANCELLED, "CANCELLED", "[hủy] Tên"),
    ],
)
def test_every_state_has_its_status_and_readers_that_ignore_it_read_the_word(state, status, summary):
    (event,) = _events(calendar.render("Lịch", [a_segment(state=state, title="Tên")]))
    assert (event["STATUS"], event["SUMMARY"]) == (status, summary)


def test_an_english_channel_speaks_english():
    body = calendar.render("Week", [a_segment(state=SegmentState.CANCELLED, transmission=Transmission.RECORDED)],
                           language="en")  # fmt: skip
    (event,) = _events(body)
    assert event["SUMMARY"].startswith("[cancelled] ")
    assert "State: cancelled, recorded, studio" in event["DESCRIPTION"]


def test_a_programme_recurs_in_its_own_zone_and_a_changed_occurrence_stands_beside_it():
    programme, changed = _events(calendar.render("Lịch", [A_CHANGED_OCCURRENCE, A_PROGRAMME]))
    assert programme.rrules[0]["UNTIL"] == [datetime(2027, 6, 30, 12, 30, tzinfo=UTC)]
    assert programme.exdates == [AIR + 2 * WEEK]  # the first stands for itself: many readers would let it vanish
    assert changed["RECURRENCE-ID"].dt == AIR + WEEK
    assert changed["UID"] == programme["UID"]
    assert changed.start == AIR + WEEK + timedelta(hours=1)


def test_alarms_come_only_when_asked_for_and_only_before_what_is_to_come():
    still_to_come = [a_segment(), a_segment(uid="b", state=SegmentState.CANCELLED), a_segment(uid="c", state="aired")]
    assert b"VALARM" not in calendar.render("Lịch", still_to_come)
    events = _events(calendar.render("Lịch", still_to_come, alarm_minutes=45))
    alarms = {str(event["UID"]): [alarm.TRIGGER for alarm in event.walk("VALARM")] for event in events}
    assert alarms == {"seg_hoa@hub.example": [timedelta(minutes=-45)], "b": [], "c": []}


@pytest.mark.parametrize(
    ("coming", "state"),
    [("optioned", "option"), ("confirmed", "confirmed"), ("released", "confirmed"), ("expired", "planned")],
)
def test_the_unit_of_a_guest_sees_when_and_whether_the_guest_is_needed(coming, state):
    guest = BookedGuest(name="Lê Văn Mạn", state=BookingState(coming))
    recorded = Slot(starts_at=AIR - WEEK, ends_at=AIR - WEEK + timedelta(hours=2), place="Bến Lau")
    segment = a_segment(guests=(guest,), state=SegmentState(state), recording=recorded, rundown=None)
    (event,) = _events(calendar.render("Lịch", [calendar.as_attended(segment)]))
    assert (event.start, event.duration) == (AIR - WEEK, timedelta(hours=2))
    assert "Phát sóng: 19:30 14/10/2026" in event["DESCRIPTION"]
    assert "Lê Văn Mạn" in event["DESCRIPTION"]
    assert (event["STATUS"] == "CANCELLED") is (coming in ("released", "expired"))
    live = a_segment(guests=(guest,), rundown=None)
    assert _events(calendar.render("Lịch", [calendar.as_attended(live)]))[0].start == AIR


def test_a_change_is_told_by_a_greater_sequence_and_a_newer_stamp_under_the_same_uid():
    before = a_segment()
    after = replace(before, sequence=4, updated_at=before.updated_at + WEEK, starts_at=AIR + WEEK)
    (old,), (new,) = (_events(calendar.render("Lịch", [each])) for each in (before, after))
    assert old["UID"] == new["UID"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (3, 4)
    assert old.DTSTAMP < new.DTSTAMP


def test_equal_documents_have_equal_bytes_in_any_order_and_process():
    body = calendar.render("Lịch", WHOLE, url=URL)
    assert calendar.render("Lịch", tuple(reversed(WHOLE)), url=URL) == body
    code = (
        "import sys; from tests.feeds.test_calendar import WHOLE, URL; from feeds import calendar; "
        "sys.stdout.buffer.write(calendar.render('Lịch', WHOLE, url=URL))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima", "PYTHONUTF8": "1"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert other.stdout == body


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Sydney"])
def test_a_zone_tells_the_same_time_as_the_time_zone_database(zone):
    """icalendar's own VTIMEZONE begins summer an hour late: 03:00 in what was standard time until then."""
    body = calendar.render("Lịch", [a_segment(time_zone=zone)])
    (component,) = icalendar.Calendar.from_ical(body).walk("VTIMEZONE")
    told, real = component.to_tz(lookup_tzid=False), ZoneInfo(zone)
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    while moment < datetime(2027, 12, 31, tzinfo=UTC):
        assert moment.astimezone(told).utcoffset() == moment.astimezone(real).utcoffset(), moment
        moment += timedelta(hours=1)


def test_icalendar_alone_would_begin_summer_an_hour_late():
    berlin = icalendar.Timezone.from_tzid("Europe/Berlin", first_date=date(2026, 12, 1), last_date=date(2027, 12, 1))
    (summer,) = berlin.daylight
    assert datetime(2027, 3, 28, 3) == summer.DTSTART  # right: 2; once this fails, feeds.calendar may use it


def test_a_backslash_before_a_capital_n_is_no_line_end():
    title = "Thư mục C:\\Nam, 50% \\; «đò»"
    body = calendar.render("Lịch", [a_segment(title=title)])
    assert _values(body, "SUMMARY") == ["Thư mục C:\\\\Nam\\, 50% \\\\\\; «đò»"]
    assert b"C:\\nam" in icalendar.vText(title).to_ical()  # what icalendar would write: a line end


def test_what_has_no_default_type_says_it_and_durations_are_those_of_the_rfc():
    told = {name: (parameters, value) for name, parameters, value in lines_of(calendar.render("Lịch", [], url=URL))}
    assert told["REFRESH-INTERVAL"] == (";VALUE=DURATION", "PT15M")  # RFC 7986 §5.7
    assert told["SOURCE"] == (";VALUE=URI", URL)  # §5.8
    assert told["X-PUBLISHED-TTL"] == ("", "PT15M")
    alone = icalendar.Calendar()
    alone.add("X-PUBLISHED-TTL", timedelta(minutes=15))
    assert b"X-PUBLISHED-TTL:0:15:00" in alone.to_ical()  # what icalendar would write: Python's notation


def test_lines_fold_between_letters_and_line_ends_are_escaped():
    place = "Đò ngang bến Lau, thôn Thượng ở bên kia sông\r\nhỏi ông Mạn\x07 " * 4
    body = calendar.render("Lịch", [a_segment(place=place)])
    assert list_faults(body) == []
    (event,) = _events(body)
    assert event["LOCATION"] == place.replace("\r\n", "\n").replace("\x07", "")
