"""A backup is the hub of one moment, whoever writes meanwhile; a restore gives it back, byte for byte, or refuses."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any

import pytest
from alembic.config import Config
from sqlalchemy import delete, inspect, select, text, update

from hub import migrations
from hub.accounts import credentials, invitations, organizations, sessions, users
from hub.accounts.organizations import NewOrganization
from hub.accounts.sessions import Device
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.errors import HubError
from hub.intake.media_store import MediaStore
from hub.models import Organization, OrganizationState, Rendition, Story, Upload
from hub.operation import backup, restoring
from hub.operation.backup import Made, NothingToBackUp
from hub.operation.restoring import NewerBackup, NotABackup, NotEmpty
from hub.records.secret import FILE as SECRET
from tests.builders import Client, World, a_picture, a_story
from tests.conftest import NOON
from tests.operation.conftest import KINDS, Hub

FORMATS = ("rss", "atom", "json", "ninjs")


def write(hub: Hub, goal: Path, *, step: backup.Step = lambda _: None) -> Made:
    return backup.write(hub.database, hub.store, goal, version="1", now=NOON, step=step)


def restore(source: Path, hub: Hub) -> None:
    restoring.restore(source, hub.database.engine, hub.store, step=lambda _: None)


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Hub]]:
    """Makes hubs with nothing: no data directory for SQLite, a database without tables for PostgreSQL."""
    made = []

    def make(kind: str) -> Hub:
        url = ""
        if kind == "postgresql":
            postgres = request.getfixturevalue("postgres")
            url = postgres.new_database()
            engine = make_engine(url)
            with engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            engine.dispose()
        settings = Settings(data=tmp_path / f"empty-{len(made)}", database_url=url, base_url="https://hub.example")
        (tmp_path / f"empty-{len(made)}").mkdir()
        hub = Hub(settings, Database(make_engine(settings.database)))
        made.append(hub)
        return hub

    yield make
    for hub in made:
        hub.database.engine.dispose()


def readings(settings: Settings, world: World) -> dict[str, tuple[int, bytes]]:
    """Everything that readers of the province may read, as a server with these settings gives it."""
    app = create_app(settings, clock=FixedClock(NOON))
    channels = {"newspaper/column": world.newspaper, "tv/segment": world.tv}
    channels |= dict.fromkeys(["public/all", "public/green"], world.reader)
    found = {}
    for channel, client in channels.items():
        asker = Client(app, client.secret)
        for path in [f"/feeds/{channel}.{form}" for form in FORMATS]:
            answer = asker.get(path)
            found[path] = (answer.status_code, answer.data)
            for picture in _pictures(answer.data):
                given = asker.get(picture)
                found[picture] = (given.status_code, given.data)
    for form in FORMATS:
        path = f"/feeds/k/{world.tv_address}/tv/segment.{form}"
        answer = Client(app).get(path)
        found[path] = (answer.status_code, answer.data)
    app.extensions["hub"].database.engine.dispose()
    return found


def _pictures(feed: bytes) -> set[str]:
    return {path.decode() for path in re.findall(rb"https://hub.example(/media/[\w-]+/\d+)", feed)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hub.tar", "hub.tar.gz"])
def test_a_restored_hub_gives_every_reader_the_same_bytes(
    lived: World,
    settings: Settings,
    database: Database,
    empty: Callable[[str], Hub],
    tmp_path: Path,
    kind: str,
    name: str,
) -> None:
    before = readings(settings, lived)
    made = write(Hub(settings, database), tmp_path / name)
    assert made.faults == ()
    other = empty(kind)
    restore(tmp_path / name, other)
    assert other.find_faults() == []
    # no backup holds it: the operator keeps it elsewhere and lays it back, or print packs get other addresses
    shutil.copy(settings.data / SECRET, other.settings.data / SECRET)
    after = readings(other.settings, lived)
    assert after == before
    assert {status for status, _ in after.values()} == {200}
    assert any(path.startswith("/media/") for path in after)


def test_the_same_hub_gives_the_same_rows_again(hub: Hub, empty: Callable[[str], Hub], tmp_path: Path) -> None:
    """A backup of a restored hub holds what the first one held, even between kinds of databases."""
    write(hub, tmp_path / "one.tar")
    tables = _members(tmp_path / "one.tar")
    for place, kind in enumerate(KINDS):
        other = empty(kind)
        restore(tmp_path / "one.tar", other)
        write(other, tmp_path / f"again-{place}.tar")
        again = _members(tmp_path / f"again-{place}.tar")
        assert {name: data for name, data in again.items() if name != "manifest.json"} == {
            name: data for name, data in tables.items() if name != "manifest.json"
        }


def test_a_restored_hub_goes_on(
    lived: World, settings: Settings, database: Database, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    write(Hub(settings, database), tmp_path / "hub.tar")
    for kind in KINDS:
        other = empty(kind)
        restore(tmp_path / "hub.tar", other)
        app = create_app(other.settings, clock=FixedClock(NOON))
        world = replace(lived, fishers=Client(app, lived.fishers.secret), editor=Client(app, lived.editor.secret))
        world.release(external_id="after")  # ids go on where they ended
        assert other.find_faults() == []
        app.extensions["hub"].database.engine.dispose()


def test_a_backup_taken_while_others_write_is_one_moment(
    world: World, settings: Settings, database: Database, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    """Whatever the snapshot has is whole: every version with its journal row, every picture with its file."""
    hub = Hub(settings, database)
    stop, started = threading.Event(), threading.Event()
    failures: list[str] = []
    pushed = 0

    def keep_writing() -> None:
        nonlocal pushed
        while not stop.is_set():
            upload = world.fishers.upload(a_picture(400 + pushed % 50, 300)).json["id"]
            medium = {"kind": "picture", "upload": upload, "alt": "Bến", "caption": "Bến", "credit": "Hòa"}
            story = world.fishers.put(f"story-{pushed}", a_story(media=[medium]))
            done = [world.editor.act(story.json["id"], act) for act in ("approve", "release")]
            failures.extend(answer.text for answer in [story, *done] if answer.status_code != 201)
            pushed += 1
            started.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        assert started.wait(30)
        for place in range(3):
            before = pushed
            write(hub, tmp_path / f"{place}.tar")
            other = empty("sqlite")
            restore(tmp_path / f"{place}.tar", other)
            assert other.find_faults() == []
            with other.database.reading() as session:
                assert len(session.scalars(select(Story.id)).all()) >= before
    finally:
        stop.set()
        writer.join()
    assert failures == []
    assert pushed > 3


def test_references_of_a_table_to_itself_are_restored_in_any_order(
    hub: Hub, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    with hub.database.writing() as session:
        above = organizations.add(session, NewOrganization(code="mttq", name="Mặt trận", kind="mat_tran"), now=NOON)
        session.execute(update(Organization).where(Organization.code == "ldld").values(parent_id=above.id))
        below = select(Organization.id).where(Organization.code == "ldld").scalar_subquery()
        of_it = update(OrganizationState).where(OrganizationState.organization_id == below)
        session.execute(of_it.values(parent_id=above.id).execution_options(synchronize_session=False))
    write(hub, tmp_path / "hub.tar")
    for kind in KINDS:
        other = empty(kind)
        restore(tmp_path / "hub.tar", other)
        with other.database.reading() as session:
            row = organizations.get(session, "nghe-ca")
            assert organizations.list_lineage(session, row.id, on=date(2030, 1, 1)) == ["nghe-ca", "ldld", "mttq"]


def test_a_backup_is_private_whole_and_alone(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    made = write(hub, folder / "hub.tar")
    assert [path.name for path in folder.iterdir()] == ["hub.tar"]
    assert (folder / "hub.tar").stat().st_mode & 0o777 == 0o600
    assert (folder / "hub.tar").stat().st_size == made.size


def test_a_backup_that_fails_leaves_the_older_one(hub: Hub, tmp_path: Path) -> None:
    write(hub, tmp_path / "hub.tar")
    older = (tmp_path / "hub.tar").read_bytes()

    def fail(what: str) -> None:
        if what == "pictures":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write(hub, tmp_path / "hub.tar", step=fail)
    assert (tmp_path / "hub.tar").read_bytes() == older
    assert not list(tmp_path.glob(".hub-backup-*"))


def test_a_missing_picture_is_told_and_does_not_stop_a_backup(
    hub: Hub, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    with hub.database.reading() as session:
        digest = session.scalars(select(Rendition.sha256)).first() or ""
    hub.store.path(digest).write_bytes(b"something else")
    made = write(hub, tmp_path / "hub.tar")
    assert made.faults == (f"picture {digest}: is missing or damaged",)
    other = empty("sqlite")
    restore(tmp_path / "hub.tar", other)
    assert other.find_faults() == [f"picture {digest}: is missing"]


def test_an_upload_swept_away_meanwhile_is_not_restored(
    world: World, settings: Settings, database: Database, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    upload = world.fishers.upload(a_picture(300, 200)).json["id"]
    hub = Hub(settings, database)

    def sweep(what: str) -> None:
        if what == "pictures":
            with database.writing() as session:
                session.execute(delete(Rendition).where(Rendition.upload_id == upload))
                session.execute(delete(Upload).where(Upload.id == upload))
            shutil.rmtree(hub.store.folder)

    made = write(hub, tmp_path / "hub.tar", step=sweep)
    assert made.faults == ()
    other = empty("sqlite")
    restore(tmp_path / "hub.tar", other)
    assert other.find_faults() == []
    with other.database.reading() as session:
        assert session.get(Upload, upload) is None


def test_nothing_is_restored_over_something(hub: Hub, tmp_path: Path) -> None:
    write(hub, tmp_path / "hub.tar")
    with pytest.raises(NotEmpty):
        restore(tmp_path / "hub.tar", hub)
    assert hub.find_faults() == []


def test_nothing_is_restored_beside_foreign_pictures(hub: Hub, empty: Callable[[str], Hub], tmp_path: Path) -> None:
    write(hub, tmp_path / "hub.tar")
    other = empty("sqlite")
    other.store.put(b"somebody's picture")
    with pytest.raises(NotEmpty):
        restore(tmp_path / "hub.tar", other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restore_goes_into_a_hub_that_was_only_begun(
    hub: Hub, empty: Callable[[str], Hub], tmp_path: Path, kind: str
) -> None:
    write(hub, tmp_path / "hub.tar")
    other = empty(kind)
    migrations.upgrade(other.database.engine)
    restore(tmp_path / "hub.tar", other)
    assert other.find_faults() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_restore_that_was_stopped_can_be_run_again(
    hub: Hub, empty: Callable[[str], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write(hub, tmp_path / "hub.tar")
    other = empty(kind)
    put = MediaStore.put_stream
    calls = 0

    def put_once(store: MediaStore, source: IO[bytes]) -> str:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(28, "No space left on device")
        return put(store, source)

    monkeypatch.setattr(MediaStore, "put_stream", put_once)
    with pytest.raises(OSError, match="No space"):
        restore(tmp_path / "hub.tar", other)
    with other.database.reading() as session:
        assert session.scalars(select(Story.id)).all() == []
    monkeypatch.setattr(MediaStore, "put_stream", put)
    restore(tmp_path / "hub.tar", other)
    assert other.find_faults() == []


def test_nothing_is_no_hub(empty: Callable[[str], Hub], tmp_path: Path) -> None:
    for kind in KINDS:
        with pytest.raises(NothingToBackUp):
            write(empty(kind), tmp_path / "hub.tar")


# what is no whole backup is refused before anything is touched


@pytest.fixture(scope="module")
def whole(make_copy: Callable[[str, Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good backup, to be spoilt."""
    folder = tmp_path_factory.mktemp("whole")
    settings = make_copy("sqlite", folder / "data")
    hub = Hub(settings, Database(make_engine(settings.database)))
    write(hub, folder / "hub.tar")
    hub.database.engine.dispose()
    return folder / "hub.tar"


