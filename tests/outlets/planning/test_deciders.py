"""The planning's rules without a database: states, slots, the running clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.planning import BookingState, SegmentState
from hub.outlets.planning import clockwork, moves, slots
from hub.outlets.planning.clockwork import Length
from hub.outlets.planning.slots import Window

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
MOVES = {  # from: where to
    "option": "planned confirmed postponed cancelled",
    "planned": "option confirmed postponed cancelled",
    "confirmed": "planned aired postponed cancelled",
    "postponed": "option planned confirmed cancelled",
    "aired": "",
    "cancelled": "",
}


@pytest.mark.parametrize("state", SegmentState)
@pytest.mark.parametrize("wanted", SegmentState)
def test_a_broadcast_goes_where_the_table_says(state: SegmentState, wanted: SegmentState) -> None:
    if wanted.value in MOVES[state].split():
        assert moves.next_state(state, wanted, starts_at=NOON, now=NOON) is wanted
        return
    with pytest.raises(moves.NotThisWay) as refused:
        moves.next_state(state, wanted, starts_at=NOON, now=NOON)
    assert set(refused.value.facts["next_states"].split(", ")) - {""} == set(MOVES[state].split())


def test_nothing_was_aired_before_it_began() -> None:
    confirmed, aired = SegmentState.CONFIRMED, SegmentState.AIRED
    with pytest.raises(moves.NotAiredYet):
        moves.next_state(confirmed, aired, starts_at=NOON, now=NOON - SECOND)
    assert moves.next_state(confirmed, aired, starts_at=NOON, now=NOON) is aired


@pytest.mark.parametrize(
    ("now", "state"),
    [(NOON - SECOND, BookingState.OPTIONED), (NOON, BookingState.EXPIRED), (NOON + SECOND, BookingState.EXPIRED)],
)
def test_an_option_ends_at_its_very_instant(now: datetime, state: BookingState) -> None:
    assert slots.state_at(BookingState.OPTIONED, NOON, now) is state
    assert slots.state_at(BookingState.CONFIRMED, NOON, now) is BookingState.CONFIRMED


@pytest.mark.parametrize(
    ("begins", "ends", "met"),
    [(-2, -1, False), (-1, 0, False), (-1, 1, True), (0, 1, True), (1, 2, False), (-1, 2, True)],
)
def test_windows_meet_where_they_share_an_instant(begins: int, ends: int, met: bool) -> None:
    one, other = Window(NOON, NOON + HOUR), Window(NOON + begins * HOUR, NOON + ends * HOUR)
    assert (one.meets(other), other.meets(one)) == (met, met)


@pytest.mark.parametrize(
    ("asked", "slot_in", "expected"),
    [(None, 10, 3), (None, 2, 2), (1, 10, 1), (20, 10, 10)],
)
def test_an_option_is_held_three_days_or_as_asked_and_never_beyond_the_slot(
    asked: int | None, slot_in: int, expected: int
) -> None:
    slot = Window(NOON + slot_in * timedelta(days=1), NOON + slot_in * timedelta(days=1) + HOUR)
    until = None if asked is None else NOON + asked * timedelta(days=1)
    assert slots.option_end(until, slot=slot, now=NOON) == NOON + expected * timedelta(days=1)


def test_a_slot_fits_into_a_window_of_whatever_zone() -> None:
    slot = Window(NOON, NOON + HOUR)  # 12:00 to 13:00 in Việt Nam
    hanoi = {"starts_at": "2026-11-24T12:00:00+07:00", "ends_at": "2026-11-24T13:00:00+07:00"}
    tokyo = {"starts_at": "2026-11-24T12:00:00+09:00", "ends_at": "2026-11-24T13:00:00+09:00"}
    assert slots.fits(slot, [])
    assert slots.fits(slot, [tokyo, hanoi])
    assert not slots.fits(slot, [tokyo])


def test_people_are_needed_at_the_recording_where_there_is_one() -> None:
    recording = Window(NOON - 48 * HOUR, NOON - 46 * HOUR)
    assert slots.needed(NOON, 1800, recording) == recording
    assert slots.needed(NOON, 1800, None) == Window(NOON, NOON + HOUR / 2)


def test_what_an_item_took_shifts_those_that_follow() -> None:
    lengths = [Length(60, real=75), Length(600, real=540), Length(120), Length(30)]
    clock = [((begins - NOON).seconds, (ends - NOON).seconds) for begins, ends in clockwork.run(NOON, lengths)]
    assert clock == [(0, 75), (75, 615), (615, 735), (735, 765)]
    assert clockwork.planned_seconds(lengths) == 810
    assert clockwork.over_seconds(lengths, available=800) == -35
    assert clockwork.over_seconds(lengths[2:], available=100) == 50
