"""Our own scripts, read as text: small, strict, saying what they are for, and building pages without markup."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "hub" / "web" / "static"
OURS = sorted(STATIC.glob("*.js"))
MOST_LINES = 400
BUDGET = 36_000  # gzipped, all of them together; no page loads them all
FORBIDDEN = (  # what the policy forbids, or what would let words become markup
    r"\.innerHTML\s*=", r"\.outerHTML\s*=", r"insertAdjacentHTML", r"document\.write", r"\beval\(", r"new Function",
    r"setAttribute\(\s*[\"']style", r"setAttribute\(\s*[\"']on", r"https?://(?!\$\{|www\.w3\.org/2000/svg\b)",
)  # fmt: skip


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_a_script_is_small_strict_and_explained(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    assert script.startswith("/* ")
    assert '"use strict";' in script
    assert len(script.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_of_words_and_knows_no_other_host(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    found = [pattern for pattern in FORBIDDEN if re.search(pattern, script)]
    assert found == []


def test_the_scripts_stay_in_measure() -> None:
    assert len(OURS) >= 11
    assert sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in OURS) <= BUDGET


@pytest.mark.parametrize("name", ["editor.css", "widgets.css"])
def test_a_sheet_takes_its_colours_from_the_tokens(name: str) -> None:
    sheet = (STATIC / name).read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", sheet) == []
    assert "@import" not in sheet
