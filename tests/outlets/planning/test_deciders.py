"""The planning's rules without a database: states, slots, the running clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.planning import BookingState, SegmentState
from hub.outlets.planning import clockwork, moves, on_air, slots
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


FILM, TALK, CLOSE = Length(60), Length(600), Length(120)  # of a broadcast of 800 s: twenty to spare
TIMED = Length(60, real=90)


@pytest.mark.parametrize(
    ("second", "lengths", "expected"),  # place, left of the item, left of the broadcast, over
    [
        (-10, (FILM, TALK, CLOSE), (None, 0, 810, -20)),
        (0, (FILM, TALK, CLOSE), (0, 60, 800, -20)),
        (59, (FILM, TALK, CLOSE), (0, 1, 741, -20)),
        (60, (FILM, TALK, CLOSE), (1, 600, 740, -20)),
        (779, (FILM, TALK, CLOSE), (2, 1, 21, -20)),
        (790, (FILM, TALK, CLOSE), (None, 0, 10, -20)),  # all items went by, the broadcast is still on
        (100, (TIMED, TALK, CLOSE), (1, 590, 700, 10)),  # the film took 30 s more
        (700, (TIMED, TALK, CLOSE), (1, -10, 100, 20)),  # the talk runs over, since nobody says that it is over
        (900, (TIMED, TALK, CLOSE), (1, -210, -100, 220)),
        (500, (FILM, Length(600, real=400), CLOSE), (2, 80, 300, -220)),
        (100, (TIMED, Length(600, real=20)), (None, 0, 700, -690)),
        (5, (), (None, 0, 795, -800)),
    ],
)
def test_while_a_broadcast_is_on_its_clock_says_what_is_on_and_what_is_left(
    second: int, lengths: tuple[Length, ...], expected: tuple[int | None, int, int, int]
) -> None:
    found = on_air.at(NOON + second * SECOND, starts_at=NOON, available=800, lengths=lengths)
    assert found is not None
    assert (found.place, found.item_left, found.left, found.over) == expected
    assert found.begins_in == max(-second, 0)


def test_the_clock_of_a_broadcast_runs_from_its_day_until_an_hour_after_its_end() -> None:
    def runs(now: datetime) -> bool:
        return on_air.at(now, starts_at=NOON, available=3600, lengths=(FILM,)) is not None

    assert [runs(NOON - 12 * HOUR - SECOND), runs(NOON - 12 * HOUR)] == [False, True]
    assert [runs(NOON + 2 * HOUR - SECOND), runs(NOON + 2 * HOUR)] == [True, False]


def test_an_item_that_is_over_took_as_long_as_since_the_one_before_it() -> None:
    assert on_air.took(NOON + 130 * SECOND, 1, starts_at=NOON, lengths=(TIMED, TALK)) == 40
    assert on_air.took(NOON + 50 * SECOND, 1, starts_at=NOON, lengths=(TIMED, TALK)) == 0
