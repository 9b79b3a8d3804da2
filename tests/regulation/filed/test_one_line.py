"""A use told in one line: a table of what people write, and what is understood of it."""

from __future__ import annotations

from datetime import date

import pytest

from hub.regulation.filed.one_line import DAY, USE, YEAR, Understood, find_title, parse

TODAY = date(2026, 11, 23)
URL = "https://bao-hai-son.example/Nguoi-Tot/2?x=1"


@pytest.mark.parametrize(
    ("line", "kind", "understood"),
    [
        (
            "trang 3, 12/11",
            "newspaper",
            Understood(use="printed", used_on=date(2026, 11, 12), place="trang 3", assumed=frozenset({USE, YEAR})),
        ),
        (
            "Số 3127, trang 5, ngày 20/11/2026, 640 chữ",
            "newspaper",
            Understood(
                use="printed", used_on=date(2026, 11, 20), place="Số 3127, trang 5", words=640, assumed=frozenset({USE})
            ),
        ),
        (
            f"{URL}.",
            "newspaper",
            Understood(use="published", used_on=TODAY, url=URL, assumed=frozenset({USE, DAY})),
        ),
        (
            f"đã đăng hôm qua {URL}",
            "newspaper",
            Understood(use="published", used_on=date(2026, 11, 22), url=URL),
        ),
        (
            "Thời sự tối, 19h45 20-11, 3 phút",
            "television",
            Understood(
                use="aired",
                used_on=date(2026, 11, 20),
                time="19:45",
                place="Thời sự tối",
                duration_seconds=180,
                assumed=frozenset({USE, YEAR}),
            ),
        ),
        (
            "dự kiến 2/1, Giao lưu tối thứ sáu, 19:45",
            "television",
            Understood(
                use="planned",
                used_on=date(2027, 1, 2),
                time="19:45",
                place="Giao lưu tối thứ sáu",
                assumed=frozenset({YEAR}),
            ),
        ),
        (
            "page 4, 24/12",
            "newspaper",
            Understood(use="printed", used_on=date(2025, 12, 24), place="page 4", assumed=frozenset({USE, YEAR})),
        ),
        (
            "ngày 8 tháng 3 năm 2026, trang nhất",
            "newspaper",
            Understood(use="printed", used_on=date(2026, 3, 8), place="trang nhất", assumed=frozenset({USE})),
        ),
        (
            "aired 2026-11-19 at 7:05, Morning news, 90 seconds",
            "television",
            Understood(
                use="aired", used_on=date(2026, 11, 19), time="07:05", place="Morning news", duration_seconds=90
            ),
        ),
        (
            "31/2, trang 2",
            "newspaper",
            Understood(use="printed", used_on=TODAY, place="31/2, trang 2", assumed=frozenset({USE, DAY})),
        ),
        (
            "phát 12/11, trang trại xanh",
            "newspaper",
            Understood(use="aired", used_on=date(2026, 11, 12), place="trang trại xanh", assumed=frozenset({YEAR})),
        ),
        ("", "other", Understood()),
        (
            "bản tin nội bộ",
            "other",
            Understood(use="aired", used_on=TODAY, place="bản tin nội bộ", assumed=frozenset({USE, DAY})),
        ),
    ],
)
def test_a_line_says_where_when_and_how(line: str, kind: str, understood: Understood) -> None:
    assert parse(line, kind=kind, today=TODAY) == understood


def test_a_day_of_a_plan_is_the_next_one() -> None:
    told = parse("3/12, trang 2", kind="newspaper", today=TODAY, planned=True)
    assert (told.use, told.used_on) == ("planned", date(2026, 12, 3))
    assert parse("3/12, trang 2", kind="newspaper", today=TODAY).used_on == date(2025, 12, 3)


@pytest.mark.parametrize(
    "line", ["29/2", "\u202e12/11 trang 3", "1" * 5000, "http://", "9999-99-99", "'" * 900, "٣/١١"]
)
def test_whatever_is_typed_is_no_error(line: str) -> None:
    parse(line, kind="newspaper", today=TODAY)


def test_words_of_a_title_at_the_beginning_say_which_story_is_meant() -> None:
    titles = {"a": "Người giữ bến Đá Lau", "b": "Một cửa, trên ghế đá"}
    find = find_title
    assert find("nguoi giu ben, đã in trang 4", titles) == ("a", "đã in trang 4")  # đã is not the Đá of the title
    assert find("Một cửa, trên ghế, trang 4", titles) == ("b", "trang 4")
    assert find("người giữ, trang 4", titles) == ("", "người giữ, trang 4")
    assert find("người giữ bến, trang 4", {**titles, "c": "Người giữ bến kể chuyện"})[0] == ""
    assert find("", titles) == ("", "")