def _refuses(source: Path, tmp_path: Path, kind: type[HubError] = NotABackup) -> None:
    settings = Settings(data=tmp_path / "target")
    hub = Hub(settings, Database(make_engine(settings.database)))
    with pytest.raises(kind):
        restore(source, hub)
    assert not settings.data.exists()


def test_a_changed_byte_anywhere_is_refused(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    with tarfile.open(whole) as tar:
        places = [place for member in tar for place in (member.offset, member.offset_data) if member.size]
        last = max(member.offset_data + member.size for member in tar)
    step = max(1, last // 150)
    source = tmp_path / "hub.tar"
    harmless = 0
    for place in sorted({*places, *range(0, last, step)}):
        source.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        try:
            found = _members(source)
        except (tarfile.TarError, EOFError):
            found = {}
        if found == _members(whole):  # padding, or a tar header's owner and time
            harmless += 1
            continue
        _refuses(source, tmp_path)
    assert harmless < 60


@pytest.mark.parametrize("part", [0, 1, 511, 512, 4000, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_a_backup_that_was_cut_off_is_refused(whole: Path, tmp_path: Path, part: float, *, zipped: bool) -> None:
    data = gzip.compress(whole.read_bytes(), 1) if zipped else whole.read_bytes().rstrip(b"\0")
    source = tmp_path / "hub.tar"
    source.write_bytes(data[: part if isinstance(part, int) else int(len(data) * part)])
    _refuses(source, tmp_path)


def _members(source: Path) -> dict[str, bytes]:
    with tarfile.open(source) as tar:
        return {member.name: file.read() for member in tar if (file := tar.extractfile(member)) is not None}


def _pack(goal: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(goal, "w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return goal


def _as_members(members: dict[str, bytes]) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [(tarfile.TarInfo(name), data) for name, data in members.items()]


def _link(kind: bytes, name: str, goal: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, goal
    return info


@pytest.mark.parametrize(
    "foreign",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("/etc/outside"),
        tarfile.TarInfo("media/../../outside"),
        tarfile.TarInfo("media/ab/" + "c" * 64),
        tarfile.TarInfo("tables/../stories.jsonl"),
        tarfile.TarInfo("readme.txt"),
        _link(tarfile.SYMTYPE, "media/" + "a" * 2 + "/" + "a" * 64, "/etc/passwd"),
        _link(tarfile.LNKTYPE, "media/" + "a" * 2 + "/" + "a" * 64, "manifest.json"),
        _link(tarfile.DIRTYPE, "tables", ""),
        _link(tarfile.FIFOTYPE, "tables/x.jsonl", ""),
        _link(tarfile.CHRTYPE, "tables/x.jsonl", ""),
    ],
    ids=lambda info: f"{info.name[:24]}-{info.type.decode()}",
)
def test_a_member_that_does_not_belong_is_refused(whole: Path, tmp_path: Path, foreign: tarfile.TarInfo) -> None:
    members = [(foreign, b""), *_as_members(_members(whole))]
    _refuses(_pack(tmp_path / "hub.tar", members), tmp_path)


def test_a_member_too_many_is_refused_even_where_the_manifest_names_it(whole: Path, tmp_path: Path) -> None:
    members = _as_members(_members(whole))
    _refuses(_pack(tmp_path / "hub.tar", [members[0], *members]), tmp_path)
    _refuses(_pack(tmp_path / "hub.tar", [*members, members[0]]), tmp_path)


def test_a_backup_without_a_table_is_refused(whole: Path, tmp_path: Path) -> None:
    members = _members(whole)
    del members["tables/stories.jsonl"]
    _refuses(_pack(tmp_path / "hub.tar", _as_members(members)), tmp_path)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"form": "hub-backup/9"}, NotABackup),
        ({"migration": "9999"}, NewerBackup),
        ({"migration": "../versions/0001"}, NewerBackup),
        ({"migration": ""}, NewerBackup),
        ({"tables": {}}, NotABackup),
        ({"members": None}, NotABackup),
    ],
)
def test_a_manifest_of_another_kind_is_refused(
    whole: Path, tmp_path: Path, change: dict[str, Any], kind: type[HubError]
) -> None:
    members = _members(whole)
    members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **change}).encode()
    _refuses(_pack(tmp_path / "hub.tar", _as_members(members)), tmp_path, kind)


