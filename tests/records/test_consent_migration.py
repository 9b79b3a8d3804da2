"""Grants of the first tables become consents of persons, on a database that is in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, text

from hub import migrations
from hub.db import make_engine
from hub.records.disclosures import disclose
from tests.builders import a_story

AT = datetime(2026, 11, 1, tzinfo=UTC)
STORY = "st_" + "0" * 26
EMPTY = "st_" + "1" * 26
GUEST = {"name": "Võ Hữu Lành", "role": "nhân chứng"}  # flat: one disclosure
FULL = {"name": "Nguyễn Văn Biển", "contact": {"phone": "0200 000 0999"}}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database at the first migration."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        name = f"hub_old_{tmp_path.name}".replace("-", "_").lower()[:50]
        server.made.append(name)
        server.execute(f'CREATE DATABASE "{name}"')
        url = server.address(name)
    made = make_engine(url)
    migrations.upgrade(made, "0001")
    yield made
    made.dispose()


def _fill(engine: Engine) -> None:
    consent = {
        "scopes": ["name", "voice"],
        "form": "văn bản ký tay",
        "obtained_on": "2026-10-12",
        "guardian": {"name": "Nguyễn Thị Hậu", "relation": "mẹ", "obtained_on": "2026-10-11"},
        "child_assent": {"obtained_on": "2026-10-13"},
    }
    subject = {"type": "individual", "name": "Nguyễn Văn Biển", "birth_year": 2014, "unit": "Tổ 2", "minor": True}
    first = a_story(subject=subject, consent=consent, interview={"guests": [FULL, GUEST]})
    second = {**first, "title": "Bản hai"}
    version_one, at = disclose(first, previous=""), AT.isoformat(sep=" ")
    version_two = disclose(second, previous=version_one.digest)
    with engine.begin() as connection:

        def run(statement: str, **values: Any) -> None:
            connection.execute(text(statement), {"at": at, **values})

        run("INSERT INTO organizations (id, code, name, kind, level, commune, province, created_at) "
            "VALUES (1, 'nghe-ca', 'Nghiệp đoàn', 'cong_doan', '', '', '', :at)")  # fmt: skip
        for story_id, latest in ((STORY, 2), (EMPTY, 1)):
            run("INSERT INTO stories (id, organization_id, state, latest, held, resumes_to, revision, created_at, "
                "updated_at) VALUES (:id, 1, 'submitted', :latest, :no, '', 1, :at, :at)",
                id=story_id, latest=latest, no=False)  # fmt: skip
        for number, version in ((1, version_one), (2, version_two)):
            run("INSERT INTO versions (story_id, number, digest, digests, disclosures, removed, created_at) "
                "VALUES (:story, :number, :digest, :digests, :disclosures, '[]', :at)",
                story=STORY, number=number, digest=version.digest, digests=orjson.dumps(version.digests).decode(),
                disclosures=orjson.dumps(version.disclosures).decode())  # fmt: skip
        grants = "INSERT INTO consent_grants (story_id, scope, version, opened_at, expires_at, ended_at) VALUES "
        run(grants + "(:story, 'name', 1, :at, :at, NULL), (:story, 'image', 1, :at, NULL, :at)", story=STORY)
        run(grants + "(:story, 'voice', 2, :at, NULL, NULL)", story=STORY)


def _rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_what_was_granted_for_a_story_is_granted_by_everybody_it_is_about(engine: Engine) -> None:
    _fill(engine)
    migrations.upgrade(engine)
    people = _rows(engine, "SELECT name, kind, birth_year, unit, minor FROM persons ORDER BY name")
    assert people == [("Nguyễn Văn Biển", "individual", 2014, "Tổ 2", 1), ("Võ Hữu Lành", "individual", None, "", 0)]
    places = _rows(engine, "SELECT s.version, s.part, s.place, p.name FROM story_persons s JOIN persons p "
                           "ON p.id = s.person_id ORDER BY s.version, s.part DESC, s.place")  # fmt: skip
    assert places == [
        (version, part, place, name)
        for version in (1, 2)
        for part, place, name in (
            ("subject", 0, "Nguyễn Văn Biển"),
            ("guest", 0, "Nguyễn Văn Biển"),
            ("guest", 1, "Võ Hữu Lành"),
        )
    ]
    for name, *_ in people:
        rows = _rows(engine, "SELECT scope, c.version, form, obtained_on, assent_on, c.expires_at IS NULL, "
                             "ended_at IS NULL, end_reason FROM consents c JOIN persons p ON p.id = c.person_id "
                             f"WHERE p.name = '{name}' ORDER BY scope")  # fmt: skip
        paper = ("văn bản ký tay", "2026-10-12", "2026-10-13")
        assert rows == [
            ("image", 1, *paper, True, False, "replaced"),
            ("name", 1, *paper, False, True, ""),
            ("voice", 2, *paper, True, True, ""),
        ]
    guardian = orjson.loads(_as_text(_rows(engine, "SELECT guardian FROM consents LIMIT 1")[0][0]))
    assert guardian == {"name": "Nguyễn Thị Hậu", "relation": "mẹ", "obtained_on": "2026-10-11"}


def test_an_empty_database_has_nothing_to_carry(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert _rows(engine, "SELECT count(*) FROM persons") == [(0,)]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def test_a_paper_that_entries_name_is_still_theirs_once_papers_tell_of_stories(engine: Engine) -> None:
    _fill(engine)
    migrations.upgrade(engine, "0034")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO proofs (id, person_id, media_type, length, sha256, sealed, created_at, created_by)"
                " SELECT 'prf_1', min(id), 'image/png', 1, 'x', 'x', :at, 'editor:1' FROM persons"
            ),
            {"at": AT.isoformat(sep=" ")},
        )
        connection.execute(text("UPDATE consents SET proof_id = 'prf_1'"))
    migrations.upgrade(engine)
    assert _rows(engine, "SELECT id, story_id FROM proofs") == [("prf_1", None)]
    assert _rows(engine, "SELECT DISTINCT proof_id FROM consents") == [("prf_1",)]
