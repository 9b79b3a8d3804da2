"""The README is under test: its tour runs as written, its tables are complete."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

import schemas
from hub.cli import COMMANDS
from hub.config import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(heading: str) -> list[str]:
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty directory with a running demo, as the reader of the README has it."""
    tmp_path = tmp_path_factory.mktemp("readme")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, words in {"hub": " -m hub", "python": ""}.items():
        program = tmp_path / ".venv" / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{words} "$@"\n')
        program.chmod(0o755)
    demo = subprocess.Popen(
        [sys.executable, "-m", "hub", "demo", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert demo.stdout is not None
    line = demo.stdout.readline()
    assert line, demo.stderr.read().decode() if demo.stderr else ""
    (tmp_path / "demo.json").write_bytes(line)
    yield tmp_path
    demo.terminate()
    demo.wait(30)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour uses curl, which is not installed here")
def test_the_tour_runs_as_written(place: Path) -> None:
    script = "set -euo pipefail\n" + "\n".join(_blocks("The tour"))
    done = subprocess.run(["bash", "-c", script], cwd=place, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert '"name":"script"' in said
    assert "correction_pending" in said
    assert [f'"step":"{step}"' in said for step in ("unit", "province")] == [True, True]
    assert '"clause":{"edition":1,"number":"10.1"' in said
    assert "the forged copy is found out" in said
    assert "Đếm lại sổ mượn." in said
    assert re.search(r"^3\t\d\d:\d\d:\d\d\t900\t(Giao lưu|Talk)\t", said, re.MULTILINE)
    assert re.search(r"^adr_\S{40,}$", said, re.MULTILINE)
    assert [f"gone from {form}" in said for form in ("rss", "atom", "json")] == [True] * 3
    assert "the page answers 410" in said
    line = json.loads((place / "demo.json").read_text())
    assert set(line) == {"base_url", "keys", "logins", "feeds"}
    assert set(line["keys"]) == {"organizations", "outlets", "editor", "people"}
    assert set(line["keys"]["people"]) == set(schemas.vocabulary("roles").codes)
    assert set(line["keys"]["outlets"]) == {"newspaper", "tv"}
    assert {"outlet", "channel", "audience", "url", "type"} == set(line["feeds"][0])


CONSUMERS = {
    "python": (0, r"^(?:.+\n)+[1-9]\d* entries, asked again: 304$"),
    "curl": (1, r"^curl: 200\ncurl: 304$"),
    "newsboat": (2, r"^[1-9]\d* unread articles?$"),
}


@pytest.mark.parametrize("program", CONSUMERS)
def test_the_sample_consumers_run_as_they_stand(place: Path, program: str) -> None:
    if program != "python" and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")
    number, expected = CONSUMERS[program]
    script = "set -euo pipefail\n. hub-demo/demo.env\n" + _blocks("An outlet's first day")[number]
    home = {**os.environ, "HOME": str(place), "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(expected, done.stdout.strip(), re.MULTILINE), done.stdout


def test_a_demo_goes_on_after_people_were_erased(place: Path, tmp_path: Path) -> None:
    folder, kept = tmp_path / "again", place / "hub-demo"
    shutil.copytree(kept, folder, ignore=shutil.ignore_patterns("hub.db*"))
    with closing(sqlite3.connect(kept / "hub.db")) as running, closing(sqlite3.connect(folder / "hub.db")) as copy:
        running.backup(copy)

    def hub(*words: str) -> str:
        env = {**os.environ, "HUB_DATA": str(folder), "LANG": "en_US.UTF-8", "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-m", "hub", *words]
        done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with closing(sqlite3.connect(folder / "hub.db")) as database:
        (story,) = database.execute("SELECT id FROM stories WHERE external_id = 'demo-001'").fetchone()
    for person in [line.split("\t")[0] for line in hub("person", "list", "--story", story).splitlines()]:
        hub("person", "erase", person, "--yes")
    told = hub("demo", "--once", "--data", str(folder))
    assert "erase a person" in " ".join(told.replace("│", " ").split())
    assert told.rindex("/feeds/") < told.index("minh@example.org")  # who signs in as whom is left on the screen


def test_a_hub_of_ones_own_is_set_up_as_written(tmp_path: Path) -> None:
    (block,) = _blocks("A hub of your own")
    script = block.replace(".venv/bin/hub serve", ": #").replace(
        ".venv/bin/hub", f"{shlex.quote(sys.executable)} -m hub"
    )
    script = script.replace("hub-data", str(tmp_path / "data"))
    done = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^org_\S{40,}$", done.stdout, re.MULTILINE)


def test_every_setting_stands_in_its_table() -> None:
    for setting in fields(Settings):
        row = f"| `HUB_{setting.name.upper()}` |"
        assert row in README
        assert setting.metadata["help"] in README.split(row)[1].splitlines()[0]


def test_every_command_is_named() -> None:
    section = README.split("## A hub of your own")[1].split("## Settings")[0]
    for command in COMMANDS:
        assert re.search(rf"`(hub )?{command}\b", section), command


def test_every_file_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!https://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_no_row_of_a_table_stands_twice() -> None:
    cells = [line.split("|")[1].strip() for line in README.splitlines() if line.startswith("| `")]
    assert sorted(cells) == sorted(set(cells))
    commands = re.findall(r"`([^`]+)`", "".join(cell for cell in cells if cell.startswith("`hub ")))
    assert len(commands) == len(set(commands))
