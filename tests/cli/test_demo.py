"""`hub demo`: one at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import main
from hub.demo import province


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
