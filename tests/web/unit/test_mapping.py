"""A form says what a submission says, and back: nothing of a story is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from hub.web.unit import mapping

ROOT = Path(__file__).parents[3]
DEMO = {
    each["id"]: json.loads(json.dumps(each["story"]).replace('"drawing":', '"upload":'))
    for each in json.loads((ROOT / "hub/demo/stories.json").read_text("utf-8"))
}
EXAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((ROOT / "schemas/examples/valid/story.v1").glob("*.json"))
}


@pytest.mark.parametrize("story", [*DEMO.values(), *EXAMPLES.values()], ids=[*DEMO, *EXAMPLES])
def test_a_story_comes_back_from_a_form_as_it_was(story: dict[str, Any]) -> None:
    assert len(DEMO) >= 12
    fields = mapping.to_fields(story)
    assert all(isinstance(value, str) for values in fields.values() for value in values)
    assert mapping.to_document(fields) == _without_empty_texts(story)


def test_the_stories_of_the_round_trip_fill_every_field_that_there_is() -> None:
    filled = {_path(name) for story in (*DEMO.values(), *EXAMPLES.values()) for name in mapping.to_fields(story)}
    assert sorted(set(schemas.fields()) - filled - RARE) == []
    whole = {
        "commendation": {"form": "Bằng khen", "authority": "UBND tỉnh", "basis": "chuyên đề", "status": "đang xét"},
        "consent": {"scopes": [], "limited_to": {"outlets": ["tv"], "audience": "outlet"}},
    }
    assert mapping.to_document(mapping.to_fields(whole)) == whole


RARE = {
    *("commendation.form", "commendation.authority", "commendation.basis", "commendation.status"),
    *("consent.limited_to.outlets", "consent.limited_to.audience"),
}


def test_a_group_that_was_left_empty_is_not_there_and_others_move_up() -> None:
    fields = {
        "metrics/0/label": [""],
        "metrics/0/value": [" "],
        "metrics/4/label": ["Lượt tàu"],
        "metrics/4/value": ["137"],
        "metrics/12/label": ["Ngày công"],
        "metrics/12/value": ["2,5"],
    }
    assert mapping.to_document(fields) == {
        "metrics": [{"label": "Lượt tàu", "value": 137}, {"label": "Ngày công", "value": 2.5}]
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12", 12),
        ("12.0", 12),
        ("1e2", 100),
        ("mười", "mười"),
        ("1.5", 1.5),
        ("nan", "nan"),
        ("1,234,567", "1,234,567"),
    ],
)
def test_a_figure_that_cannot_be_read_stays_as_it_was_typed(typed: str, said: object) -> None:
    found = mapping.to_document({"subject/member_count": [typed]})["subject"]["member_count"]
    assert found == said
    assert type(found) is type(said)


@pytest.mark.parametrize(
    "instant", ["2026-12-01T08:00:00+07:00", "2026-12-01T01:00:00Z", "2026-12-01T08:00:30.5+07:00", "not a time"]
)
def test_an_instant_that_nobody_changes_stays_to_the_letter(instant: str) -> None:
    fields = mapping.to_fields({"embargo_until": instant})
    assert mapping.to_document(fields) == {"embargo_until": instant}
    if "T" in instant:
        assert fields["embargo_until"] == ["2026-12-01T08:00"]
        fields["embargo_until"] = ["2026-12-02T09:30"]
        assert mapping.to_document(fields) == {"embargo_until": "2026-12-02T09:30:00+07:00"}


def test_a_field_that_no_story_has_is_passed_over() -> None:
    strange = {"csrf_token": ["x"], "subject/shoe_size": ["42"], "metrics/zero/label": ["x"], "": ["x"], "a//b": ["x"]}
    assert mapping.to_document(strange) == {}


def test_a_step_of_the_form_speaks_of_its_own_fields_alone() -> None:
    known = {"title": "Cũ", "subject": {"name": "Biển", "role": "thợ máy"}, "place": {"commune": "xã Bến Lau"}}
    sent = {"title": "Mới", "subject": {"name": "Nguyễn Văn Biển"}}
    merged = mapping.merge(known, sent, ["title", "subject.name", "place.commune", "deed"])
    assert merged == {"title": "Mới", "subject": {"name": "Nguyễn Văn Biển", "role": "thợ máy"}}
    assert known["title"] == "Cũ"
    assert mapping.differing(known, merged, ["title", "subject", "place"]) == ["title", "subject/name", "place/commune"]


def _without_empty_texts(value: Any) -> Any:
    """An empty text says nothing, and a form knows no other nothing."""
    if isinstance(value, dict):
        return {name: _without_empty_texts(member) for name, member in value.items() if member != ""}
    return [_without_empty_texts(member) for member in value] if isinstance(value, list) else value


def _path(name: str) -> str:
    return ".".join(step for step in name.removesuffix(mapping.WAS).split("/") if not step.isdigit())
