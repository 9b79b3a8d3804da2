"""`hub report`: keys and reports between the server and an auditor who is offline."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.regulation.sealed import report_form, reports, sealing
from tests.builders import World
from tests.cli.test_operating import run

SAID = "Khai khống số giờ trực.\nỞ Bến Lau."


def offline(*words: str | Path, answers: str = "") -> Result:
    """`hub …` where there is no hub: settings and database would fail at once."""
    env = {"HUB_DATABASE_URL": "nonsense", "HUB_BASE_URL": "nonsense", "HUB_PORT": "nonsense"}
    return CliRunner().invoke(main, [str(word) for word in words], env=env, input=answers)


def send(database: Database, clock: FixedClock, **more: object) -> str:
    """Send a report; returns its id."""
    with database.writing() as session:
        reports.receive(session, report_form.prepare({"text": SAID, **more}), now=clock.now())
        return reports.list_reports(session)[0].id


@pytest.fixture
def key(tmp_path: Path, settings: Settings) -> Path:
    """An auditor's key file, whose public key the hub knows."""
    file = tmp_path / "auditor.key"
    made = offline("report", "keygen", "--out", file)
    assert made.exit_code == 0, made.output
    assert run(settings, "report", "key", "add", "Ủy ban Kiểm tra", made.stdout.strip()).exit_code == 0
    return file


def test_a_private_key_is_for_its_owner_only_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "auditor.key"
    made = offline("report", "keygen", "--out", file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.stdout.strip() == json.loads(file.read_text())["public"]
    assert json.loads(file.read_text())["private"] not in made.output
    before = file.read_bytes()
    again = offline("report", "keygen", "--out", file)
    assert (again.exit_code, again.stdout) == (1, "")
    assert file.read_bytes() == before


def test_a_report_goes_from_the_hub_to_an_auditor_and_the_answer_back(
    settings: Settings, database: Database, clock: FixedClock, key: Path, tmp_path: Path
) -> None:
    data = b64encode(b"\xff\xd8 picture").decode()
    report = send(database, clock, story="st_1", attachments=[{"name": "../../a b.jpg", "data": data}])
    listed = run(settings, "report", "list")
    assert listed.stdout.split("\t")[:3] == [report, "2026-11-23", "received"]
    file = tmp_path / "sealed.json"
    exported = run(settings, "report", "export", report, file)
    assert (exported.exit_code, file.stat().st_mode & 0o777) == (0, 0o600)
    for told in (listed.output, exported.output, file.read_text()):
        assert "Khai khống" not in told
    read = offline("report", "open", file, "--key", key)
    assert read.exit_code == 0, read.output
    assert read.stdout == f"story: st_1\n{SAID}\nattached: ../../a b.jpg (10 bytes)\n"
    folder = tmp_path / "files"
    assert offline("report", "open", file, "--key", key, "--attachments", folder).exit_code == 0
    (written,) = tmp_path.rglob("*.jpg")
    assert (written, written.read_bytes()) == (folder / "1-a_b.jpg", b"\xff\xd8 picture")
    assert written.stat().st_mode & 0o777 == 0o600
    answered = run(settings, "report", "answer", report, "--status", "upheld", "--outcome", "Đã sửa.")
    assert answered.stdout == f"{report}\tupheld\n"
    assert run(settings, "report", "answer", report, "--status", "lost").exit_code == 2
    env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url}
    words = ["report", "answer", report, "--status", "checking", "--outcome", "-"]
    assert CliRunner().invoke(main, words, env=env, input="Xin cho biết\nngày.\x1b\n").exit_code == 0
    run(settings, "report", "answer", report, "--status", "partly_upheld")  # the words stay
    with database.reading() as session:
        (row,) = reports.list_reports(session)
        assert (row.status, row.outcome) == ("partly_upheld", "Xin cho biết\nngày.")
    assert run(settings, "report", "export", "rp_nothing", tmp_path / "no").exit_code == 1
    assert not (tmp_path / "no").exists()


def test_another_key_opens_nothing(
    settings: Settings, database: Database, clock: FixedClock, key: Path, tmp_path: Path
) -> None:
    report, file, stranger = send(database, clock), tmp_path / "sealed.json", tmp_path / "stranger.key"
    run(settings, "report", "export", report, file)
    offline("report", "keygen", "--out", stranger)
    read = offline("report", "open", file, "--key", stranger)
    assert (read.exit_code, read.stdout) == (1, "")
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "id": "rp_000000000000"}))
    read = offline("report", "open", file, "--key", key)
    assert (read.exit_code, read.stdout) == (1, "")


