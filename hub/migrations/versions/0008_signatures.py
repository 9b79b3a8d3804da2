"""Signing keys, signatures, checkpoints, manifests; ledgers become chains

Revision: 0008, after 0007. Ledger rows that are there get their digests.
"""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("active_from", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("retired_at", hub.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "signatures",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kid"], ["signing_keys.kid"], name=op.f("fk_signatures_kid")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_signatures_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_signatures")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kid"], ["signing_keys.kid"], name=op.f("fk_checkpoints_kid")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "manifests",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_manifests_channel_id")),
        sa.ForeignKeyConstraint(["kid"], ["signing_keys.kid"], name=op.f("fk_manifests_kid")),
        sa.PrimaryKeyConstraint("channel_id", "day", name=op.f("pk_manifests")),
    )
    op.create_index("ix_manifests_day", "manifests", ["day"], unique=False)
    # no batch: it would copy the tables, and others name their rows
    for table, column in (("changes", "digest"), ("channels", "head_digest")):
        op.add_column(table, sa.Column(column, sa.String(length=64), nullable=False, server_default=""))
    _chain_ledgers(op.get_bind())


def _chain_ledgers(connection: sa.Connection) -> None:
    at = hub.db.UTCDateTime(timezone=True)
    changes = sa.table(
        "changes",
        sa.column("channel_id", sa.Integer),
        sa.column("number", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("entry_id", sa.Integer),
        sa.column("at", at),
        sa.column("digest", sa.String),
    )
    entries = sa.table(
        "entries", sa.column("id", sa.Integer), sa.column("uid", sa.String), sa.column("story_id", sa.String)
    )
    channels = sa.table("channels", sa.column("id", sa.Integer), sa.column("head_digest", sa.String))
    named = {row.id: row for row in connection.execute(sa.select(entries.c.id, entries.c.uid, entries.c.story_id))}
    fill = (
        changes.update()
        .where(changes.c.channel_id == sa.bindparam("_channel"), changes.c.number == sa.bindparam("_number"))
        .values(digest=sa.bindparam("_digest"))
    )
    for channel_id in connection.scalars(sa.select(channels.c.id).order_by(channels.c.id)).all():
        query = sa.select(changes).where(changes.c.channel_id == channel_id).order_by(changes.c.number)
        digest, filled = "", []
        for row in connection.execute(query).all():
            entry = named[row.entry_id]
            digest = _ledger_digest(digest, row, entry)
            filled.append({"_channel": channel_id, "_number": row.number, "_digest": digest})
        if filled:
            connection.execute(fill, filled)
            connection.execute(channels.update().where(channels.c.id == channel_id).values(head_digest=digest))


def _ledger_digest(previous: str, row: Any, entry: Any) -> str:
    """As `hub.records.chains.ledger_digest` makes it; a migration stays what it was."""
    record = {
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "entry": entry.uid,
        "kind": row.kind,
        "number": row.number,
        "story": entry.story_id,
    }
    body = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # RFC 8785, for such values
    return hashlib.sha256(f"{previous or '0' * 64}\n{body}".encode()).hexdigest()
