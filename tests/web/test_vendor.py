"""What was made elsewhere: known by version, hash and licence, in measure, and asking nobody else for anything."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "hub" / "web" / "static" / "vendor", ROOT / "tests" / "web" / "vendor")
LICENCES = {  # SPDX: words that its text must hold
    "0BSD": "Permission to use, copy, modify",
    "MIT": "Permission is hereby granted, free of charge",
    "MPL-2.0": "Mozilla Public License, version 2.0",
    "OFL-1.1": "SIL OPEN FONT LICENSE Version 1.1",
}
BUDGETS = {  # what goes over the line: gzipped bytes of scripts and sheets, bytes of fonts, which are compressed
    "htmx.min.js": 20_000,
    "tiptap.min.js": 100_000,
    "be-vietnam-pro.css": 1_000,
}
FONT_BYTES = 24_000  # each part
FONTS_BYTES = 200_000  # all of them, though a page loads only the parts and weights that it shows
NAMED_ONLY = {  # addresses that are names or advice, and are never asked
    "htmx.min.js": set(),
    "tiptap.min.js": {"https://prosemirror.net/docs/guide/#generatable"},
}
REGISTRIES = ("registry.", "npmjs", "unpkg", "jsdelivr", "cdn")


def _entries() -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in FOLDERS:
        for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
            yield folder, entry


ENTRIES = list(_entries())


@pytest.mark.parametrize(("folder", "entry"), ENTRIES, ids=[entry["file"] for _, entry in ENTRIES])
def test_a_file_is_the_one_that_the_manifest_names(folder: Path, entry: dict[str, Any]) -> None:
    data = (folder / entry["file"]).read_bytes()
    assert (sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["bytes"])
    assert entry["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    assert entry["version"] in entry["source"]
    assert not any(word in json.dumps(entry) for word in REGISTRIES)


@pytest.mark.parametrize(("folder", "entry"), ENTRIES, ids=[entry["file"] for _, entry in ENTRIES])
def test_a_file_has_its_licence_beside_it(folder: Path, entry: dict[str, Any]) -> None:
    text = " ".join((folder / entry["licence_text"]).read_text(encoding="utf-8").split())
    assert LICENCES[entry["licence"]].lower() in text.lower()


@pytest.mark.parametrize("folder", FOLDERS, ids=["static", "tests"])
def test_nothing_lies_in_the_folder_unlisted(folder: Path) -> None:
    listed = {"manifest.json"}
    for where, entry in ENTRIES:
        if where == folder:
            listed |= {entry["file"], entry["licence_text"], *entry.get("further_texts", ())}
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == listed


def test_the_bundle_says_how_it_is_built_and_of_what() -> None:
    folder, entry = next((folder, entry) for folder, entry in ENTRIES if entry["file"] == "tiptap.min.js")
    build = entry["build"]
    assert build["command"].endswith("--outfile=tiptap.min.js")
    assert re.fullmatch(r"esbuild \d+\.\d+\.\d+", build["tool"])
    packages = {package["name"]: package for package in build["packages"]}
    for line in build["entry"]:
        found = re.search(r'from "((?:@[^/"]+/)?[^/"]+)', line)
        assert found is not None
        assert found[1] in packages
    texts = (folder / entry["licence_text"]).read_text(encoding="utf-8")
    for package in packages.values():
        assert package["licence"] == "MIT"
        assert f"=== {package['name']} {package['version']} ===" in texts


@pytest.mark.parametrize("name", [*BUDGETS])
def test_what_a_page_loads_stays_in_measure(name: str) -> None:
    assert len(gzip.compress((FOLDERS[0] / name).read_bytes(), mtime=0)) <= BUDGETS[name]


def test_fonts_stay_in_measure() -> None:
    sizes = [path.stat().st_size for path in FOLDERS[0].glob("*.woff2")]
    assert len(sizes) == 12
    assert max(sizes) <= FONT_BYTES
    assert sum(sizes) <= FONTS_BYTES


@pytest.mark.parametrize("name", [*NAMED_ONLY])
def test_scripts_name_no_address_that_they_could_ask(name: str) -> None:
    script = (FOLDERS[0] / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:https?|wss?)://[^\"'`\s)]+", script)) == NAMED_ONLY[name]
    assert "sourceMappingURL" not in script


def test_the_sheet_of_the_font_names_its_parts_by_what_they_hold() -> None:
    sheet = (FOLDERS[0] / "be-vietnam-pro.css").read_text(encoding="utf-8")
    named = re.findall(r'url\("([^"?]+)\?v=([0-9a-f]{12})"\)', sheet)
    assert len(named) == sheet.count("url(") == 12
    for name, version in named:
        assert sha256((FOLDERS[0] / name).read_bytes()).hexdigest().startswith(version)


def test_the_editor_evaluates_nothing() -> None:
    """htmx holds an eval that its setting switches off; tests/browser/test_vendored.py runs it under the policy."""
    script = (FOLDERS[0] / "tiptap.min.js").read_text(encoding="utf-8")
    assert re.findall(r"\beval\(|\bFunction\(", script) == []
    assert "allowEval: false" in (FOLDERS[0].parent / "htmx-settings.js").read_text(encoding="utf-8")
