"""`hub verify`, `check`, `backup`, `restore`, `publish`: data on stdout, notes on stderr, a status that says it all."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from hub.cli import main
from hub.clock import FixedClock, SystemClock
from hub.config import Settings
from hub.db import Database
from hub.models import Channel, Document, Lease, Listing, Setting
from hub.records import clock_trust
from tests.builders import World, a_picture, a_story

FORMATS = ("rss", "atom", "json", "ninjs")


def run(settings: Settings, *words: str | Path, **changes: str) -> Result:
    """`hub …` with these settings, and `changes` in the environment."""
    env = {
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base_url,
        **changes,
    }
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


@pytest.fixture
def released(world: World) -> World:
    """A province with one released story and its picture."""
    upload = world.fishers.upload(a_picture(600, 400)).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến", "caption": "Bến", "credit": "Hòa"}
    world.release(a_story(media=[picture]))
    return world


# verify


def test_verify_counts_what_is_sound(released: World, settings: Settings) -> None:
    assert released.reader.get("/feeds/public/all.rss").status_code == 200
    done = run(settings, "verify")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("verified: 1 stories, 1 versions, 3 acts, 12 journal rows, 4 channels, ")
    assert len(done.stdout.splitlines()) == 1


def test_verify_tells_each_fault_on_a_line(released: World, settings: Settings, database: Database) -> None:
    assert released.reader.get("/feeds/public/all.rss").status_code == 200
    with database.writing() as session:
        session.scalars(select(Document)).one().body += b" "
        session.execute(update(Channel).where(Channel.code == "column").values(head=9))
    done = run(settings, "verify")
    assert done.exit_code == 1
    assert "ledger newspaper/column: ends at 1, head is 9" in done.stdout.splitlines()
    assert "verified" not in done.stdout
    assert "3 faults" in done.stderr  # the document's digest and its bytes, too


@pytest.mark.parametrize("command", ["verify", "import", "publish"])
def test_without_a_database_it_is_said_what_to_do(tmp_path: Path, command: str) -> None:
    (tmp_path / "rows").write_text("")
    more = {"import": [tmp_path / "rows"], "publish": [tmp_path / "site"]}.get(command, [])
    done = run(Settings(data=tmp_path), command, *more)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "hub init" in done.stderr


# check


def test_check_is_content_with_a_hub_at_work(world: World, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        session.add(Lease(name="worker", holder="somebody", until=SystemClock().now() + timedelta(seconds=30)))
    done = run(settings, "check")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-4:] == ["data: ok", "database: ok", "clock: ok", "worker: ok"]
    assert "HUB_BASE_URL=https://hub.example" in done.stdout.splitlines()


def test_check_says_what_fails(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        session.add(Setting(name=clock_trust.FAULT, value="jumped by 90 s"))
    done = run(settings, "check")
    assert done.exit_code == 1
    assert "clock: jumped by 90 s" in done.stdout
    assert "worker: no worker is at work: " in done.stdout


def test_check_never_shows_a_secret(tmp_path: Path) -> None:
    address = "postgresql://hub:geheim@127.0.0.1:1/hub?password=geheim2&sslmode=disable"
    changes = {"HUB_DATABASE_URL": address, "HUB_METRICS_KEY": "geheim3"}
    done = run(Settings(data=tmp_path), "check", **changes)
    assert done.exit_code == 1
    assert "geheim" not in done.output
    assert "HUB_METRICS_KEY=(set)" in done.stdout
    assert "HUB_DATABASE_URL=postgresql://hub:***@127.0.0.1:1/hub" in done.stdout


# backup and restore


def test_a_backup_moves_a_hub(released: World, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "hub.tar.gz"
    made = run(settings, "backup", file)
    assert made.exit_code == 0, made.output
    assert made.stdout == f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file}\n"
    target = Settings(data=tmp_path / "new" / "place", base_url=settings.base_url)
    done = run(target, "restore", file)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("verified: 1 stories, 1 versions, 3 acts, ")
    assert run(target, "restore", file).exit_code == 1  # never over something


def test_a_backup_replaces_nothing_unasked(released: World, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "hub.tar"
    file.write_text("kept")
    done = run(settings, "backup", file)
    assert (done.exit_code, done.stdout, file.read_text()) == (1, "", "kept")
    assert "--force" in done.stderr
    assert run(settings, "backup", file, "--force").exit_code == 0
    assert file.stat().st_size > 10_000


def test_a_backup_without_a_picture_is_written_and_says_so(released: World, settings: Settings, tmp_path: Path) -> None:
    picture = next(path for path in settings.media_folder.rglob("*") if path.is_file())
    picture.unlink()
    done = run(settings, "backup", tmp_path / "hub.tar")
    assert done.exit_code == 1
    assert f"picture {picture.name}: is missing or damaged" in done.stderr
    assert (tmp_path / "hub.tar").exists()
    target = Settings(data=tmp_path / "new", base_url=settings.base_url)
    restored = run(target, "restore", tmp_path / "hub.tar")
    assert (restored.exit_code, restored.stdout) == (1, f"picture {picture.name}: is missing\n")


@pytest.mark.parametrize("file", ["nowhere/hub.tar", "data"])
def test_a_backup_that_cannot_be_written_says_so(settings: Settings, tmp_path: Path, file: str) -> None:
    done = run(settings, "backup", tmp_path / file)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)


def test_a_spoilt_backup_is_refused_and_nothing_touched(released: World, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "hub.tar"
    assert run(settings, "backup", file).exit_code == 0
    file.write_bytes(file.read_bytes().replace(b'"nghe-ca"', b'"nghe-cA"'))
    done = run(Settings(data=tmp_path / "new"), "restore", file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert isinstance(done.exception, SystemExit)
    assert not (tmp_path / "new").exists()


# publish


def test_published_files_are_what_the_server_gives(released: World, settings: Settings, tmp_path: Path) -> None:
    site = tmp_path / "site"
    done = run(settings, "publish", site)
    assert done.exit_code == 0, done.output
    paths = [f"feeds/public/{channel}.{form}" for channel in ("all", "green") for form in FORMATS]
    assert sorted(done.stdout.splitlines()) == sorted(paths)
    assert sorted(str(path.relative_to(site)) for path in site.rglob("*.*")) == sorted(paths)
    for path in paths:
        assert (site / path).read_bytes() == released.reader.get(f"/{path}").data, path
        assert (site / path).stat().st_mode & 0o777 == 0o644
    assert len(json.loads((site / "feeds/public/all.json").read_bytes())["items"]) == 1


def test_publishing_again_writes_only_what_changed(
    released: World, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    assert "8 feeds, 8 written, 0 removed" in run(settings, "publish", site).stderr
    assert "8 feeds, 0 written, 0 removed" in run(settings, "publish", site).stderr
    clock.forward(timedelta(seconds=1))
    released.release(a_story(title="Bài thứ hai"), external_id="two")
    assert "8 feeds, 4 written, 0 removed" in run(settings, "publish", site).stderr
    assert (site / "feeds/public/all.atom").read_bytes() == released.reader.get("/feeds/public/all.atom").data


def test_a_channel_that_is_public_no_more_is_taken_down(
    released: World, settings: Settings, database: Database, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    run(settings, "publish", site)
    (site / "feeds/public/readme.txt").write_text("kept")
    (site / "feeds/gone").mkdir()
    (site / "feeds/gone/channel.rss").write_text("of an outlet that is gone")
    with database.writing() as session:
        session.execute(update(Channel).where(Channel.code == "all").values(audience="outlet"))
    done = run(settings, "publish", site)
    assert done.exit_code == 0
    assert "4 feeds, 0 written, 5 removed" in done.stderr
    left = sorted(str(path.relative_to(site)) for path in site.rglob("*.*"))
    assert left == [*(f"feeds/public/green.{form}" for form in sorted(FORMATS)), "feeds/public/readme.txt"]


def test_a_failed_publication_leaves_the_older_file_whole(
    released: World, settings: Settings, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    run(settings, "publish", site)
    before = {path: path.read_bytes() for path in site.rglob("*.*")}
    clock.forward(timedelta(seconds=1))
    released.release(a_story(title="Bài thứ hai"), external_id="two")

    def fail(_path: Path, _goal: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    done = run(settings, "publish", site)
    assert done.exit_code == 1
    assert "No space left" in done.stderr
    assert {path: path.read_bytes() for path in site.rglob("*.*")} == before


def test_a_backup_that_cannot_be_written_names_what_was_asked_for(world: World, settings: Settings) -> None:
    goal = settings.data / "nowhere" / "hub.tar"
    done = run(settings, "backup", goal)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"hub: {goal}: No such file or directory\n"


# reindex


def test_reindex_lists_every_public_story_anew(released: World, settings: Settings, database: Database) -> None:
    released.release(a_story(title="Chỉ cho báo"), external_id="two", channels=["newspaper/column"])
    released.reader.get("/stories")
    with database.writing() as session:
        session.execute(update(Listing).values(revision=77))
    assert "Người giữ bến" not in released.reader.get("/search?q=ben").text
    assert "listing of" in run(settings, "verify").output
    done = run(settings, "reindex")
    assert (done.exit_code, done.stdout) == (0, "1\n")
    assert "Người giữ" in released.reader.get("/search?q=ben").text
    assert run(settings, "verify").exit_code == 0
