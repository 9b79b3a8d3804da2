"""`hub import`: good rows come in, bad ones are told by line, and nothing comes in twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from hub.accounts import organizations
from hub.accounts.organizations import NewOrganization
from hub.cli import main
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Act, JournalRow, Organization, Story, Version
from hub.records import journal
from tests.builders import a_story

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def two_organizations(database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        for code in ("nghe-ca", "phu-nu"):
            organizations.add(session, NewOrganization(code=code, name=code, kind="cong_doan"), now=clock.now())


def run(settings: Settings, *words: str | Path, sent: bytes | None = None) -> Result:
    """`hub …` with these settings."""
    return CliRunner().invoke(main, [str(word) for word in words], env=environment(settings), input=sent)


def environment(settings: Settings) -> dict[str, str]:
    return {
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base_url,
    }


def a_row(place: int, **changes: Any) -> dict[str, Any]:
    return {"organization": "nghe-ca", "id": f"row-{place}", **a_story(title=f"Bài {place}"), **changes}


def write(path: Path, rows: Iterable[Any]) -> Path:
    path.write_bytes(b"".join(_line(row) + b"\n" for row in rows))
    return path


def _line(row: Any) -> bytes:
    return row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()


def told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_rows_come_in_as_stories_of_their_organization(settings: Settings, database: Database, tmp_path: Path) -> None:
    rows = [a_row(1), a_row(2, organization="phu-nu", state="draft"), a_row(3, state="submitted")]
    done = run(settings, "import", write(tmp_path / "rows.jsonl", rows))
    assert (done.exit_code, done.stdout) == (0, "new 3, changed 0, known 0, refused 0\n")
    with database.reading() as session:
        query = select(Story.external_id, Organization.code, Story.state, Story.latest).join(Organization)
        assert sorted(session.execute(query).all()) == [
            ("row-1", "nghe-ca", "submitted", 1),
            ("row-2", "phu-nu", "draft", 1),
            ("row-3", "nghe-ca", "submitted", 1),
        ]
        act = session.scalars(select(Act)).first()
        assert act is not None
        assert (act.actor_kind, act.actor_name, act.kind) == ("contributor", "nghe-ca", "submit")
        assert list(journal.list_breaks(session)) == []


def test_the_option_names_the_organization_of_rows_that_do_not(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    silent = {name: value for name, value in a_row(1).items() if name != "organization"}
    file = write(tmp_path / "rows.jsonl", [silent, a_row(2)])
    done = run(settings, "import", file, "--organization", "phu-nu")
    assert done.exit_code == 0, done.output
    with database.reading() as session:
        rows = session.execute(select(Story.external_id, Organization.code).join(Organization)).all()
    assert sorted(rows) == [("row-1", "phu-nu"), ("row-2", "nghe-ca")]
    assert run(settings, "import", file, "--report", tmp_path / "report").exit_code == 3
    assert [row["error"] for row in told(tmp_path / "report")] == ["import_names_no_organization"]


def test_good_rows_come_in_and_bad_ones_are_told_by_line(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    upload = {"kind": "picture", "upload": "med_" + "u" * 22, "alt": "a", "caption": "c", "credit": "d"}
    rows: list[Any] = [
        a_row(1),
        a_row(2, title=""),  # 2
        b'{"id": "x", "title": NaN}',  # 3
        b"",
        b'{"id": "x", "id": "y"}',  # 5
        b"not json",  # 6
        b"[1, 2]",  # 7
        b"[" * 100_000,  # 8
        b'{"id": "\xff"}',  # 9
        a_row(10, organization="nobody"),  # 10
        a_row(11, organization=7),  # 11
        a_row(12, id="st_nobody"),  # 12
        a_row(13, id="không hợp lệ"),  # 13
        a_row(14, id=14),  # 14
        a_row(15, media=[upload]),  # 15: found out inside the transaction
        a_row(16, body={"html": "<script>alert(1)</script>"}),  # 16
        a_row(17, surprise=1),  # 17
        b'{"title": "' + b"x" * (3 * MEGABYTE) + b'"}',  # 18
        a_row(19, id="row-1", title="Bài 1 khác đi"),  # 19: says otherwise than line 1
        {"organization": "nghe-ca", "id": "row-20", "story": a_story()},  # 20: not the plain form
        a_row(21),
        a_row(22, organization="nghe-ca\x00"),  # 22
    ]
    done = run(settings, "import", write(tmp_path / "rows.jsonl", rows), "--report", tmp_path / "report")
    assert (done.exit_code, done.stdout) == (3, "new 2, changed 0, known 0, refused 19\n")
    report = told(tmp_path / "report")
    assert [row["line"] for row in report] == [2, 3, *range(5, 21), 22]
    assert {row["file"] for row in report} == {str(tmp_path / "rows.jsonl")}
    errors = {row["line"]: row for row in report}
    assert errors[2]["errors"][0]["pointer"] == "/title"
    assert [errors[line]["code"] for line in (3, 5, 6, 8, 9, 18)] == [
        "not_a_number", "duplicate_key", "not_json", "too_deep", "not_utf8", "too_large",
    ]  # fmt: skip
    assert "Content-Type" not in (tmp_path / "report").read_text(encoding="utf-8")
    assert (errors[6]["error"], errors[6]["errors"][0]["code"]) == ("import_row_unreadable", "not_json")
    assert errors[7]["error"] == "import_row_unreadable"  # JSON, and no object
    (fault,) = errors[15]["errors"]
    assert (fault["pointer"], fault["code"]) == ("/media/0/upload", "unknown_upload")
    assert [errors[line]["error"] for line in (10, 12, 13, 19)] == [
        "not_found", "not_found", "bad_external_id", "import_repeats_id",
    ]  # fmt: skip
    with database.reading() as session:
        assert sorted(session.scalars(select(Story.external_id))) == ["row-1", "row-21"]
        assert session.scalars(select(Version.number)).all() == [1, 1]
        assert list(journal.list_breaks(session)) == []


def test_without_a_report_bad_rows_are_told_on_stderr(settings: Settings, tmp_path: Path) -> None:
    done = run(settings, "import", write(tmp_path / "rows.jsonl", [b"{", a_row(1)]))
    assert done.exit_code == 3
    assert json.loads(done.stderr.splitlines()[0])["line"] == 1


def test_running_it_again_adds_nothing(settings: Settings, database: Database, tmp_path: Path) -> None:
    silent = {name: value for name, value in a_row(1).items() if name != "id"}
    rows = [silent, silent, *(a_row(place) for place in range(2, 150)), a_row(150, title="")]
    file = write(tmp_path / "rows.jsonl", rows)
    assert run(settings, "import", file).stdout == "new 149, changed 0, known 1, refused 1\n"
    before = [count(database, table) for table in (Story, Version, Act, JournalRow)]
    again = run(settings, "import", file, file)
    assert (again.exit_code, again.stdout) == (3, "new 0, changed 0, known 152, refused 150\n")
    assert [count(database, table) for table in (Story, Version, Act, JournalRow)] == before


def test_a_changed_row_becomes_a_new_version(settings: Settings, database: Database, tmp_path: Path) -> None:
    run(settings, "import", write(tmp_path / "rows.jsonl", [a_row(1), a_row(2)]))
    done = run(settings, "import", write(tmp_path / "rows.jsonl", [a_row(1, title="Bài 1, sửa"), a_row(2)]))
    assert done.stdout == "new 0, changed 1, known 1, refused 0\n"
    with database.reading() as session:
        own = session.scalar(select(Story.id).where(Story.external_id == "row-2"))
    done = run(settings, "import", write(tmp_path / "rows.jsonl", [a_row(2, id=own, title="Bài 2, sửa")]))
    assert done.stdout == "new 0, changed 1, known 0, refused 0\n"
    foreign = a_row(2, id=own, organization="phu-nu", title="Của người khác")
    assert run(settings, "import", write(tmp_path / "rows.jsonl", [foreign])).exit_code == 3


def test_a_row_without_an_id_is_the_same_story_when_only_its_state_moves_on(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    silent = {name: value for name, value in a_row(1, state="draft").items() if name != "id"}
    done = run(settings, "import", write(tmp_path / "rows.jsonl", [silent]))
    assert "1 rows without an id" in done.stderr
    shuffled = dict(reversed({**silent, "state": "submitted"}.items()))
    run(settings, "import", write(tmp_path / "rows.jsonl", [shuffled]))
    with database.reading() as session:
        assert session.execute(select(Story.state, Story.latest)).all() == [("submitted", 1)]


def test_lines_may_end_as_they_like(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + _line(a_row(1)) + b"\r\n\r\n  \n" + _line(a_row(2)))
    assert run(settings, "import", file).stdout == "new 2, changed 0, known 0, refused 0\n"
    assert run(settings, "import", "-", sent=_line(a_row(3))).stdout == "new 1, changed 0, known 0, refused 0\n"


def test_a_fault_in_our_own_code_keeps_only_its_row_out(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.intake import submissions

    prepare = submissions.prepare

    def stumble(document: Any) -> submissions.Prepared:
        if document["title"] == "Bài 2":
            raise ZeroDivisionError
        return prepare(document)

    monkeypatch.setattr(submissions, "prepare", stumble)
    file = write(tmp_path / "rows.jsonl", [a_row(1), a_row(2), a_row(3)])
    done = run(settings, "import", file, "--report", tmp_path / "report")
    assert done.stdout == "new 2, changed 0, known 0, refused 1\n"
    assert [(row["line"], row["error"]) for row in told(tmp_path / "report")] == [(2, "unexpected")]


def test_a_report_that_cannot_be_written_is_said_before_anything_comes_in(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    file = write(tmp_path / "rows.jsonl", [a_row(1)])
    done = run(settings, "import", file, "--report", tmp_path / "nowhere" / "report")
    assert done.exit_code == 1
    assert count(database, Story) == 0


def start(settings: Settings, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hub", *words]
    env = {**os.environ, **environment(settings)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env)


def test_an_import_killed_in_the_middle_can_be_run_again(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    rows = [a_row(place) for place in range(400)]
    rows[150] = a_row(150, title="")  # its report tells us that the second batch is committed
    file = write(tmp_path / "rows.jsonl", rows)
    child = start(settings, "import", "-")
    assert child.stdin is not None
    assert child.stderr is not None
    lines = file.read_bytes().splitlines(keepends=True)
    child.stdin.write(b"".join(lines[:250]))
    child.stdin.flush()
    assert json.loads(child.stderr.readline())["line"] == 151
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert count(database, Story) == 199  # the third batch was open, and is gone
    done = run(settings, "import", file)
    assert done.stdout == "new 200, changed 0, known 199, refused 1\n"
    assert count(database, Story) == count(database, Version) == count(database, Act) == 399
    with database.reading() as session:
        assert list(journal.list_breaks(session)) == []


MEASURED = """
import sys
from pathlib import Path
from hub.cli import main
try:
    main(sys.argv[1:], prog_name="hub")
