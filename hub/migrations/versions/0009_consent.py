"""The consent ledger by persons; the grants of each story become consents of the persons it is about

Revision: 0009, after 0008.
"""

import secrets
import unicodedata
from base64 import urlsafe_b64decode
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = hub.db.UTCDateTime(timezone=True)
STORIES = sa.table("stories", sa.column("id"), sa.column("organization_id"))
VERSIONS = sa.table(
    "versions",
    sa.column("story_id"),
    sa.column("number"),
    sa.column("disclosures", sa.JSON()),
    sa.column("created_at", INSTANT),
)
GRANTS = sa.table(
    "consent_grants",
    sa.column("story_id"),
    sa.column("scope"),
    sa.column("version"),
    sa.column("opened_at", INSTANT),
    sa.column("expires_at", INSTANT),
    sa.column("ended_at", INSTANT),
)
PERSONS = sa.table(
    "persons",
    *map(sa.column, ("id", "organization_id", "kind", "name", "name_key", "birth_year", "unit")),
    sa.column("minor", sa.Boolean()),
    sa.column("created_at", INSTANT),
)
STORY_PERSONS = sa.table("story_persons", *map(sa.column, ("story_id", "version", "part", "place", "person_id")))
CONSENTS = sa.table(
    "consents",
    *map(sa.column, ("id", "person_id", "story_id", "scope", "version", "audience", "form", "obtained_on")),
    *map(sa.column, ("assent_on", "opened_by", "ended_by", "end_reason")),
    *(sa.column(name, sa.JSON()) for name in ("outlets", "guardian", "clearance")),
    *(sa.column(name, INSTANT) for name in ("opened_at", "expires_at", "ended_at")),
)


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("media_tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lost_at", INSTANT, nullable=True))
    _carry_over(op.get_bind())
    op.drop_table("consent_grants")


def _create_tables() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["merged_into_id"], ["persons.id"], name=op.f("fk_persons_merged_into_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_persons_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persons_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index("ix_persons_organization_id_name_key", ["organization_id", "name_key"], unique=False)
    op.create_table(
        "story_persons",
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_story_persons_person_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_persons_story_id")),
        sa.PrimaryKeyConstraint("story_id", "version", "part", "place", name=op.f("pk_story_persons")),
    )
    with op.batch_alter_table("story_persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_persons_person_id"), ["person_id"], unique=False)
    op.create_table(
        "proofs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proofs_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    with op.batch_alter_table("proofs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proofs_person_id"), ["person_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=True),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outlets", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=False),
        sa.Column("obtained_on", sa.String(length=10), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("guardian", sa.JSON(), nullable=False),
        sa.Column("assent_on", sa.String(length=10), nullable=False),
        sa.Column("clearance", sa.JSON(), nullable=False),
        sa.Column("proof_id", sa.String(length=32), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=False),
        sa.Column("end_reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id")),
        sa.ForeignKeyConstraint(["proof_id"], ["proofs.id"], name=op.f("fk_consents_proof_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_consents_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("ix_consents_ended_at_expires_at", ["ended_at", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_consents_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consents_story_id"), ["story_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_receipts_outlet_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_receipts_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index("ix_receipts_answer_due_at", ["answer", "due_at"], unique=False)
        batch_op.create_index("ix_receipts_outlet_id_id", ["outlet_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipts_story_id"), ["story_id"], unique=False)


def _carry_over(connection: sa.Connection) -> None:
    """Persons from what the versions say; what was granted for a story was granted by everybody it is about."""
    stories = connection.execute(sa.select(STORIES.c.id, STORIES.c.organization_id).order_by(STORIES.c.id)).all()
    for story_id, organization_id in stories:
        versions = connection.execute(
            sa.select(VERSIONS).where(VERSIONS.c.story_id == story_id).order_by(VERSIONS.c.number)
        ).all()
        papers = {version.number: _told(version.disclosures) for version in versions}
        persons: dict[str, dict[str, Any]] = {}  # of this story, by name: the desk merges what stories share
        places = []
        for version in versions:
            for part, place, said in _said(papers[version.number]):
                key = _key(said["name"])
                known = persons.setdefault(key, _person(said, key, organization_id, version.created_at))
                places.append((story_id, version.number, part, place, known["id"]))
        if not places:
            continue
        connection.execute(PERSONS.insert(), list(persons.values()))
        columns = ("story_id", "version", "part", "place", "person_id")
        connection.execute(STORY_PERSONS.insert(), [dict(zip(columns, row, strict=True)) for row in places])
        grants = connection.execute(sa.select(GRANTS).where(GRANTS.c.story_id == story_id)).all()
        rows = [
            _consent(grant, person_id, papers.get(grant.version, {}))
            for grant in grants
            for person_id in {row[4] for row in places}
        ]
        if rows:
            connection.execute(CONSENTS.insert(), rows)


def _told(disclosures: dict[str, str]) -> dict[str, Any]:
    """The leaves of a version by their pointers, as SD-JWT disclosures tell them."""
    leaves = {}
    for encoded in disclosures.values():
        _salt, name, value = orjson.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        leaves[name] = value
    return leaves


def _said(leaves: dict[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    found = []
    if "/subject/name" in leaves:
        named = {name: leaves.get(f"/subject/{name}") for name in ("name", "type", "birth_year", "unit", "minor")}
        found.append(("subject", 0, named))
    guests = {}
    for pointer, value in leaves.items():
        _, first, *rest = pointer.split("/")
        if first == "interview" and rest[:1] == ["guests"] and len(rest) > 1:
            if isinstance(value, dict) and len(rest) == 2:
                guests[int(rest[1])] = value.get("name")
            elif rest[2:] == ["name"]:
                guests[int(rest[1])] = value
    found += [("guest", place, {"name": name}) for place, name in sorted(guests.items()) if name]
    return found


def _person(said: dict[str, Any], key: str, organization_id: int, at: Any) -> dict[str, Any]:
    return {
        "id": "per_" + secrets.token_hex(13),
        "organization_id": organization_id,
        "kind": said.get("type") or "individual",
        "name": said["name"],
        "name_key": key,
        "birth_year": said.get("birth_year"),
        "unit": said.get("unit") or "",
        "minor": bool(said.get("minor")),
        "created_at": at,
    }


def _consent(grant: Any, person_id: str, leaves: dict[str, Any]) -> dict[str, Any]:
    guardian = {
        name: leaves[f"/consent/guardian/{name}"]
        for name in ("name", "relation", "obtained_on")
        if f"/consent/guardian/{name}" in leaves
    }
    return {
        "id": "con_" + secrets.token_urlsafe(16),
        "person_id": person_id,
        "story_id": grant.story_id,
        "scope": grant.scope,
        "version": grant.version,
        "outlets": [],
        "audience": "",
        "form": leaves.get("/consent/form", ""),
        "obtained_on": leaves.get("/consent/obtained_on", ""),
        "expires_at": grant.expires_at,
        "guardian": guardian,
        "assent_on": leaves.get("/consent/child_assent/obtained_on", ""),
        "clearance": {},
        "opened_at": grant.opened_at,
        "opened_by": "migration",
        "ended_at": grant.ended_at,
        "ended_by": "migration" if grant.ended_at else "",
        "end_reason": "replaced" if grant.ended_at else "",
    }


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())[:200]
