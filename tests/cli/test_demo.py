"""`hub demo`: one at a time in a folder, and what it shows on the terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from hub.cli import demo_tables, main
from hub.cli.serving import free_port, wait_for_port
from hub.demo import province
from tests.serving import wait_until

IN_ENGLISH = {**os.environ, "LANG": "en_US.UTF-8", "LANGUAGE": "en"}


def test_a_second_demo_in_a_folder_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "export BASE=http://127.0.0.1:9\n"
    (tmp_path / "demo.env").write_text(said)
    monkeypatch.setattr(province, "is_foreign", lambda _: False)
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        done = CliRunner().invoke(main, ["demo", "--once", "--data", str(tmp_path)], env={"LANG": "en"})
        told = f"A demo is at work in {tmp_path} already; end it, or choose another --data. (http://127.0.0.1:9)"
        assert (done.exit_code, told in done.stderr) == (1, True), done.output
    finally:
        os.close(lock)
    assert [path.name for path in tmp_path.iterdir()] == ["demo.env"]
    assert (tmp_path / "demo.env").read_text() == said


def demo(folder: Path, port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "hub", "demo", "--data", str(folder), "--port", str(port), *more]


def test_a_demo_whose_port_is_taken_says_so_and_tells_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(demo(tmp_path, port), env=IN_ENGLISH, capture_output=True, text=True, check=False)
    assert (done.returncode, f"Cannot listen on 127.0.0.1:{port}" in done.stderr) == (1, True), done.stderr
    assert done.stdout == ""


def test_a_demo_that_was_killed_leaves_its_port_and_goes_on(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    with subprocess.Popen(demo(tmp_path, port), env=IN_ENGLISH, stdout=subprocess.DEVNULL) as first:
        wait_until((tmp_path / "demo.env").exists, 120, lambda: "it never told its keys")
        first.kill()
    wait_for_port("127.0.0.1", port)  # its server has noticed
    done = subprocess.run(
        demo(tmp_path, port, "--once", "--json"), env=IN_ENGLISH, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["base_url"] == f"http://127.0.0.1:{port}"


def printed(table: Table) -> list[str]:
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(table)
    return [" ".join(re.split(r"\s*[│┃]\s*", line.strip())) for line in console.export_text().splitlines()]


@pytest.mark.parametrize(
    ("language", "title", "kind"),
    [
        ("vi_VN.UTF-8", "Kịch bản “Giao lưu”, lên sóng lúc 19:30 16/12/2026", "Giao lưu"),
        ("en_US.UTF-8", "Rundown of “Giao lưu”, on air at 19:30 16 Dec 2026", "Talk"),
    ],
)
def test_the_rundown_is_told_in_words(monkeypatch: pytest.MonkeyPatch, language: str, title: str, kind: str) -> None:
    monkeypatch.setenv("LANG", language)
    first = {"number": 1, "kind": "lead_in", "title": "Dẫn", "planned_seconds": 60}
    second = {"number": 2, "kind": "talk", "title": "Hỏi", "planned_seconds": 600, "guests": [7]}
    segment = {
        "title": "Giao lưu",
        "starts_at": "2026-12-16T12:30:00Z",
        "guests": [{"id": 7, "name": "Trần Bá Khơi"}],
        "rundown": {
            "items": [
                {**first, "starts_at": "2026-12-16T12:30:00Z"},
                {**second, "starts_at": "2026-12-16T12:31:00Z"},
            ]
        },
    }
    lines = printed(demo_tables.rundown(segment))
    assert lines[0] == title
    assert lines[-1] == f"2 19:31:00 600 {kind} Hỏi Trần Bá Khơi"


def test_the_pick_ups_are_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    nothing = {"used_on": None, "time": None, "place": "", "url": None, "reason": "", "title": "Bài"}
    told = [
        {
            **nothing,
            "outlet": "tv",
            "use": "aired",
            "used_on": "2026-11-23",
            "time": "19:30",
            "place": "Tối",
        },
        {**nothing, "outlet": "newspaper", "use": "declined", "reason": "Trùng địa bàn."},
        {**nothing, "outlet": "tv", "use": "planned", "place": "Giao lưu", "time": "19:45"},
        {**nothing, "outlet": "newspaper", "use": "printed", "used_on": "2026-11-22", "place": "Trang 3"},
    ]
    assert printed(demo_tables.uses(told))[-4:] == [
        "tv Đã phát 19:30 23/11/2026 Tối Bài",
        "newspaper Không dùng - Trùng địa bàn. Bài",
        "tv Dự kiến dùng - Giao lưu, 19:45 Bài",
        "newspaper Đã in 22/11/2026 Trang 3 Bài",
    ]
