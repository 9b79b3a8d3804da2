"""What consent lets a channel show: tables of scopes, limits, channels, guests and children."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import schemas
from hub.records.disclosures import without
from hub.records.grants import Grant, Limits, Parties, Party, agreed_in
from hub.regulation.consent import consent_rules
from hub.regulation.consent.consent_rules import Allowed
from hub.regulation.refusals import Target
from tests.builders import a_story
from tests.consent import grants_of, parties_of

TODAY = date(2026, 11, 23)
GUARDIAN = {"name": "Lê Thị Mỹ Duyên", "relation": "mẹ", "obtained_on": "2026-11-01"}
CHILD = {
    "type": "individual",
    "name": "Bùi Minh Kha",
    "birth_year": 2026 - 12,
    "role": "học sinh lớp 7B",
    "unit": "Trường THCS Cửa Sóng",
}
BOTH = {"scopes": ["name", "work_story"], "guardian": GUARDIAN, "child_assent": {"obtained_on": "2026-11-01"}}
CARD = {"guests": [{"name": "Võ Hữu Lành"}, {"name": "Đào Thị Mười", "role": "nhân chứng"}]}


def a_target(profile: str = "column", outlet: str = "newspaper") -> Target:
    extras = schemas.vocabulary("profiles")[profile].extras
    audience = "public" if profile == "public" else "outlet"
    return Target(
        profile=profile, audience=audience, fields=extras["fields"], required=extras["required"], outlet=outlet
    )


def allowed(story: dict[str, Any], target: Target, parties: Parties | None = None) -> Allowed:
    agreed = agreed_in(parties or parties_of(story), outlet=target.outlet, audience=target.audience, today=TODAY)
    return consent_rules.allow(story, target, agreed)


def codes(story: dict[str, Any], target: Target, parties: Parties | None = None) -> list[str]:
    agreed = agreed_in(parties or parties_of(story), outlet=target.outlet, audience=target.audience, today=TODAY)
    left = consent_rules.allow(story, target, agreed)
    return [refusal.code for refusal in consent_rules.find_refusals(story, target, agreed, left)]


@pytest.mark.parametrize(
    ("limits", "profile", "outlet", "holds"),
    [
        ({}, "public", "public", True),
        ({"outlets": ["newspaper"]}, "column", "newspaper", True),
        ({"outlets": ["newspaper"]}, "segment", "tv", False),
        ({"outlets": ["newspaper"]}, "public", "public", False),
        ({"outlets": ["newspaper", "tv"]}, "segment", "tv", True),
        ({"audience": "outlet"}, "column", "newspaper", True),
        ({"audience": "outlet"}, "public", "public", False),
        ({"audience": "public"}, "public", "public", True),
        ({"outlets": ["public"], "audience": "outlet"}, "public", "public", False),
    ],
)
def test_a_scope_holds_where_its_limits_admit_the_channel(
    limits: dict[str, Any], profile: str, outlet: str, holds: bool
) -> None:
    story = a_story(consent={"scopes": ["work_story"], "limited_to": limits})
    assert ("method" in allowed(story, a_target(profile, outlet)).fields) is holds


def test_a_scope_limited_to_one_outlet_adds_to_one_that_holds_everywhere() -> None:
    subject = Party(name="A", grants=(Grant(scope="work_story"), Grant(scope="name", outlets=frozenset({"tv"}))))
    for outlet, named in (("tv", True), ("newspaper", False)):
        found = allowed(a_story(), a_target("column", outlet), Parties(subject=subject))
        assert ("subject.name" in found.fields, "method" in found.fields) == (named, True)


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("school", "subject.unit"),
        ("class", "subject.role"),
        ("school_grade", "subject.role"),
        ("address", "place.detail"),
    ],
)
def test_of_a_child_each_detail_is_off_unless_it_is_named(scope: str, path: str) -> None:
    place = {"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn", "detail": "thôn 2"}
    story = a_story(subject=CHILD, place=place, consent=BOTH)
    assert path not in allowed(story, a_target()).fields
    named = {**BOTH, "scopes": [*BOTH["scopes"], scope]}
    assert path in allowed({**story, "consent": named}, a_target()).fields
    grown = {**story, "subject": {**CHILD, "birth_year": 1990}}
    assert path in allowed(grown, a_target()).fields


def test_the_name_of_a_school_that_sends_the_story_tells_the_childs_school() -> None:
    story = a_story(subject=CHILD, unit={"name": "Trường THCS Cửa Sóng", "kind": "truong_hoc"}, consent=BOTH)
    assert "unit.name" not in allowed(story, a_target()).fields
    union = {**story, "unit": {"name": "Liên đội phường", "kind": "doan_thanh_nien"}}
    assert "unit.name" in allowed(union, a_target()).fields


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Em học trường thcs cửa sóng.", "school"),
        ("Nhà em ở thôn 2.", "address"),
        ("Mẹ em, chị Lê Thị Mỹ Duyên, kể lại.", "relatives"),
    ],
)
def test_what_is_off_may_not_be_told_by_a_text_either(text: str, scope: str) -> None:
    place = {"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn", "detail": "thôn 2"}
    story = a_story(subject=CHILD, place=place, summary=text, consent=BOTH)
    assert codes(story, a_target()) == ["child_detail_without_consent"]
    named = {**BOTH, "scopes": [*BOTH["scopes"], scope]}
    assert codes({**story, "consent": named}, a_target()) == []


@pytest.mark.parametrize(
    ("grants", "counts", "refused"),
    [
        ([Grant(scope="work_story", guardian_on=TODAY, assent_on=TODAY)], True, []),
        ([Grant(scope="work_story", assent_on=TODAY)], True, ["no_guardian_consent"]),
        ([Grant(scope="work_story", guardian_on=TODAY)], True, ["no_child_assent"]),
        (  # what the guardian did not agree to does not count beside what it did
            [Grant(scope="name", guardian_on=TODAY, assent_on=TODAY), Grant(scope="work_story")],
            False,
            ["no_consent"],
        ),
        (  # one agreed to this, the other to that: nothing that both agreed to
            [Grant(scope="work_story", guardian_on=TODAY), Grant(scope="work_story", assent_on=TODAY)],
            True,
            ["no_child_assent"],
        ),
    ],
)
def test_of_a_child_only_what_guardian_and_child_agreed_to_counts(
    grants: list[Grant], counts: bool, refused: list[str]
) -> None:
    parties = Parties(subject=Party(name="Kha", birth_year=2026 - 12, grants=tuple(grants)))
    story = a_story(subject={"type": "individual", "name": "Kha"}, interview=None, title="Phao", byline=None)
    found = [code for code in codes(story, a_target("public", "public"), parties) if code != "name_without_consent"]
    assert ("method" in allowed(story, a_target(), parties).fields) is counts
    assert found == refused


@pytest.mark.parametrize(
    ("assent_age", "minor_age", "refused"), [(7, 16, ["no_child_assent"]), (13, 16, []), (7, 11, [])]
)
def test_the_ages_are_those_that_the_regulation_says(assent_age: int, minor_age: int, refused: list[str]) -> None:
    limits = Limits(assent_age=assent_age, minor_age=minor_age)
    party = Party(name="Kha", birth_year=2026 - 12, grants=(Grant(scope="name", guardian_on=TODAY),))
    parties = Parties(subject=party, limits=limits)
    agreed = agreed_in(parties, outlet="newspaper", audience="outlet", today=TODAY)
    assert ([] if agreed.subject.assented else ["no_child_assent"]) == refused


@pytest.mark.parametrize(
    ("scopes", "shown"),
    [(["voice"], True), (["live_appearance"], True), (["testimony"], True), (["name", "image"], False), ([], False)],
)
def test_a_guest_is_shown_by_the_guests_own_consent(scopes: list[str], shown: bool) -> None:
    story = a_story(interview=CARD)
    own = {"Đào Thị Mười": grants_of({"scopes": scopes})}
    found = allowed(story, a_target("segment", "tv"), parties_of(story, guests=own))
    assert found.hidden == ([] if shown else ["/interview/guests/1"])
    left = without(story, found.hidden)["interview"]["guests"]
    assert [guest["name"] for guest in left] == ["Võ Hữu Lành", *(["Đào Thị Mười"] if shown else [])]


def test_when_no_guest_is_left_the_segment_cannot_stand() -> None:
    story = a_story(interview=CARD)
    nobody = {guest["name"]: () for guest in CARD["guests"]}
    parties = parties_of(story, guests=nobody)
    assert "no_consent" in codes(story, a_target("segment", "tv"), parties)
    assert "no_consent" not in codes(story, a_target(), parties)


def test_a_text_may_not_tell_the_name_of_a_guest_who_may_not_be_named() -> None:
    story = a_story(interview=CARD, summary="Chị Đào Thị Mười kể lại.")
    own = {"Đào Thị Mười": grants_of({"scopes": ["voice"]})}
    assert codes(story, a_target(), parties_of(story, guests=own)) == ["name_without_consent"]
    assert codes({**story, "summary": "Một chị kể lại."}, a_target(), parties_of(story, guests=own)) == []
    assert codes({**story, "summary": "Chị Mười kể."}, a_target(), parties_of(story, guests=own)) == [
        "name_without_consent"
    ]


@pytest.mark.parametrize(
    ("shows", "subject", "guest", "pictured"),
    [
        ("people", ["image"], ["image"], True),
        ("people", ["image"], ["voice"], False),  # who knows whether it is the guest
        ("people", ["image_of_work"], ["image"], False),
        ("work", ["image_of_work"], [], True),
        ("work", ["image"], [], True),
    ],
)
def test_pictures_of_people_need_everybodys_consent(
    shows: str, subject: list[str], guest: list[str], pictured: bool
) -> None:
    picture = {"kind": "picture", "upload": "med_x", "alt": "a", "credit": "c", "shows": shows}
    story = a_story(interview=CARD, media=[picture], consent={"scopes": [*subject, "work_story"]})
    own = {said["name"]: grants_of({"scopes": guest}) for said in CARD["guests"]}
    found = allowed(story, a_target(), parties_of(story, guests=own))
    assert found.pictures == (["med_x"] if pictured else [])
    assert ("/media/0" in found.hidden) is not pictured


def test_a_guest_the_ledger_has_nothing_of_is_not_shown_and_takes_no_picture_away() -> None:
    picture = {"kind": "picture", "upload": "med_x", "alt": "a", "credit": "c"}
    story = a_story(interview={"guests": [{"name": "Người mới"}]}, media=[picture])
    subject = Party(name="Nguyễn Văn Biển", grants=grants_of(story["consent"]))
    parties = Parties(subject=subject, guests=(Party(name="Người mới", known=False),))
    assert allowed(story, a_target(), parties).pictures == ["med_x"]
    assert "interview.guests.name" not in allowed(story, a_target("segment", "tv"), parties).fields


@pytest.mark.parametrize(
    ("subject", "unit", "cleared", "refused"),
    [
        ({"hazardous_work": True}, "cong_doan", "", True),
        ({"hazardous_work": True}, "cong_doan", "2026-11-23", False),
        ({"hazardous_work": True}, "cong_doan", "2026-11-24", True),
        ({"hazardous_work": False}, "cong_doan", "", False),
        ({}, "luc_luong_vu_trang", "", True),
        ({}, "luc_luong_vu_trang", "2026-11-01", False),
    ],
)
def test_the_unit_has_to_say_yes_for_armed_forces_and_hazardous_posts(
    subject: dict[str, Any], unit: str, cleared: str, refused: bool
) -> None:
    consent: dict[str, Any] = {"scopes": ["name", "work_story", "voice"]}
    consent |= {"clearance": {"by": "Chỉ huy", "date": cleared}} if cleared else {}
    story = a_story(
        subject={"type": "individual", "name": "Kiều Đức Thịnh", **subject},
        unit={"name": "Đơn vị", "kind": unit},
        consent=consent,
    )
    assert ("no_unit_clearance" in codes(story, a_target())) is refused


@pytest.mark.parametrize(
    ("shows", "subject", "guest", "shown"),
    [
        ({}, ["image"], ["image"], True),
        ({}, ["image"], ["voice"], False),
        ({}, ["image_of_work"], ["image"], False),
        ({"shows": "work"}, ["image_of_work"], [], True),
    ],
)
def test_footage_needs_everybodys_consent_as_pictures_do(
    shows: dict[str, str], subject: list[str], guest: list[str], shown: bool
) -> None:
    footage = {"kind": "footage", "url": "https://footage.example.org/a.mp4", **shows}
    story = a_story(interview=CARD, media=[footage], consent={"scopes": [*subject, "work_story"]})
    own = {said["name"]: grants_of({"scopes": guest}) for said in CARD["guests"]}
    found = allowed(story, a_target("segment", "tv"), parties_of(story, guests=own))
    assert ("/media/0" not in found.hidden) is shown
    everywhere = allowed(story, a_target("public", "public"), parties_of(story, guests=own))
    assert everywhere.hidden == []  # which footage does not reach


def test_a_guest_whose_name_was_erased_is_no_fault_of_the_rules() -> None:
    story = a_story(interview={"guests": [{"role": "nhân chứng"}, {"name": "Đào Thị Mười"}]})
    parties = Parties(subject=Party(name="A"), guests=(Party(name="", known=False), Party(name="Đào Thị Mười")))
    assert "no_consent" in codes(story, a_target("segment", "tv"), parties)


@pytest.mark.parametrize(
    ("subject", "guest", "usages"),
    [
        (["archive", "reuse"], ["archive", "reuse"], ["usage.archive", "usage.reuse"]),
        (["archive", "reuse"], ["archive"], ["usage.archive"]),
        (["reuse"], [], []),
        ([], ["archive", "reuse"], []),
    ],
)
def test_what_readers_may_do_beside_showing_it_needs_everybodys_word(
    subject: list[str], guest: list[str], usages: list[str]
) -> None:
    story = a_story(consent={"scopes": ["name", *subject]}, interview={**CARD, "guests": CARD["guests"][:1]})
    parties = parties_of(story, guests={"Võ Hữu Lành": grants_of({"scopes": ["name", *guest]})})
    found = allowed(story, a_target(), parties).fields
    assert [path for path in found if path.startswith("usage.")] == usages
