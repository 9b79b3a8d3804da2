"""`hub outlet` and `hub agency`, as operators use them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.clock import FixedClock, SystemClock, local_day
from hub.config import Settings
from tests.builders import a_channel, a_story
from tests.outlets.mergers import Weekly, weekly

__all__ = ["weekly"]


@pytest.fixture
def hub(settings: Settings, weekly: Weekly):  # type: ignore[no-untyped-def]
    """Run a command on the database of the small province."""

    def run(*command: str) -> Result:
        env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, "LANG": "en"}
        return CliRunner().invoke(main, command, env=env)

    return run


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())  # the commands look at the real one


def test_a_file_of_outlets_that_is_no_json_is_told_in_the_language_of_the_run(
    settings: Settings, weekly: Weekly, tmp_path: Path
) -> None:
    file = tmp_path / "outlets.json"
    for body, told in ((b"{]", "(thiếu tên mục trong ngoặc kép)"), (b"\xff", "UTF-8")):
        file.write_bytes(body)
        env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, "LANG": "vi"}
        done = CliRunner().invoke(main, ["outlet", "load", str(file)], env=env)
        assert (done.exit_code, told in done.stderr) == (1, True), done.stderr


def test_a_file_of_outlets_is_previewed_and_nothing_is_saved(hub, weekly: Weekly, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    weekly.world.release(a_story(title="Xanh", topics=["bao_ve_moi_truong"]), external_id="a", channels=["public/all"])
    weekly.world.release(a_story(title="Khác"), external_id="b", channels=["public/all"])
    channel = a_channel("new", "Mới", selection={"topics": ["bao_ve_moi_truong"]})
    file = tmp_path / "outlets.json"
    file.write_text(
        json.dumps({"outlets": [{"code": "public", "kind": "public", "name": "Cổng", "channels": [channel]}]})
    )
    done = hub("outlet", "preview", str(file))
    (line,) = done.stdout.splitlines()
    assert [*line.split("\t")[:2], *line.split("\t")[4:]] == [*("public/new", "+", "topics: bao_ve_moi_truong", "Xanh")]
    assert done.stderr == "public/new: 1 new, 0 there already, 1 kept out in 90 days\n"
    both = hub("outlet", "preview", "--all", str(file)).stdout
    assert ["\t-\t" in both, "\ttopics\tKhác\n" in both] == [True, True]
    assert "public/new" not in hub("outlet", "list").stdout
    file.write_text(json.dumps({"outlets": [{"code": "public"}]}))
    assert (hub("outlet", "preview", str(file)).exit_code, hub("outlet", "preview", "none.json").exit_code) == (1, 2)


def test_an_outlet_merges_by_a_command_and_lists_tell_of_it(hub, weekly: Weekly) -> None:  # type: ignore[no-untyped-def]
    weekly.world.release(channels=["weekly/notes"])
    today = local_day(SystemClock().now())
    said = ("--on", str(today), "--decision", "31-QĐ/TU")
    early = hub("outlet", "merge", "weekly", "--into", "newspaper", "--on", str(today + timedelta(days=2)), *said[2:])
    assert (early.exit_code, early.stdout) == (1, "")
    assert early.stderr.startswith("hub: ")
    nameless = hub("outlet", "merge", "weekly", "--into", "newspaper", *said[:2], "--decision", "")
    assert (nameless.exit_code, "/decision" in nameless.stderr) == (1, True)
    assert hub("outlet", "merge", "weekly", "--into", "tv", "--channel", "notes", *said).exit_code == 2
    done = hub("outlet", "merge", "weekly", "--into", "newspaper", "--channel", "notes=column", *said)
    assert (done.exit_code, done.stdout) == (0, "weekly/notes\tnewspaper/column\t1\t0\n")
    assert "weekly" not in hub("outlet", "list").stdout
    assert "weekly" not in hub("outlet", "list", "--as-of", str(today)).stdout
    assert f"{today}\tmerge\tweekly\tnewspaper\t31-QĐ/TU\n" in hub("outlet", "history", "weekly").stdout
    again = hub("outlet", "merge", "weekly", "--into", "tv", *said)
    assert (again.exit_code, "weekly" in again.stderr) == (1, True)


def test_agencies_are_renamed_merged_and_closed_by_commands(hub, weekly: Weekly) -> None:  # type: ignore[no-untyped-def]
    tomorrow = local_day(SystemClock().now()) + timedelta(days=1)
    said = ("--on", str(tomorrow), "--decision", "32-QĐ/TU")
    assert hub("agency", "list").stdout == "bao-hai-son\tnewspaper,tv\tBáo Hải Sơn\nbao-tuan\tweekly\tBáo Tuần\n"
    assert hub("outlet", "move", "weekly", "bao-hai-son", *said).exit_code == 0
    assert hub("outlet", "rename", "tv", "Đài Hải Sơn", *said).exit_code == 0
    assert hub("agency", "rename", "bao-hai-son", "Báo và Đài Hải Sơn", *said).exit_code == 0
    owning = hub("agency", "close", "bao-hai-son", *said)
    assert (owning.exit_code, "newspaper, tv" in owning.stderr) == (1, True)
    assert hub("agency", "merge", "bao-tuan", "--into", "bao-hai-son", *said).exit_code == 0
    then = hub("agency", "list", "--as-of", str(tomorrow)).stdout
    assert then == "bao-hai-son\tnewspaper,tv,weekly\tBáo và Đài Hải Sơn\n"
    assert "tv/segment\ttelevision\tbao-hai-son\tĐài Hải Sơn" in hub("outlet", "list", "--as-of", str(tomorrow)).stdout
    assert hub("agency", "history", "bao-tuan").stdout.endswith(f"{tomorrow}\tmerge\tbao-tuan\tbao-hai-son\t32-QĐ/TU\n")
    today = str(tomorrow - timedelta(days=1))
    assert hub("outlet", "close", "tv", "--on", today, "--decision", "33-QĐ/TU").exit_code == 1  # a name lies ahead
    assert hub("outlet", "close", "weekly", "--on", str(tomorrow), "--decision", "33-QĐ/TU").exit_code == 1