def test_what_is_no_tar_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"hello", b"\x1f\x8b", b"\x1f\x8bhello" * 100, bytes(10240)):
        (tmp_path / "hub.tar").write_bytes(data)
        _refuses(tmp_path / "hub.tar", tmp_path)


LATER_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{newest}"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("stories", sa.Column("mood", sa.String(20), server_default="calm", nullable=False))
"""


@pytest.mark.parametrize("kind", KINDS)
def test_an_older_backup_is_brought_to_the_newest_migration(
    hub: Hub, empty: Callable[[str], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    other = empty(kind)  # before there is a later migration: the templates of other tests know of none
    older = migrations.newest_revision()
    write(hub, tmp_path / "hub.tar")
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, scripts)
    (scripts / "versions" / "9001_mood.py").write_text(LATER_MIGRATION.format(newest=older))
    config = Config()
    config.set_main_option("script_location", str(scripts))
    monkeypatch.setattr(migrations, "_config", lambda: config)
    restore(tmp_path / "hub.tar", other)
    assert migrations.current_revision(other.database.engine) == "9001"
    assert "mood" in {column["name"] for column in inspect(other.database.engine).get_columns("stories")}
    assert other.find_faults() == []


def test_passwords_come_back_and_sessions_and_letters_do_not(
    world: World, settings: Settings, database: Database, empty: Callable[[str], Hub], tmp_path: Path
) -> None:
    """What was ended or used since the backup must not open anything again."""
    with database.writing() as session:
        user = users.add(session, name="Hoa", email="hoa@example.org", now=NOON)
        credentials.set_password(session, user.id, "$argon2id$…", by="operator", actor="hub", now=NOON)
        token = sessions.begin(session, user.id, Device(), now=NOON).token
        invited = invitations.prepare(session, user, invitations.RESET, now=NOON)
        reset = invitations.mint(session, invited.id, now=NOON) or ""
        assert sessions.find(session, token, now=NOON)
        assert invitations.get(session, reset, now=NOON)
    write(Hub(settings, database), tmp_path / "hub.tar")
    other = empty("sqlite")
    restore(tmp_path / "hub.tar", other)
    assert other.find_faults() == []
    with other.database.reading() as session:
        assert credentials.has_password(session, user.id)
        assert sessions.find(session, token, now=NOON) is None
        with pytest.raises(invitations.LinkOver):
            invitations.get(session, reset, now=NOON)
