from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import dates

INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.just(UTC),
)
NOON = datetime(2026, 10, 14, 2, 20, tzinfo=UTC)


@given(INSTANTS)
def test_rfc_3339_keeps_every_microsecond(instant):
    written = dates.rfc3339(instant)
    assert len(written) == len("2026-10-14T02:20:00.000000Z")
    assert dates.parse_rfc3339(written) == instant


@given(INSTANTS)
def test_rfc_822_and_http_dates_keep_every_second(instant):
    second = instant.replace(microsecond=0)
    assert dates.parse_rfc822(dates.rfc822(instant)) == second
    assert dates.parse_http_date(dates.http_date(instant)) == second


def test_dates_are_written_in_utc_and_english():
    there = NOON.astimezone(timezone(timedelta(hours=7)))
    assert dates.rfc3339(there) == "2026-10-14T02:20:00.000000Z"
    assert dates.rfc822(there) == "Wed, 14 Oct 2026 02:20:00 +0000"
    assert dates.http_date(there) == "Wed, 14 Oct 2026 02:20:00 GMT"


@pytest.mark.parametrize("write", [dates.rfc3339, dates.rfc822, dates.http_date])
def test_an_instant_without_a_zone_is_refused(write):
    with pytest.raises(dates.InvalidDate):
        write(datetime(2026, 10, 14))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-14T02:20:00Z", NOON),
        ("2026-10-14t09:20:00+07:00", NOON),
        ("2026-10-14 02:20:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-10-14T02:20:00.1234567890Z", NOON + timedelta(microseconds=123456)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read_in_all_its_shapes(text, instant):
    assert dates.parse_rfc3339(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-10-14",
        "2026-10-14T02:20:00",
        "2026-13-14T02:20:00Z",
        "2026-10-14T02:20:99Z",
        "x",
        "0001-01-01T00:00:00+23:00",
    ],
)
def test_what_is_no_rfc_3339_is_refused(text):
    with pytest.raises(dates.InvalidDate):
        dates.parse_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 14 Oct 2026 02:20:00 GMT",
        "Wednesday, 14-Oct-26 02:20:00 GMT",
        "Wed Oct 14 02:20:00 2026",
        "14 Oct 2026 09:20:00 +0700",
    ],
)
def test_the_three_http_dates_and_rfc_822_are_read(text):
    assert dates.parse_http_date(text) == NOON


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Wed, 99 Oct 2026 02:20:00 GMT", "0", "Wed, 14 Oct 99999 02:20:00 GMT"]
)
def test_what_is_no_date_is_refused_and_not_found(text):
    with pytest.raises(dates.InvalidDate):
        dates.parse_http_date(text)
    assert dates.find_date(text) is None
