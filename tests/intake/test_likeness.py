"""Near-duplicates: what is found on the demo's twelve stories, and on realistic tellings of the same deed."""

from __future__ import annotations

import itertools
import json
import random
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hub.intake import likeness
from hub.intake.likeness import Telling, buckets, signature, similarity, telling_of

DEMO = {case["id"]: case["story"] for case in json.loads(files("hub.demo").joinpath("stories.json").read_text("utf-8"))}
RETELLINGS = json.loads((Path(__file__).parent / "retellings.json").read_text("utf-8"))


def retold(case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**DEMO[case["of"]], **case["changes"], **changes}


def a_telling(share: float = 0.0, *, subject: str = "", commune: str = "", text: str = "") -> Telling:
    """A telling of 1,000 shingles, of which it has `share` (as Jaccard) with `a_telling(1.0)`."""
    common = round(2000 * share / (1 + share))
    shared = {f"chung {number}" for number in range(common)}
    own = {f"riêng {number} {share}" for number in range(1000 - common)}
    return Telling(frozenset(shared | own), f" {text} {subject} ", subject, commune)


def test_the_twelve_stories_of_the_demo_are_no_likenesses_of_each_other() -> None:
    tellings = [telling_of(story) for story in DEMO.values()]
    assert len(tellings) == 12
    assert all(likeness.likeness(one, other) is None for one, other in itertools.combinations(tellings, 2))


@pytest.mark.parametrize("case", RETELLINGS, ids=lambda case: case["about"])
def test_a_retelling_is_found_and_another_deed_is_not(case: dict[str, Any]) -> None:
    one, other = telling_of(retold(case)), telling_of(DEMO[case["of"]])
    assert (likeness.likeness(one, other) is not None) is case["alike"]
    assert likeness.likeness(one, other) == likeness.likeness(other, one)
    if case["alike"]:  # and they meet in the index
        there = [buckets(signature(telling.shingles), telling.subject).every for telling in (one, other)]
        assert set(there[0]) & set(there[1])


def test_two_people_in_one_frame_of_phrases_are_two_stories() -> None:
    one, other = (telling_of(retold(case)) for case in RETELLINGS[-2:])
    common = len(one.shingles & other.shingles) / len(one.shingles | other.shingles)
    assert common > 0.3  # more than two units' tellings of one deed have in common
    assert likeness.likeness(one, other) is None


def test_a_group_and_its_member_can_be_told_of_in_the_same_story() -> None:
    case = RETELLINGS[0]
    group = {"type": "collective", "name": "Tổ cứu hộ bến Đá Lau"}
    one, other = telling_of(retold(case, subject=group)), telling_of(DEMO[case["of"]])
    assert one.subject != other.subject
    assert likeness.likeness(one, other) is not None


@pytest.mark.parametrize(
    ("subjects", "communes", "share", "found"),
    [
        (("tran ba khoi", "tran ba khoi"), ("ben lau", "ben lau"), 0.016, True),
        (("tran ba khoi", "tran ba khoi"), ("ben lau", "ben lau"), 0.01, False),
        (("tran ba khoi", "tran ba khoi"), ("ben lau", ""), 0.05, True),
        (("tran ba khoi", "tran ba khoi"), ("ben lau", "go man"), 0.15, False),  # two people of one name
        (("tran ba khoi", "tran ba khoi"), ("ben lau", "go man"), 0.25, True),
        (("tran ba khoi", "le van ben"), ("ben lau", "ben lau"), 0.4, False),
        (("tran ba khoi", "le van ben"), ("ben lau", "ben lau"), 0.55, True),
        (("tran ba khoi", ""), ("ben lau", "ben lau"), 0.15, False),
        (("tran ba khoi", ""), ("ben lau", "ben lau"), 0.25, True),
        (("", ""), ("", ""), 0.25, True),
    ],
)
def test_whom_it_is_about_decides_how_much_wording_is_asked_for(
    subjects: tuple[str, str], communes: tuple[str, str], share: float, found: bool
) -> None:
    one = a_telling(1.0, subject=subjects[0], commune=communes[0])
    other = a_telling(share, subject=subjects[1], commune=communes[1])
    assert (likeness.likeness(one, other) is not None) is found


def test_stories_without_a_word_are_like_nothing() -> None:
    nothing = telling_of({})
    assert likeness.likeness(nothing, nothing) is None
    assert buckets(signature(nothing.shingles), nothing.subject).every == []
    assert similarity(signature(nothing.shingles), signature(nothing.shingles)) == 0.0


def test_a_very_long_text_is_compared_by_its_beginning() -> None:
    long = {"body": {"html": "<p>" + " ".join(f"chữ {number}" for number in range(100_000)) + "</p>"}}
    assert len(telling_of(long).text) < likeness.MAX_CHARACTERS + 10


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Ông Trần Bá Khơi", "tran ba khoi"),
        ("TRẦN BÁ KHƠI", "tran ba khoi"),
        ("đồng chí Trần Bá Khơi", "tran ba khoi"),
        ("Chu Văn An", "chu van an"),  # a family name, not "chú"
        ("Bà Nết", "ba net"),  # two syllables stay
        ("Khơi", ""),
        ("", ""),
    ],
)
def test_a_name_is_compared_without_its_honorifics(name: str, subject: str) -> None:
    assert telling_of({"subject": {"name": name}}).subject == subject


def test_a_signature_is_the_same_in_every_process_and_order() -> None:
    found = [f"ba am tiet {number}" for number in range(300)]
    assert signature(found) == signature(list(reversed(found)))
    assert signature(found).hex()[:32] == "0004db1d0034b46b00f01f0d0168b91d"
    assert len(signature(found)) == 384


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_estimate_is_the_share_that_two_texts_have_in_common(share: float) -> None:
    estimates = [similarity(*map(signature, _sharing(share, seed))) for seed in range(40)]
    assert abs(sum(estimates) / len(estimates) - share) < 0.03


def test_bands_meet_where_a_quarter_is_common_and_hardly_where_nothing_is() -> None:
    def meetings(share: float) -> int:
        pairs = ([buckets(signature(half), "").bands for half in _sharing(share, seed)] for seed in range(60))
        return sum(not set(one).isdisjoint(other) for one, other in pairs)

    assert meetings(0.3) >= 57
    assert meetings(0.003) <= 2


def _sharing(share: float, seed: int) -> tuple[set[str], set[str]]:
    source = random.Random(seed)
    size, common = 300, round(600 * share / (1 + share))
    every = [f"{source.random()}" for _ in range(2 * size - common)]
    return set(every[:size]), set(every[size - common :])
