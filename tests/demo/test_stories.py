"""The demo's content: complete, valid on any day, and free of what nobody agreed to show."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from hub.demo.pictures import SCENES
from hub.demo.stories import VIETNAM, DemoStory, load_province, load_stories, with_uploads
from schemas import check, check_story, vocabulary

TODAY = date(2026, 11, 23)
DAYS = [TODAY, date(2027, 11, 23), date(2028, 2, 29), date(2036, 11, 23)]
UPLOADS = {name: f"med_{name.replace('-', '_'):_<16}" for name in SCENES}
STORIES = load_stories(TODAY, UPLOADS)
BROUGHT_THEIR_OWN_BODY = {"demo-001", "demo-002", "demo-003"}

each_story = pytest.mark.parametrize("demo", STORIES, ids=lambda demo: demo.id)
any_day = pytest.mark.parametrize("today", DAYS, ids=str)


def words(html: str) -> int:
    return len(re.sub(r"<[^>]*>", " ", html).split())


def strings(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings(value)]
    return [node] if isinstance(node, str) else []


def prose(demo: DemoStory) -> str:
    return " ".join(strings(demo.story["body"]))


def corrected(demo: DemoStory) -> dict[str, Any]:
    assert demo.correction is not None
    return {**demo.story, **demo.correction["fields"]}


def test_there_are_twelve_stories_and_each_has_its_own_picture():
    assert [demo.id for demo in STORIES] == [f"demo-{number:03}" for number in range(1, 13)]
    assert sorted(name for demo in STORIES for name in demo.drawings) == sorted(SCENES)


@any_day
def test_every_story_is_a_valid_submission_on_any_day(today):
    for demo in load_stories(today, UPLOADS):
        assert not check_story(demo.story), demo.id
        if demo.correction:
            assert not check_story(corrected(demo)), demo.id


@any_day
def test_what_lies_ahead_stays_ahead(today):
    now = datetime.combine(today, datetime.max.time(), VIETNAM)
    for demo in load_stories(today):
        interview = demo.story.get("interview", {})
        windows = [*interview.get("slots", []), *(w for g in interview.get("guests", []) for w in g["availability"])]
        for window in windows:
            start, end = (datetime.fromisoformat(window[key]) for key in ("starts_at", "ends_at"))
            assert now < start < end, demo.id
        if until := demo.story.get("embargo_until"):
            assert datetime.fromisoformat(until) > now
        if expires := demo.story["consent"].get("expires_on"):
            assert date.fromisoformat(expires) > today


@any_day
def test_what_lies_behind_stays_behind(today):
    for demo in load_stories(today):
        consent = demo.story["consent"]
        given = [consent, consent.get("guardian", consent), consent.get("child_assent", consent)]
        dates = [entry["obtained_on"] for entry in given]
        dates += [demo.story[key] for key in ("occurred_from", "occurred_to") if key in demo.story]
        assert all(date.fromisoformat(day) < today for day in dates), demo.id
        assert datetime.fromisoformat(demo.submitted_by["submitted_at"]).date() < today


@any_day
def test_the_child_stays_a_child(today):
    children = [demo.story for demo in load_stories(today) if demo.story["subject"].get("minor")]
    assert [today.year - child["subject"]["birth_year"] for child in children] == [13]
    assert all({"guardian", "child_assent"} <= child["consent"].keys() for child in children)


def test_the_embargo_ends_in_thirteen_days_at_six_in_the_morning():
    embargoes = {demo.id: demo.story["embargo_until"] for demo in STORIES if "embargo_until" in demo.story}
    assert embargoes == {"demo-009": "2026-12-06T06:00:00+07:00"}


@each_story
def test_a_body_is_as_long_as_a_column_and_a_short_one_as_a_note(demo):
    longest = 600 if demo.id in BROUGHT_THEIR_OWN_BODY else 400
    assert 250 <= words(demo.story["body"]["html"]) <= longest
    assert 1 <= demo.story["body"]["html"].count("<h2>") <= 2
    if short := demo.story["body"].get("short"):
        assert 40 <= words(short) <= 80


def test_three_stories_also_have_a_short_body():
    assert sum("short" in demo.story["body"] for demo in STORIES) == 3


@each_story
def test_bodies_use_few_tags_and_close_them(demo):
    html = demo.story["body"]["html"]
    tags = re.findall(r"<(/?)(\w+)>", html)
    assert {tag for _, tag in tags} <= {"p", "h2", "ul", "li", "blockquote"}
    assert html.count("<") == len(tags)
    for name in {tag for _, tag in tags}:
        assert tags.count(("", name)) == tags.count(("/", name))


@each_story
def test_only_invented_numbers_and_addresses_stand_in_a_story(demo):
    for text in strings(demo.story) + strings(demo.correction or {}):
        numbers = re.findall(r"\+?\d[\d ]{7,}\d", text)
        assert all(re.fullmatch(r"0200 000 01\d\d", number) for number in numbers), numbers
        assert all(host == "example.org" for host in re.findall(r"@([\w.-]+)", text))
        assert all(host.endswith(".example.org") for host in re.findall(r"https?://([^/]+)", text))


@each_story
def test_ages_are_told_only_with_consent(demo):
    if "age" in demo.story["consent"]["scopes"]:
        return
    assert "birth_year" not in demo.story["subject"]
    assert not re.search(r"\b\d\d tuổi", prose(demo))


@each_story
def test_a_name_stands_in_the_body_only_with_consent(demo):
    named = {"name", "collective_name"} & set(demo.story["consent"]["scopes"])
    assert named or demo.story["subject"]["name"] not in prose(demo)


def test_neither_the_guardian_nor_school_and_class_of_the_child_are_told():
    child = next(demo.story for demo in STORIES if demo.story["subject"].get("minor"))
    shown = " ".join(strings({key: value for key, value in child.items() if key != "consent"}))
    assert child["consent"]["guardian"]["name"] not in shown
    assert not re.search(r"[Tt]rường (THCS|tiểu học|trung học)|lớp \d+[A-ZĐ/]", shown)


def test_strength_of_the_rescue_team_is_not_told():
    rescue = next(demo.story for demo in STORIES if demo.id == "demo-004")
    assert "member_count" not in rescue["subject"]


def test_the_correction_mends_every_place_of_the_wrong_figure():
    (demo,) = [demo for demo in STORIES if demo.correction]
    assert demo.id == "demo-007"
    assert "87%" in demo.story["result"]
    assert "87%" in demo.story["body"]["html"]
    mended = json.dumps(corrected(demo), ensure_ascii=False)
    assert "87%" not in mended
    assert "13 kg" not in mended
    assert "78%" in corrected(demo)["body"]["html"]
    assert demo.correction["note"].keys() == {"vi", "en"}


@each_story
def test_television_stories_come_with_a_card_for_the_crew(demo):
    card = demo.story.get("interview")
    assert bool(card) == ("tv/segment" in demo.channels)
    if card:
        assert 2 <= len(card["guests"]) <= 3
        assert 4 <= len(card["suggested_questions"]) <= 6
        assert all(card[key] for key in ("visuals", "slots", "off_limits", "notes_for_crew", "contact"))


@each_story
def test_every_claim_names_its_source(demo):
    assert 2 <= len(demo.story["claims"]) <= 3
    assert all(claim["source"] and claim["source_kind"] for claim in demo.story["claims"])


@each_story
def test_text_is_already_normal(demo):
    assert all(unicodedata.is_normalized("NFC", text) for text in strings(demo.story))


def test_pictures_keep_their_drawing_until_they_are_uploaded():
    before, after = load_stories(TODAY)[0], STORIES[0]
    assert "drawing" in before.story["media"][0]
    assert replace(before, story=with_uploads(before.story, UPLOADS)) == after
    with pytest.raises(KeyError):
        load_stories(TODAY, {})


def test_the_outlets_of_the_province_are_valid():
    assert not check("outlet.v1", load_province()["outlets"])


def test_organizations_stand_after_their_parents_and_under_one_front():
    seen: set[str] = set()
    kinds, levels = ({item.code for item in vocabulary(name)} for name in ("organization_kinds", "levels"))
    for organization in load_province()["organizations"]:
        assert organization.get("parent") in seen or (not seen and organization["code"] == "mttq-hai-son")
        assert organization["code"] not in seen
        assert organization["kind"] in kinds
        assert organization["level"] in levels
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,59}", organization["code"])
        seen.add(organization["code"])


@each_story
def test_who_submits_and_where_it_goes_exist_in_the_province(demo):
    province = load_province()
    organizations = {entry["code"]: entry for entry in province["organizations"]}
    assert organizations[demo.organization]["commune"] == demo.story["place"]["commune"]
    outlets = province["outlets"]["outlets"]
    known = {f"{outlet['code']}/{channel['code']}" for outlet in outlets for channel in outlet["channels"]}
    assert set(demo.channels) <= known