finally:
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


def measure(settings: Settings, file: Path) -> tuple[bytes, int]:
    """Stdout and peak memory (MB) of an import; ru_maxrss will not do, it counts the process that started it, too."""
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is measured by /proc")
    command = [sys.executable, "-c", MEASURED, "import", str(file)]
    done = subprocess.run(command, env={**os.environ, **environment(settings)}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, int(done.stderr.split()[-1]) // 1024


@pytest.mark.parametrize(
    ("rows", "settings"),
    [
        pytest.param(500, "sqlite", id="500"),
        pytest.param(10_000, "sqlite", id="10000", marks=pytest.mark.slow),
    ],
    indirect=["settings"],
)
def test_an_import_stays_under_200_megabytes(settings: Settings, tmp_path: Path, rows: int) -> None:
    body = {"html": "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.</p>" * 40}
    file = write(tmp_path / "rows.jsonl", (a_row(place, body=body) for place in range(rows)))
    told, megabytes = measure(settings, file)
    assert told == f"new {rows}, changed 0, known 0, refused 0\n".encode()
    assert megabytes < 200


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_import_of_the_largest_rows_stays_under_200_megabytes(settings: Settings, tmp_path: Path) -> None:
    body = {"text": "Đá Lau. " * 24_000}
    file = write(tmp_path / "rows.jsonl", (a_row(place, body=body) for place in range(60)))
    told, megabytes = measure(settings, file)
    assert told == b"new 60, changed 0, known 0, refused 0\n"
    assert megabytes < 200
