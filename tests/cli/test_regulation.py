"""`hub regulation` and `hub duties`: data on stdout, notes on stderr, every fault by its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.records import journal
from hub.regulation.edition import editions


def run(settings: Settings, *words: str | Path, LANG: str = "en_US.UTF-8") -> Result:  # noqa: N803
    env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, "LANG": LANG}
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The default regulation as a file that can be changed."""
    path = tmp_path / "quy-che.json"
    path.write_text(editions.default_text(), encoding="utf-8")
    return path


def test_a_sound_file_is_told_in_one_line(settings: Settings, file: Path) -> None:
    done = run(settings, "regulation", "check", file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "08-QC/TU, 49 clauses" in done.stdout
    assert run(settings, "regulation", "check", "--default").exit_code == 0


def test_every_fault_is_told_by_its_line_and_pointer(settings: Settings, file: Path) -> None:
    said = file.read_text(encoding="utf-8").replace('"working_days": 3', '"working_days": 0', 1)
    file.write_text(said.replace('"act": "approve"', '"act": "applaud"', 1), encoding="utf-8")
    done = run(settings, "regulation", "check", file)
    assert done.exit_code == 1
    lines = [line.split(": ")[:2] for line in done.stdout.splitlines()]
    wanted = [number for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)]
    assert [pointer.rpartition("/")[2] for _, pointer in lines] == ["working_days", "act"]
    for place, _ in lines:
        assert int(place.rpartition(":")[2]) in wanted
    assert done.output.startswith(done.stderr)  # it says that the faults follow


def test_an_unknown_refusal_is_a_fault_and_a_missing_one_a_warning(settings: Settings, file: Path) -> None:
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace('"refuses": ["no_consent"]', '"refuses": ["nonsense"]'), encoding="utf-8")
    done = run(settings, "regulation", "check", file)
    line = next(n for n, each in enumerate(whole.splitlines(), 1) if '["no_consent"]' in each)
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{file}:{line}: /chapters/")
    assert "/refuses/0: Clause 18, paragraph 2: “nonsense” is no refusal that the hub knows." in done.stdout
    file.write_text(whole.replace('"refuses": ["no_consent"]', '"refuses": ["no_guest"]'), encoding="utf-8")
    told = "no clause stands for these refusals, they will name none: no_consent\n"
    for words in (("check",), ("adopt",)):
        done = run(settings, "regulation", *words, file)
        assert (done.exit_code, done.stderr) == (0, told)


def test_a_fault_calls_its_place_by_clause_and_paragraph(settings: Settings, file: Path) -> None:
    def told(change: Callable[[dict[str, Any]], object]) -> str:
        document = json.loads(editions.default_text())
        change(document["chapters"][1]["clauses"][3]["rules"][0])
        file.write_text(json.dumps(document), encoding="utf-8")
        done = run(settings, "regulation", "check", file, LANG="vi")
        assert done.exit_code == 1
        return done.stdout.partition(": /chapters/1/clauses/3/rules/0/")[2].partition(": ")[2]

    assert told(lambda rule: rule["deadline"].update(working_days="ba")).startswith(
        "“Điều 10, khoản 1 › Thời hạn › Ngày làm việc” cần ghi bằng chữ số"
    )
    early = told(lambda rule: rule.update(reminders=[{"days": 30}]))
    assert early == "Điều 10, khoản 1: Không thể nhắc trước 30 ngày khi thời hạn chỉ có 3 ngày làm việc.\n"
    assert told(lambda rule: rule.update(refuses=["x_y"])).startswith("Điều 10, khoản 1: “x_y” không phải")


def test_what_is_no_json_is_told_by_its_line_too(settings: Settings, file: Path) -> None:
    file.write_text('{\n"number": 1,\n}', encoding="utf-8")
    done = run(settings, "regulation", "check", file)
    assert (done.exit_code, ":2: " in done.stdout or ":3: " in done.stdout) == (1, True)


