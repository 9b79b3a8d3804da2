"""`hub verify` and proofs: any byte of journal, version, ledger, signature, checkpoint or manifest that was changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Text, cast, func, select, text, update
from sqlalchemy.orm import Session

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, begin_writing
from hub.models import Base, Change, Channel, Checkpoint, Entry, JournalHead, JournalRow, Manifest, Signature, Version
from hub.operation import proving
from hub.records import chains, erasing, journal, signing
from hub.records.disclosures import disclose, reveal
from hub.records.signing_keys import Signer
from tests.builders import World
from tests.conftest import NOON
from tests.operation.conftest import Hub

TEXTS = (  # table, column: each is covered by something that is signed or chained
    ("journal", "body"),
    ("journal", "digest"),
    ("journal", "story_id"),
    ("journal_head", "digest"),
    ("versions", "digest"),
    ("versions", "digests"),
    ("versions", "disclosures"),
    ("changes", "kind"),
    ("changes", "digest"),
    ("channels", "head_digest"),
    ("entries", "uid"),
    ("signatures", "jws"),
    ("checkpoints", "digest"),
    ("checkpoints", "jws"),
    ("manifests", "jws"),
    ("signing_keys", "public"),
    ("signing_keys", "issuer"),
)
NUMBERS = (
    ("versions", "number"),
    ("changes", "number"),
    ("checkpoints", "number"),
    ("manifests", "number"),
    ("journal_head", "number"),
)
INSTANTS = ("journal", "journal_head", "changes", "signatures", "checkpoints", "manifests")
SECOND = timedelta(seconds=1)


def writing(hub: Hub) -> Any:
    return begin_writing(hub.database.engine)


def signing_database(hub: Hub) -> Database:
    return Database(hub.database.engine, info=Signer.of(hub.settings).info)


def row_of(connection: Connection, table: str, column: str) -> tuple[Any, str]:
    """Which row, and its text; the longest one of the column."""
    made = Base.metadata.tables[table]
    shown = cast(made.c[column], Text)
    query = select(*made.primary_key.columns, shown.label("shown")).where(shown != "null")
    found: Any = connection.execute(query.order_by(func.length(shown).desc()).limit(1)).one()
    keys = [made.c[key.name] == found[place] for place, key in enumerate(made.primary_key.columns)]
    return keys, found.shown


def other(letter: str) -> str:
    if letter.isdigit():
        return str((int(letter) + 1) % 10)
    return "B" if letter in "AQgw" else "A" if letter.isalnum() else letter


def set_text(connection: Connection, table: str, column: str, keys: Any, value: str) -> None:
    kind = (
        "JSON"
        if connection.dialect.name == "postgresql" and "JSON" in str(Base.metadata.tables[table].c[column].type)
        else "TEXT"
    )
    statement = f"UPDATE {table} SET {column} = CAST(:value AS {kind}) WHERE {' AND '.join(map(str, keys))}"
    values = {match: key.right.value for key in keys for match in re.findall(r":(\w+)", str(key))}
    connection.execute(text(statement), {"value": value, **values})


@pytest.mark.parametrize(("table", "column"), TEXTS, ids=lambda name: str(name))
def test_a_changed_byte_of_a_text_is_found(hub: Hub, table: str, column: str) -> None:
    with hub.database.engine.connect() as connection:
        keys, whole = row_of(connection, table, column)
    places = [place for place, letter in enumerate(whole) if other(letter) != letter]
    step = max(1, len(places) // 3)
    missed = []
    for place in {*places[::step], places[-1]}:
        changed = whole[:place] + other(whole[place]) + whole[place + 1 :]
        with writing(hub) as connection:
            set_text(connection, table, column, keys, changed)
        if not hub.find_faults():
            missed.append((place, whole[place - 20 : place + 20]))
        with writing(hub) as connection:
            set_text(connection, table, column, keys, whole)
    assert missed == []
    assert hub.find_faults() == []


def test_a_manifest_of_another_day_is_found(hub: Hub) -> None:
    with writing(hub) as connection:
        connection.execute(text("UPDATE manifests SET day = '2026-11-24'"))
    assert hub.find_faults()


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=lambda name: str(name))
def test_a_changed_number_is_found(hub: Hub, table: str, column: str) -> None:
    with writing(hub) as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = {column} + 1000"))
    assert hub.find_faults()


@pytest.mark.parametrize("table", INSTANTS)
def test_a_changed_instant_is_found(hub: Hub, table: str) -> None:
    made = Base.metadata.tables[table]
    with writing(hub) as connection:
        keys = list(made.primary_key.columns)
        row = connection.execute(select(*keys, made.c.at).order_by(*keys).limit(1)).one()
        wanted = [key == value for key, value in zip(keys, row, strict=False)]
        connection.execute(update(made).where(*wanted).values(at=row.at + timedelta(microseconds=1)))
    assert hub.find_faults()


@pytest.mark.parametrize("table", ["journal", "changes", "signatures", "checkpoints", "manifests"])
def test_a_row_that_was_taken_away_is_found(hub: Hub, table: str) -> None:
    made = Base.metadata.tables[table]
    with writing(hub) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))  # as an owner of the database can
        keys = list(made.primary_key.columns)
        row = connection.execute(select(*keys).order_by(*(key.desc() for key in keys)).limit(1)).one()
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(made.delete().where(*(key == value for key, value in zip(keys, row, strict=True))))
    assert hub.find_faults()


def test_a_version_that_was_changed_with_everything_that_hangs_on_it_is_found(hub: Hub) -> None:
    """Digests, version digest and journal can be made anew by whoever holds the database; the signature cannot."""
    with hub.database.writing() as session:
        version = session.scalars(select(Version).join(Signature, Signature.version_id == Version.id)).first()
        assert version is not None
        forged = disclose({**reveal(version.disclosures), "title": "Chuyện khác"}, previous="")
        before = version.digest
        version.digests, version.disclosures, version.digest = forged.digests, forged.disclosures, forged.digest
        _rewrite_journal(session, lambda body: body.replace(before, forged.digest))
    faults = hub.find_faults()
    assert any("is of something else than this version" in fault for fault in faults), faults
    assert any("the journal is not what it was when this was signed" in fault for fault in faults), faults
    assert not any("does not match its digest" in fault for fault in faults), faults


def _rewrite_journal(session: Session, change: Callable[[str], str]) -> None:
    digest = journal.START
    for row in session.scalars(select(JournalRow).order_by(JournalRow.number)):
        row.body = change(row.body)
        row.digest = digest = journal.chain(digest, row.body)
    session.execute(update(JournalHead).values(digest=digest))


def test_a_ledger_that_was_rewritten_from_its_beginning_is_found(hub: Hub) -> None:
    with hub.database.writing() as session:
        channel = session.scalars(select(Channel).where(Channel.code == "all")).one()
        digest = ""
        rows = session.execute(
            select(Change, Entry)
            .join(Entry, Entry.id == Change.entry_id)
            .where(Change.channel_id == channel.id)
            .order_by(Change.number)
        ).all()
        for change, entry in rows:
            if change.number == 1:
                change.kind = "flagged"
            digest = change.digest = chains.ledger_digest(
                digest, number=change.number, kind=change.kind, at=change.at, entry=entry.uid, story=entry.story_id
            )
        channel.head_digest = digest
    faults = hub.find_faults()
    assert any(re.search("checkpoint .*ledger public/all is not what it was", fault) for fault in faults), faults
    assert any(re.search("manifest .*the ledger is not what it was", fault) for fault in faults), faults


def test_a_signature_by_a_key_that_nobody_knows_is_found(hub: Hub) -> None:
    with hub.database.writing() as session:
        row = session.scalars(select(Signature)).first()
        assert row is not None
        stranger = signing.new_key()
        forged = signing.KeyPair(row.kid, stranger.public, stranger.private)
        row.jws = signing.sign(forged, {"iss": "https://hub.example"}, kind="story+sd-jwt")
    assert any("does not hold (broken)" in fault for fault in hub.find_faults())


@pytest.mark.parametrize("model", [Checkpoint, Manifest])
def test_one_signed_thing_does_not_pass_for_another(hub: Hub, model: Any) -> None:
    with hub.database.writing() as session:
        jws = session.scalars(select(Signature.jws)).first()
        session.execute(update(model).values(jws=jws))
    assert any("does not hold (other_kind" in fault for fault in hub.find_faults())


def _corrected_away(session: Session) -> Version:
    """A version that a correction took the place of, so that no kept document shows it."""
    newer = select(Version.story_id).where(Version.number == 2)
    return session.scalars(select(Version).where(Version.number == 1, Version.story_id.in_(newer))).one()


def test_disclosures_that_went_by_a_signed_act_are_no_fault_and_all_others_are(hub: Hub) -> None:
    with signing_database(hub).writing() as session:
        version = _corrected_away(session)
        first, second, *_ = version.digests
        record = erasing.erase(session, version, [first], now=NOON)
        journal.append(session, record, at=NOON, story_id=version.story_id)
    assert hub.find_faults() == []
    with hub.database.writing() as session:
        version = _corrected_away(session)
        version.disclosures = {digest: text for digest, text in version.disclosures.items() if digest != second}
    (fault,) = [found for found in hub.find_faults() if "disclosures" in found]
    assert fault.endswith("1 disclosures are missing, and no erasure is recorded")


def test_an_erasure_that_the_hub_did_not_sign_covers_nothing(hub: Hub) -> None:
    with hub.database.writing() as session:
        version = session.scalars(select(Version).where(Version.number == 2)).one()
        gone = version.digests[0]
        version.disclosures = {digest: text for digest, text in version.disclosures.items() if digest != gone}
        claims = {"sub": version.story_id, "version": 2, "erased": [gone]}
        forged = signing.sign(signing.new_key(), claims, kind=erasing.KIND)
        record = {"kind": erasing.RECORD, "version": 2, "proof": forged}
        journal.append(session, record, at=NOON, story_id=version.story_id)
    assert any("1 disclosures are missing" in fault for fault in hub.find_faults())


def test_a_checkpoint_comes_after_a_day_or_many_rows_and_not_for_its_own_row(
    settings: Settings, database: Database, clock: FixedClock, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Database(database.engine, info=Signer.of(settings).info)

    def made() -> int:
        proving.prove_due(ours, now=clock.now())
        with ours.reading() as session:
            return session.query(Checkpoint).count()

    assert made() == 1
    world.release()
    clock.forward(timedelta(hours=23))
    assert made() == 1
    clock.forward(timedelta(hours=1))
    assert made() == 2
    assert made() == 2
    monkeypatch.setattr(proving, "CHECKPOINT_ROWS", 4)
    world.release(external_id="two")
    assert made() == 3
    assert made() == 3
    with ours.reading() as session:
        assert session.query(Manifest).count() == 2 * 4  # two days, four channels
    assert Hub(settings, database).find_faults() == []


def test_what_was_released_before_the_hub_signed_is_signed_once_the_journal_knows_it(hub: Hub) -> None:
    with writing(hub) as connection:
        connection.execute(text("DELETE FROM signatures"))
        connection.execute(text("UPDATE versions SET digest = 'x' WHERE number = 2"))
    assert sum("is missing, though the version was released" in fault for fault in hub.find_faults()) > 2
    signed = proving.sign_unsigned(signing_database(hub), now=NOON)
    left = [fault for fault in hub.find_faults() if fault.startswith("signature")]
    assert signed > 2
    assert [fault for fault in left if "/2: is missing" not in fault] == []
    assert proving.sign_unsigned(signing_database(hub), now=NOON) == 0