def test_a_key_under_a_passphrase_asks_for_it(
    settings: Settings, database: Database, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "OPERATIONS", 1)
    monkeypatch.setattr(sealing, "MEMORY", 8 * 1024 * 1024)
    file, sealed = tmp_path / "auditor.key", tmp_path / "sealed.json"
    made = offline("report", "keygen", "--out", file, "--passphrase", answers="một hai\nmột hai\n")
    public = made.stdout.splitlines()[-1]
    assert run(settings, "report", "key", "add", "Kiểm tra", public).exit_code == 0
    run(settings, "report", "export", send(database, clock), sealed)
    assert SAID in offline("report", "open", sealed, "--key", file, answers="một hai\n").stdout
    wrong = offline("report", "open", sealed, "--key", file, answers="ba\n")
    assert wrong.exit_code == 1
    assert SAID not in wrong.output


def test_a_new_auditor_is_given_an_old_report(
    settings: Settings, database: Database, clock: FixedClock, key: Path, tmp_path: Path
) -> None:
    report, file, new = send(database, clock), tmp_path / "sealed.json", tmp_path / "new.key"
    public = offline("report", "keygen", "--out", new).stdout.strip()
    fingerprint = run(settings, "report", "key", "add", "Mới", public).stdout.strip()
    old = run(settings, "report", "key", "list").stdout.split("\t")[0]
    assert run(settings, "report", "key", "retire", old).exit_code == 0
    states = [line.split("\t")[:2] for line in run(settings, "report", "key", "list").stdout.splitlines()]
    assert states == [[old, "retired"], [fingerprint, "live"]]
    run(settings, "report", "export", report, file)
    assert offline("report", "open", file, "--key", new).exit_code == 1
    resealed = offline("report", "reseal", file, "--key", key, "--to", public)
    assert resealed.stdout == f"{fingerprint}\n"
    assert list(tmp_path.glob("*.new")) == []
    assert run(settings, "report", "import", file).stdout == f"{fingerprint}\n"
    again = tmp_path / "again.json"
    run(settings, "report", "export", report, again)
    assert SAID in offline("report", "open", again, "--key", new).stdout
    last = run(settings, "report", "key", "retire", fingerprint)
    assert "takes no reports" in last.stderr


@pytest.mark.parametrize("retired", [False, True])
def test_a_copy_for_a_key_that_is_not_in_use_is_refused_and_not_dropped(
    settings: Settings, database: Database, clock: FixedClock, key: Path, tmp_path: Path, retired: bool
) -> None:
    report, file, new = send(database, clock), tmp_path / "sealed.json", tmp_path / "new.key"
    public = offline("report", "keygen", "--out", new).stdout.strip()
    run(settings, "report", "export", report, file)
    fingerprint = offline("report", "reseal", file, "--key", key, "--to", public).stdout.strip()
    if retired:
        run(settings, "report", "key", "add", "Mới", public)
        run(settings, "report", "key", "retire", fingerprint)
    before = run(settings, "report", "list").stdout
    done = run(settings, "report", "import", file)
    assert (done.exit_code, done.stdout, fingerprint in done.stderr) == (1, "", True)
    assert run(settings, "report", "list").stdout == before
    if not retired:
        run(settings, "report", "key", "add", "Mới", public)
        assert run(settings, "report", "import", file).stdout == f"{fingerprint}\n"
        assert run(settings, "report", "import", file).exit_code == 0  # nothing is new in it


@pytest.mark.parametrize("text", ["aud_", "edt_secret"])
def test_a_key_with_a_slip_is_not_added(settings: Settings, database: Database, text: str) -> None:
    done = run(settings, "report", "key", "add", "Kiểm tra", text)
    assert (done.exit_code, done.stdout) == (1, "")
    assert run(settings, "report", "key", "list").stdout == ""


def test_a_story_is_held_and_lifted_from_the_server(world: World, settings: Settings) -> None:
    story = world.release()
    assert run(settings, "report", "hold", story).stdout == f"{story}\theld\n"
    assert run(settings, "report", "hold", story).exit_code == 1
    assert world.reader.get(f"/stories/{story}").status_code == 404
    assert run(settings, "report", "lift", story).stdout == f"{story}\treleased\n"
    assert run(settings, "report", "lift", story).exit_code == 1
    assert run(settings, "verify").exit_code == 0


def test_a_backup_carries_sealed_reports_and_nothing_that_can_be_read(
    settings: Settings, database: Database, clock: FixedClock, key: Path, tmp_path: Path
) -> None:
    report = send(database, clock)
    file, folder = tmp_path / "backup.tar", tmp_path / "restored"
    made = run(settings, "backup", file)
    assert made.exit_code == 0, made.output
    assert SAID.split("\n")[0].encode() not in file.read_bytes()
    other = Settings(data=folder, base_url="https://hub.example")
    restored = run(other, "restore", file)
    assert restored.exit_code == 0, restored.output
    assert "report" not in made.output + restored.output
    run(other, "report", "export", report, tmp_path / "sealed.json")
    assert SAID in offline("report", "open", tmp_path / "sealed.json", "--key", key).stdout