def test_an_edition_is_adopted_compared_listed_and_shown(settings: Settings, file: Path) -> None:
    assert run(settings, "regulation", "diff", file).exit_code == 1  # nothing to compare with yet
    done = run(settings, "regulation", "adopt", "--default")
    assert done.stdout.split("\t")[:2] == ["1", "08-QC/TU"]
    document = json.loads(file.read_text(encoding="utf-8"))
    document["chapters"][1]["clauses"][3]["rules"][0]["deadline"] = {"working_days": 4}
    file.write_text(json.dumps(document), encoding="utf-8")
    told = "rules\t10\tparagraph 1, Deadline: 3 working days → 4 working days\n"
    assert run(settings, "regulation", "diff", file).stdout == told
    assert run(settings, "regulation", "diff", "--default").stdout == ""
    tomorrow = (SystemClock().now() + timedelta(days=2)).date().isoformat()
    assert run(settings, "regulation", "adopt", file, "--from", tomorrow).exit_code == 0
    words = [line.split("\t")[3] for line in run(settings, "regulation", "list").stdout.splitlines()]
    assert words == ["in force", "to come"]
    assert run(settings, "regulation", "show").stdout == editions.default_text()
    later = (SystemClock().now() + timedelta(days=9)).date().isoformat()
    assert json.loads(run(settings, "regulation", "show", "--as-of", later).stdout) == document


def test_a_refused_file_is_not_adopted(settings: Settings, file: Path) -> None:
    file.write_text("{}", encoding="utf-8")
    assert run(settings, "regulation", "adopt", file).exit_code == 1
    assert run(settings, "regulation", "adopt", "--default", "--from", "2020-01-01").exit_code == 1
    assert run(settings, "regulation", "list").stdout == ""
    assert run(settings, "regulation", "show").exit_code == 1


def test_exactly_one_text_has_to_be_named(settings: Settings, file: Path) -> None:
    assert run(settings, "regulation", "check").exit_code == 2
    assert run(settings, "regulation", "check", file, "--default").exit_code == 2


def test_duties_are_listed_waived_and_derived_again(settings: Settings, database: Database) -> None:
    run(settings, "regulation", "adopt", "--default")
    with database.writing() as session:
        for number in range(3):
            record = {"kind": "act", "act": "hold", "role": "editor", "actor": "editor:1"}
            journal.append(session, record, at=SystemClock().now(), story_id=f"st_{number}")
    lines = run(settings, "duties", "list", "--clause", "24").stdout.splitlines()
    assert sorted(line.split("\t")[1:6] for line in lines) == [
        ["open", "24.2", "desk", f"st_{number}", "-"] for number in range(3)
    ]
    duty = lines[0].split("\t")[-1]
    row = run(settings, "duties", "waive", duty, "--note", "Bão số 9").stdout.strip()
    assert int(row) > 3
    assert run(settings, "duties", "waive", duty, "--note", "Bão số 9").exit_code == 1
    assert len(run(settings, "duties", "list", "--state", "waived").stdout.splitlines()) == 1
    before = run(settings, "duties", "list").stdout
    assert run(settings, "duties", "rebuild").stdout == "3\n"
    assert run(settings, "duties", "list").stdout == before


def test_a_second_edition_for_a_day_says_which_one_waits(settings: Settings, file: Path) -> None:
    day = (SystemClock().now() + timedelta(days=9)).date().isoformat()
    assert run(settings, "regulation", "adopt", "--default").exit_code == 0
    assert run(settings, "regulation", "adopt", file, "--from", day).exit_code == 0
    again = run(settings, "regulation", "adopt", "--default", "--from", day)
    assert (again.exit_code, "--instead-of 2" in again.stderr) == (1, True)
    assert run(settings, "regulation", "adopt", "--default", "--from", day, "--instead-of", "2").exit_code == 0
    words = [line.split("\t")[3] for line in run(settings, "regulation", "list").stdout.splitlines()]
    assert words == ["in force", "replaced", "to come"]


@pytest.mark.parametrize("option", ["--organization", "--outlet"])
def test_duties_of_whoever_is_not_there_are_refused(settings: Settings, database: Database, option: str) -> None:
    done = run(settings, "duties", "list", option, "no-such")
    assert (done.exit_code, done.stdout, "“no-such”" in done.stderr) == (1, "", True)


def test_the_columns_of_duties_are_named_beside_the_data(settings: Settings, database: Database) -> None:
    done = run(settings, "duties", "list")
    assert (done.stdout, done.stderr.split("\t")[:3]) == ("", ["deadline", "state", "clause"])
