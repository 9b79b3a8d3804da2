"""`hub person`: data on stdout, notes on stderr."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from flask import Flask

import schemas
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from tests.builders import World, a_picture, a_story, build_world
from tests.cli.test_operating import run


@pytest.fixture
def clock() -> FixedClock:
    """Commands take the machine's time, so the story has to have been released before it."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def app(settings: Settings, clock: FixedClock) -> Flask:
    return create_app(settings, clock=clock)


@pytest.fixture
def story(app: Flask, database: Database, clock: FixedClock) -> tuple[World, str]:
    """A released story with a picture, under a consent of that day."""
    world = build_world(app, database, now=clock.now())
    upload = world.fishers.upload(a_picture(300, 200)).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến lúc sáng", "credit": "Hòa"}
    consent = {"scopes": ["name", "image", "voice", "work_story"]}
    return world, world.release(a_story(media=[picture], consent=consent), channels=["newspaper/column", "public/all"])


def test_persons_are_listed_and_their_ledger_is_shown(settings: Settings, story: tuple[World, str]) -> None:
    listed = run(settings, "person", "list", "--story", story[1])
    (line,) = listed.stdout.splitlines()
    person, kind, born, _unit, name = line.split("\t")
    assert (kind, born, name) == ("individual", "1970", "Nguyễn Văn Biển")
    shown = run(settings, "person", "show", person)
    assert {row.split("\t")[0] for row in shown.stdout.splitlines()} == {"name", "image", "voice", "work_story"}
    assert all(row.endswith("\topen") for row in shown.stdout.splitlines())


def test_a_withdrawal_acts_at_once_and_says_where(settings: Settings, story: tuple[World, str]) -> None:
    world, story_id = story
    person = run(settings, "person", "list").stdout.split("\t")[0]
    done = run(settings, "person", "withdraw", person, "--scope", "image")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"image\t{story_id}\n"
    (told,) = (line for line in done.stderr.splitlines() if "newspaper/column" in line)
    assert told == f"{story_id}: reduced in newspaper/column: Media"
    assert "1 receipts were asked for" in done.stderr
    assert "Biển" not in done.output  # it is no terminal: what keeps the output shall keep no name
    assert "Bến lúc sáng" not in world.reader.get("/feeds/public/all.json").text


def test_scopes_that_nobody_knows_or_gave_are_refused(settings: Settings, story: tuple[World, str]) -> None:
    world, _ = story
    person = run(settings, "person", "list").stdout.split("\t")[0]
    unknown = run(settings, "person", "withdraw", person, "--scope", "image", "--scope", "zzz")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert all(word in unknown.stderr for word in ("/scopes/1", "zzz", *schemas.vocabulary("consent_scopes").codes))
    never_given = run(settings, "person", "withdraw", person, "--scope", "age")
    assert (never_given.exit_code, never_given.stdout, person in never_given.stderr) == (1, "", True)
    acts = f"/api/v1/persons/{person}/acts"
    assert world.editor.ask("POST", acts, body={"act": "withdraw", "scopes": ["zzz"]}).status_code == 422
    refused = world.editor.ask("POST", acts, body={"act": "withdraw", "scopes": ["age"]})
    assert (refused.status_code, person in refused.json["detail"]) == (409, True)


def test_merged_persons_are_one(settings: Settings, story: tuple[World, str]) -> None:
    world, _ = story
    world.push(a_story(subject={"type": "individual", "name": "Nguyễn Văn Biển"}), external_id="two")
    double, kept = (line.split("\t")[0] for line in run(settings, "person", "list").stdout.splitlines())
    assert run(settings, "person", "merge", kept, double).stdout == f"{kept}\n"
    assert len(run(settings, "person", "list").stdout.splitlines()) == 1
    again = run(settings, "person", "merge", kept, double)
    assert (again.exit_code, again.stdout) == (1, "")


def test_an_export_is_json_and_an_erasure_leaves_a_sound_hub(settings: Settings, story: tuple[World, str]) -> None:
    world, story_id = story
    person = run(settings, "person", "list").stdout.split("\t")[0]
    world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"%PDF-1.7")
    held = json.loads(run(settings, "person", "export", person).stdout)
    assert held["person"]["name"] == "Nguyễn Văn Biển"
    other = run(settings, "person", "export", person, HUB_SECRET="x" * 32)
    assert (other.exit_code, other.stdout) == (1, "")
    asked = run(settings, "person", "erase", person, LANG="vi")
    assert asked.exit_code == 1  # nobody said yes
    assert f"Nguyễn Văn Biển ({person})? Số bài liên quan: 1." in asked.stderr
    done = run(settings, "person", "erase", person, "--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{story_id}\n"
    assert not any(path.is_file() for path in settings.media_folder.rglob("*"))
    assert run(settings, "verify").exit_code == 0
    assert "Biển" not in run(settings, "person", "export", person).stdout


def test_nobody_of_that_id_is_one_sentence(settings: Settings, story: tuple[World, str]) -> None:
    done = run(settings, "person", "show", "per_none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1
