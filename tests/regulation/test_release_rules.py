"""May this version be released into this channel? A table of cases."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import schemas
from hub.records.grants import Agreed, agreed_in
from hub.regulation.consent import consent_rules, short_names
from hub.regulation.release_rules import Target, find_refusals
from tests.builders import a_story
from tests.consent import parties_of

TODAY = date(2026, 11, 23)
CONSENT = {"scopes": ["name", "work_story"]}
GUARDIAN = {"name": "Mẹ", "relation": "mẹ", "obtained_on": "2026-11-01"}
ASSENT = {"obtained_on": "2026-11-01"}


def a_target(profile: str) -> Target:
    extras = schemas.vocabulary("profiles")[profile].extras
    audience = "public" if profile == "public" else "outlet"
    return Target(profile=profile, audience=audience, fields=extras["fields"], required=extras["required"])


def codes(story: dict[str, Any], profile: str = "public", *, act_embargo: datetime | None = None) -> list[str]:
    target = a_target(profile)
    found = find_refusals(story, target, agreed(story, target), act_embargo=act_embargo)
    return [refusal.code for refusal in found]


def agreed(story: dict[str, Any], target: Target) -> Agreed:
    return agreed_in(parties_of(story), outlet=target.outlet, audience=target.audience, today=TODAY)


@pytest.mark.parametrize("profile", ["public", "column", "segment", "bulletin"])
def test_a_whole_story_may_go_everywhere(profile: str) -> None:
    assert codes(a_story(), profile) == []


@pytest.mark.parametrize(
    ("born", "guardian", "assent", "refused"),
    [
        (2026 - 5, None, None, ["no_guardian_consent"]),  # too young to be asked
        (2026 - 5, GUARDIAN, None, []),
        (2026 - 7, GUARDIAN, None, ["no_child_assent"]),  # may have turned seven
        (2026 - 7, GUARDIAN, ASSENT, []),
        (2026 - 15, None, None, ["no_guardian_consent", "no_child_assent"]),
        (2026 - 16, None, ASSENT, ["no_guardian_consent"]),  # the birthday may still be to come
        (2026 - 17, None, None, []),
    ],
)
def test_a_minor_needs_a_guardian_and_from_seven_years_on_is_asked(
    born: int, guardian: dict[str, str] | None, assent: dict[str, str] | None, refused: list[str]
) -> None:
    consent = CONSENT | ({"guardian": guardian} if guardian else {}) | ({"child_assent": assent} if assent else {})
    child = {"type": "individual", "name": "Bé Na", "birth_year": born}
    assert codes(a_story(subject=child, consent=consent)) == refused


def test_a_subject_said_to_be_a_minor_is_one_whatever_the_year() -> None:
    subject = {"type": "individual", "name": "Bé Na", "minor": True}
    assert codes(a_story(subject=subject, consent=CONSENT)) == ["no_guardian_consent", "no_child_assent"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("Ông Nguyễn Văn Biển trực bến", True), ("ong NGUYEN VAN BIEN truc ben", True), ("Một ngư dân trực bến", False)],
)
def test_a_name_without_consent_is_found_however_it_is_written(text: str, told: bool) -> None:
    story = a_story(summary=text, consent={"scopes": ["work_story"]})
    assert ("name_without_consent" in codes(story)) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Bà Ngân chèo đò.", True),
        ("“Bà Ngân” là tên bến.", True),
        ("Ai cũng gọi cô Ngân.", True),
        ("Đ/c Ngân và đồng chí Tám.", True),
        ("Cô giáo Ngân dạy chữ.", True),
        ("Thượng uý Ngân.", True),  # and wherever the tone of a title stands
        ("bà\u00a0Thị Ngân", True),
        ("chị Kiều Ngân", True),
        ("BÀ NGÂN CHÈO ĐÒ", True),
        ("Tiếng đàn ngân xa.", False),
        ("Chị ngân nga.", False),
        ("Ngân chèo đò.", False),
        ("Ngân hàng của anh Ngàn, bà Ngăn và ông Ngần.", False),
        ("Bà Ngân Hà chèo đò.", False),  # whose given name is Hà
        ("Bà, Ngân hàng và bến đò.", False),
        ("Dabà Ngân, bà Ngânx", False),
        ("Bà Trần Ngân", False),
    ],
)
def test_a_given_name_after_a_word_of_kinship_or_a_title_names_its_bearer(text: str, told: bool) -> None:
    subject = {"type": "individual", "name": "Kiều Thị Ngân", "birth_year": 1960}
    bare: dict[str, Any] = {"title": "Đò", "summary": "Một người chèo đò.", "subject": subject, "interview": None}
    story = a_story(**bare, body={"html": f"<p>Ngày nọ. {text}</p>"}, consent={"scopes": ["work_story"]})
    assert ("name_without_consent" in codes(story)) is told
    assert "name_without_consent" not in codes({**story, "consent": CONSENT})


@pytest.mark.parametrize("said", ["Bà Hòa", "bà Hoà", "Bà HOÀ", "bà HÒA"])
@pytest.mark.parametrize("name", ["Lê Thị Hòa", "Lê Thị Hoà"])
def test_the_place_of_a_tone_mark_hides_nobody(said: str, name: str) -> None:
    assert short_names.calls(f"Hôm ấy {said} đến.", unicodedata.normalize("NFD", name))
    assert not short_names.calls("Hôm ấy bà Hoa, bà Hóa và bà Hỏa đến.", name)


@pytest.mark.parametrize(
    ("other", "text", "told"),
    [
        ({"byline": {"name": "Lê Ngân"}}, "Chị Ngân kể.", False),
        ({"spokesperson": {"name": "Trần Thị Ngân"}}, "Bà Thị Ngân kể.", False),
        ({"byline": {"name": "Lê Ngân"}}, "Bà Thị Ngân kể.", True),
        ({"byline": {"name": "Lê Thị Hoa"}}, "Bà Ngân kể.", True),
        ({"spokesperson": {"name": "KIỀU THỊ NGÂN"}}, "Bà Ngân kể.", True),  # who is nobody else
        ({"subject": {"type": "collective", "name": "Tổ đò Bến Ngân"}}, "Bà Ngân kể.", False),
    ],
)
def test_whoever_else_bears_the_given_name_and_may_be_named_is_meant(
    other: dict[str, Any], text: str, told: bool
) -> None:
    subject = {"type": "individual", "name": "Kiều Thị Ngân", "birth_year": 1960}
    bare: dict[str, Any] = {"title": "Đò", "interview": None, "subject": subject, "consent": {"scopes": ["work_story"]}}
    assert ("name_without_consent" in codes(a_story(**{**bare, **other}, summary=text))) is told


@pytest.mark.parametrize(
    ("scopes", "shows", "allowed"),
    [
        (["image"], "people", True),
        (["image"], "work", True),
        (["image_of_work"], "work", True),
        (["image_of_work"], "people", False),
        (["name"], "work", False),
    ],
)
def test_a_picture_shows_what_was_agreed_to(scopes: list[str], shows: str, allowed: bool) -> None:
    picture = {"kind": "picture", "upload": "med_x", "alt": "a", "credit": "c", "shows": shows}
    story = a_story(media=[picture], consent={"scopes": scopes})
    target = a_target("public")
    assert bool(consent_rules.allow(story, target, agreed(story, target)).pictures) is allowed


@pytest.mark.parametrize(("hours", "refused"), [(-1, ["embargo_too_early"]), (0, []), (1, [])])
def test_the_acts_embargo_is_not_earlier_than_the_storys(hours: int, refused: list[str]) -> None:
    own = datetime(2026, 12, 1, tzinfo=UTC)
    story = a_story(embargo_until=own.isoformat())
    assert codes(story, act_embargo=own + timedelta(hours=hours)) == refused
    assert codes(story) == []


def test_the_public_sees_no_field_of_a_stricter_audience() -> None:
    fields = schemas.fields()
    target = a_target("public")
    story = a_story(consent={"scopes": ["name", "age", "image", "voice", "work_story"]})
    shown = consent_rules.allow(story, target, agreed(story, target)).fields
    assert all(fields[path] is schemas.Audience.PUBLIC for path in shown)
    assert not any("contact" in path or path.startswith(("interview", "consent")) for path in shown)


@pytest.mark.parametrize(("day", "refused"), [("2026-11-23", []), ("2026-11-24", ["consent_not_yet"])])
def test_a_consent_of_another_day_is_none_yet(day: str, refused: list[str]) -> None:
    assert codes(a_story(consent={"scopes": ["name", "work_story"], "obtained_on": day})) == refused
    child = {"type": "individual", "name": "Bé Na", "birth_year": 2021}
    guarded = {"scopes": ["name", "work_story"], "guardian": {**GUARDIAN, "obtained_on": day}}
    assert codes(a_story(subject=child, consent=guarded)) == (["no_guardian_consent"] if refused else [])
