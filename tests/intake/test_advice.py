"""Advice: warnings about the faces of minors."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub import i18n
from hub.intake import advice
from hub.records.grants import Limits

TODAY = date(2026, 11, 23)
LIMITS = Limits(minor_age=16, assent_age=7)
PICTURES = [{"kind": "picture"}, {"kind": "picture", "shows": "work"}, {"kind": "film", "shows": "people"}]


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ({"type": "individual", "name": "Bé Mẫu", "birth_year": 2015}, "child_pictured"),
        ({"type": "individual", "name": "Bé Mẫu", "minor": True}, "child_pictured"),
        ({"type": "individual", "name": "Ông Mẫu", "birth_year": 1960}, None),
        ({"type": "individual", "name": "Ông Mẫu"}, None),
        ({"type": "collective", "name": "Đội Mẫu", "priority_groups": ["thieu_nien"]}, "children_pictured"),
        ({"type": "collective", "name": "Tổ Mẫu", "priority_groups": ["nong_dan"]}, None),
        ({}, None),
    ],
)
def test_faces_of_minors_are_warned_about_but_not_their_work(subject: dict[str, Any], code: str | None) -> None:
    found = advice.advise_on_faces({"subject": subject, "media": PICTURES}, today=TODAY, limits=LIMITS)
    assert [(each.pointer, each.code) for each in found] == ([("/media/0", code), ("/media/2", code)] if code else [])
    for each in found:
        for language in ("vi", "en"):
            assert "%(" not in i18n.sentence(advice.SENTENCES[each.code], language, **each.facts)


def test_an_unfinished_draft_is_no_reason_to_fail() -> None:
    assert advice.advise_on_faces({}, today=TODAY, limits=LIMITS) == []
    assert advice.advise_on_faces({"subject": None, "media": None}, today=TODAY, limits=LIMITS) == []


@pytest.mark.parametrize("nonsense", ["nam 90", "", [], {"x": 1}, -3, 10**9])
def test_what_is_nonsense_in_a_draft_is_for_the_check_to_tell(nonsense: Any) -> None:
    names = ("birth_year", "minor", "name", "priority_groups")
    for subject in (nonsense, *({"type": "individual", name: nonsense} for name in names)):
        content = {"subject": subject, "media": [nonsense]}
        assert advice.advise_on_faces(content, today=TODAY, limits=LIMITS) == []
