"""The editor's schema is the sanitizer's table: neither knows a tag, an attribute or a value that the other lacks."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub.intake.editor_schema import MARKS, NODES, editor_schema
from hub.intake.html import ALLOWED, DROPPED, RENAMED, judge

ALL: dict[str, dict[str, Any]] = {
    each["tag"]: each["attributes"] for each in (*editor_schema()["nodes"], *editor_schema()["marks"])
}
VALUES = [
    "1", "0", "-3", "1000", "999", "1234567", "row", "colgroup", "ROW", "both", "javascript:alert(1)", "data:x",
    "http://bien.example/", "https://bien.example/a?b#c", "mailto:a@bien.example", "ftp://bien.example/",
    "media:med_0123456789abcdef", "media:med_short", "//bien.example/", "/a",
]  # fmt: skip


def test_the_editor_knows_every_allowed_tag_and_no_other() -> None:
    assert set(NODES) | set(MARKS) == set(ALLOWED)
    assert not set(NODES) & set(MARKS)
    assert len(MARKS) == len(set(MARKS))


def test_the_editor_knows_every_allowed_attribute_and_no_other() -> None:
    assert {tag: set(rules) for tag, rules in ALL.items()} == {tag: set(rules) for tag, rules in ALLOWED.items()}


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_the_editor_takes_is_kept_and_one_that_it_refuses_is_not(value: str) -> None:
    for tag, rules in ALL.items():
        for name, rule in rules.items():
            assert _takes(rule, value) == (judge(tag, name, value) is not None), (tag, name, value)


def test_content_names_only_what_there_is() -> None:
    for tag, holds in NODES.items():
        words = set(re.findall(r"[a-z0-9]+", holds.content))
        assert words <= set(NODES) | {"block", "inline"}, tag
        assert holds.group in {"", "block", "inline"}
        assert (holds.group == "inline") == ("inline" in holds.traits)


def test_pasting_renames_and_drops_as_the_sanitizer_does() -> None:
    schema = editor_schema()
    assert (schema["renamed"], set(schema["dropped"])) == (RENAMED, set(DROPPED))
    assert set(RENAMED.values()) <= set(ALL)


def test_the_schema_is_json() -> None:
    schema = editor_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["nodes"][0]["tag"] == "p"  # what the editor puts where a block is missing


def _takes(rule: dict[str, Any], value: str) -> bool:
    """As hub/web/static/editor.js judges."""
    if rule["kind"] == "address":
        return urlsplit(value).scheme in rule["protocols"] and len(value) <= rule["most"]
    if rule["kind"] == "pattern":
        return re.fullmatch(rule["pattern"], value.strip().lower()) is not None
    return True
