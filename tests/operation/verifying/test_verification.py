"""`hub verify` finds whatever was changed behind the hub's back, and nothing in a sound hub."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from hub.actors import SYSTEM
from hub.clock import FixedClock, SystemClock
from hub.config import Settings
from hub.db import Database, begin_writing
from hub.intake.media_store import MediaStore
from hub.models import Channel, Document, Fragment, Rendition, Version
from hub.operation import sweeping
from hub.operation.verifying import verification
from hub.publishing import keeping
from hub.publishing.documents import FORMATS
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from tests.builders import World, a_picture, a_story
from tests.operation.conftest import Hub

OTHER_DIGEST = "0" * 64
PAST = "'2020-01-01 00:00:00.000000+00:00'"
RETURNED = "(SELECT max(id) FROM acts WHERE kind = 'return')"  # no release hangs on it
PICTURED = "(SELECT id FROM stories WHERE external_id = 'with-picture')"
COLUMN = "(SELECT c.id FROM channels c JOIN outlets o ON o.id = c.outlet_id WHERE o.code = 'newspaper')"
WOMEN = "(SELECT id FROM organizations WHERE code = 'phu-nu')"


only_sqlite = pytest.mark.parametrize("hub", ["sqlite"], indirect=True)


def execute(database: Database, *statements: str) -> None:
    with begin_writing(database.engine) as connection:
        for statement in statements:
            connection.execute(text(_in_dialect(connection, statement)))


def keep_every_format(hub: Hub) -> None:
    with hub.database.reading() as session:
        channels = session.scalars(select(Channel.id)).all()
    keeping.render_channels(hub.database, SystemClock(), hub.settings.address, channels)


def _in_dialect(connection: Connection, statement: str) -> str:
    sqlite = connection.dialect.name == "sqlite"
    return statement.replace(PAST, "'2020-01-01 00:00:00.000000'") if sqlite else statement


def test_a_sound_hub_has_no_faults_and_everything_was_looked_at(hub: Hub) -> None:
    counts: Counter[str] = Counter()
    keep_every_format(hub)
    assert hub.find_faults(counts) == []
    assert counts["documents"] == 4 * len(FORMATS)
    assert (counts["stories"], counts["versions"], counts["channels"]) == (6, 7, 4)
    assert all(counts[what] for what in ("acts", "journal rows", "ledger rows", "documents", "pictures")), counts


def test_an_empty_hub_has_no_faults(settings: Settings, database: Database) -> None:
    assert Hub(settings, database).find_faults() == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # the journal
        ("UPDATE journal SET body = replace(body, 'submit', 'Submit') WHERE number = 9", "row 9 does not match"),
        (f"UPDATE journal SET digest = '{OTHER_DIGEST}' WHERE number = 9", "row 9 does not match"),
        (f"UPDATE journal SET at = {PAST} WHERE number = 9", "row 9 is not the row its body tells of"),
        ("UPDATE journal SET story_id = NULL WHERE number = 9", "row 9 is not the row its body tells of"),
        ("UPDATE journal SET kind = '' WHERE number = 9", "row 9 is found by another kind than its body tells"),
        ("UPDATE journal SET actor = 'x' WHERE number = 9", "row 9 is found by another actor than its body tells"),
        ("DELETE FROM journal WHERE number = 9", "row 9 is missing"),
        ("DELETE FROM journal WHERE number = (SELECT max(number) FROM journal)", "the head does not name row"),
        (f"UPDATE journal_head SET at = {PAST}", "the head does not name the latest time"),
        ("DELETE FROM journal_head", "the head does not name row"),
        # versions
        (f"UPDATE versions SET digest = '{OTHER_DIGEST}' WHERE number = 2", "its digest does not cover"),
        (f"UPDATE versions SET digest = '{OTHER_DIGEST}' WHERE number = 2", "the journal does not tell of this digest"),
        ("UPDATE versions SET number = 3 WHERE number = 2", "version .*/2: is missing"),
        ("UPDATE versions SET removed = '[{\"name\": \"script\"}]'", "what the sanitizer took out is not what"),
        ("UPDATE stories SET latest = 1 WHERE latest = 2", "names versions 1 .newest."),
        # acts
        (f"UPDATE acts SET note = 'Đủ cả' WHERE id = {RETURNED}", "differs from the journal in note"),
        (f"UPDATE acts SET salt = 'x' WHERE id = {RETURNED}", "differs from the journal in note"),
        (f"UPDATE acts SET actor_id = 99 WHERE id = {RETURNED}", "differs from the journal in actor"),
        (f"UPDATE acts SET at = {PAST} WHERE id = {RETURNED}", "differs from the journal in at"),
        (f"UPDATE acts SET channels = '[\"tv/all\"]' WHERE id = {RETURNED}", "differs from the journal in channels"),
        (f"DELETE FROM acts WHERE id = {RETURNED}", "the journal tells of it, but it is not there"),
        ("UPDATE stories SET state = 'approved' WHERE state = 'draft'", "is approved, but its last act left it draft"),
        # whose a story is
        (f"UPDATE stories SET organization_id = {WOMEN} WHERE latest = 2", "is phu-nu's, and the journal tells"),
        (f"UPDATE stories SET organization_id = {WOMEN} WHERE state = 'draft'", "is phu-nu's, and the journal tells"),
        # ledgers
        (f"UPDATE changes SET number = 99 WHERE number = 2 AND channel_id = {COLUMN}", "column: number 2 is missing"),
        (f"DELETE FROM changes WHERE number = 1 AND channel_id = {COLUMN}", "newspaper/column: number 1 is missing"),
        (f"UPDATE channels SET head = head + 1 WHERE id = {COLUMN}", "newspaper/column: ends at"),
        (f"UPDATE channels SET head_at = {PAST} WHERE id = {COLUMN}", "is not from the time its head says"),
        (f"UPDATE changes SET kind = 'rumour' WHERE number = 1 AND channel_id = {COLUMN}", "of no known kind .rumour."),
        (f"UPDATE changes SET at = {PAST} WHERE number = 2 AND channel_id = {COLUMN}", "2 is not later than"),
        ("UPDATE entries SET number = 999", "no ledger row made it what it is"),
        (f"UPDATE entries SET number = 0 WHERE channel_id = {COLUMN}", "is newer than its entry knows"),
        (f"UPDATE entries SET updated = {PAST} WHERE channel_id = {COLUMN}", "is newer than its entry knows"),
        # documents
        (f"UPDATE documents SET etag = '{OTHER_DIGEST}'", "the kept bytes do not match their digest"),
        ("UPDATE fragments SET body = NULL, fault = 'KeyError'", "rendering: st_.* KeyError"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(hub: Hub, statement: str, expected: str) -> None:
    execute(hub.database, statement)
    _expect(hub.find_faults(), expected)


def _expect(faults: list[str], expected: str) -> None:
    assert any(re.search(expected, fault) for fault in faults), faults


def _change_version(database: Database, change: Callable[[Version], None]) -> None:
    with database.writing() as session:
        change(session.scalars(select(Version).where(Version.number == 2)).one())


def test_a_changed_disclosure_is_found(hub: Hub) -> None:
    def change(version: Version) -> None:
        digest, encoded = next(iter(version.disclosures.items()))
        version.disclosures = {**version.disclosures, digest: encoded[:-2] + ("AA" if encoded[-2:] != "AA" else "BB")}

    _change_version(hub.database, change)
    _expect(hub.find_faults(), "1 disclosures do not match their digests")


def test_a_lost_disclosure_is_found(hub: Hub) -> None:
    def change(version: Version) -> None:
        version.disclosures = dict(list(version.disclosures.items())[1:])

    _change_version(hub.database, change)
    _expect(hub.find_faults(), "1 disclosures are missing, and no erasure is recorded")


def test_a_disclosure_of_another_version_is_found(hub: Hub) -> None:
    with hub.database.reading() as session:
        other = session.scalars(select(Version).where(Version.number == 1)).first()
    assert other is not None

    def change(version: Version) -> None:
        version.disclosures = {**version.disclosures, **dict(list(other.disclosures.items())[:1])}

    _change_version(hub.database, change)
    _expect(hub.find_faults(), "1 disclosures are none of its own")


def test_a_lost_digest_is_found(hub: Hub) -> None:
    def change(version: Version) -> None:
        version.digests = version.digests[1:]

    _change_version(hub.database, change)
    _expect(hub.find_faults(), "its digest does not cover")


def test_every_changed_byte_of_a_document_is_found(hub: Hub) -> None:
    keep_every_format(hub)
    with hub.database.writing() as session:
        kept = session.scalars(select(Document).order_by(Document.channel_id, Document.format)).all()
        names = []
        for document in kept:
            if document.body:
                place = len(document.body) // 2
                document.body = document.body[:place] + bytes([document.body[place] ^ 1]) + document.body[place + 1 :]
                names.append(document.format)
    faults = hub.find_faults()
    assert set(names) == set(FORMATS)
    assert len([fault for fault in faults if "a fresh rendering differs" in fault]) == len(names)


def test_a_changed_byte_of_a_kept_entry_is_found_before_a_document_is_made_of_it(hub: Hub) -> None:
    with hub.database.writing() as session:
        kept = session.scalars(select(Fragment).where(Fragment.format == "atom")).first()
        assert kept is not None
        assert kept.body is not None
        kept.body = kept.body[:-1] + bytes([kept.body[-1] ^ 1])
    (fault,) = hub.find_faults()
    assert "a fresh rendering of entry" in fault


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "does not match its SHA-256"),
        (lambda path: path.write_bytes(b"\x00" + path.read_bytes()[1:]), "does not match its SHA-256"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
    ids=["missing", "cut", "changed", "folder"],
)
def test_a_damaged_picture_is_found(hub: Hub, damage: Callable[[Path], None], expected: str) -> None:
    with hub.database.reading() as session:
        digest = session.scalars(select(Rendition.sha256)).first() or ""
    damage(hub.store.path(digest))
    assert [fault for fault in hub.find_faults() if digest in fault and expected in fault]


def test_a_picture_of_another_length_is_found(hub: Hub) -> None:
    execute(hub.database, "UPDATE renditions SET length = length + 1")
    _expect(hub.find_faults(), "bytes, its row says")


def test_an_upload_swept_away_meanwhile_is_no_fault(
    world: World, settings: Settings, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fishers.upload(a_picture(300, 200))
    store = MediaStore(settings.media_folder)
    look = verification.file_fault

    def sweep_first(path: Path, *, sha256: str, length: int) -> str | None:
        sweeping.sweep(database, store, now=clock.now() + sweeping.uploads.UNREFERENCED * 2)
        return look(path, sha256=sha256, length=length)

    monkeypatch.setattr(verification, "file_fault", sweep_first)
    assert Hub(settings, database).find_faults() == []


@only_sqlite
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE versions SET disclosures = '{\"a\"' WHERE number = 2", "disclosures cannot be read"),
        ("UPDATE versions SET digests = '7' WHERE number = 2", "disclosures cannot be read"),
        ("UPDATE versions SET disclosures = CAST(x'7b22ff7d' AS TEXT) WHERE number = 2", "disclosures cannot be read"),
        ("UPDATE journal SET body = CAST(x'ff' || body AS TEXT) WHERE number = 9", "row 9 does not match"),
        (f"UPDATE acts SET channels = '[' WHERE id = {RETURNED}", "differs from the journal in channels"),
        ("UPDATE acts SET at = 'noon'", "stories: cannot be read further"),
        ("UPDATE journal SET at = 'noon'", "journal: cannot be read further"),
        ("UPDATE releases SET fields = 'x'", "documents: cannot be read further"),
        (f"DELETE FROM stories WHERE id = {PICTURED}", "row .* of versions names a row of stories"),
        (f"DELETE FROM stories WHERE id = {PICTURED}", "journal: row .* names st_.*, which is not there"),
    ],
)  # fmt: skip
def test_what_sqlite_lets_in_is_found(hub: Hub, statement: str, expected: str) -> None:
    with hub.database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute(statement)
        raw.execute("PRAGMA foreign_keys = ON")
    _expect(hub.find_faults(), expected)


@only_sqlite
def test_a_damaged_page_of_the_database_file_is_a_fault_not_an_end(hub: Hub) -> None:
    with hub.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    hub.database.engine.dispose()
    path = hub.settings.data / "hub.db"
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096, 2):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(bytes(data))
    assert hub.find_faults()


def test_what_the_sanitizer_took_out_is_bound_but_for_the_samples_that_an_erasure_takes(
    world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    html = "<p>Ông giữ bến.</p><script>Nguyễn Văn Biển</script>"
    story_id = world.push(a_story(interview=None, body={"html": html}))
    person = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"]
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        assert "sample" in session.scalars(select(Version)).one().removed[0]
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())
        assert "sample" not in session.scalars(select(Version)).one().removed[0]
    assert Hub(settings, database).find_faults() == []
    execute(database, "UPDATE versions SET removed = '[]'")
    _expect(Hub(settings, database).find_faults(), "what the sanitizer took out is not what the journal tells")
