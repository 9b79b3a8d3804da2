"""What `hub import` takes of memory and CPU for many stories of 6 KB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from hub.accounts import organizations
from hub.accounts.organizations import NewOrganization
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from tests.bench.measuring import Line
from tests.bench.processes import environment, peak_bytes
from tests.bench.worlds import a_sized_story, settings_of_new_hub

WANTED_MEGABYTES = 200
STORIES = 10_000
QUICK_STORIES = 100
LOOK_SECONDS = 0.02
ORGANIZATION = "nghe-ca"
MEGABYTE = 1024 * 1024


def measure(*, quick: bool) -> list[Line]:
    count = QUICK_STORIES if quick else STORIES
    with settings_of_new_hub() as settings:
        _add_organization(settings)
        peak, seconds = _import(settings, _write_stories(settings.data / "stories.jsonl", count))
    return [
        Line(
            measure=f"hub import of {count:,} stories",
            ours=peak / MEGABYTE,
            unit="MB",
            beside="peak of resident memory",
            limit=WANTED_MEGABYTES,
        ),
        Line(measure="hub import, each story", ours=seconds / count * 1000, beside="CPU, with starting and commits"),
    ]


def _import(settings: Settings, file: Path) -> tuple[int, float]:
    """The peak of the command's resident memory, and its CPU seconds."""
    command = [sys.executable, "-m", "hub", "import", str(file), "--organization", ORGANIZATION]
    notes = settings.data / "import.log"
    peak = 0
    with notes.open("wb") as log:
        child = subprocess.Popen(command, env=environment(settings), stdout=log, stderr=log)
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, peak_bytes(child.pid))
            time.sleep(LOOK_SECONDS)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"hub import ended with {child.returncode}:\n{notes.read_text()[-2000:]}")
    return peak, usage.ru_utime + usage.ru_stime


def _write_stories(file: Path, count: int) -> Path:
    with file.open("wb") as lines:
        for number in range(count):
            row = {"organization": ORGANIZATION, "id": f"row-{number}", **a_sized_story(number)}
            lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return file


def _add_organization(settings: Settings) -> None:
    database = Database(make_engine(settings.database))
    with database.writing() as session:
        new = NewOrganization(code=ORGANIZATION, name="Nghiệp đoàn nghề cá Bến Lau", kind="cong_doan")
        organizations.add(session, new, now=SystemClock().now())
    database.engine.dispose()
