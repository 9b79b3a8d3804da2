"""Near-duplicates: signatures, bands, what was found; suppliers of joined stories and their credit on releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_likeness_signatures_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness_signatures")),
        sa.UniqueConstraint("story_id", name=op.f("uq_likeness_signatures_story_id")),
    )
    op.create_table(
        "likeness_bands",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signature_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["likeness_signatures.id"],
            name=op.f("fk_likeness_bands_signature_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bucket", "signature_id", name=op.f("pk_likeness_bands")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_likeness_bands_signature_id"), "likeness_bands", ["signature_id"])
    op.create_table(
        "likeness_rebuilds",
        sa.Column("scheme", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("scheme", name=op.f("pk_likeness_rebuilds")),
    )
    op.create_table(
        "likenesses",
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("found_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=300), nullable=False),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_likenesses_story_id")),
        sa.ForeignKeyConstraint(["other_id"], ["stories.id"], name=op.f("fk_likenesses_other_id")),
        sa.PrimaryKeyConstraint("story_id", "other_id", name=op.f("pk_likenesses")),
    )
    op.create_index("ix_likenesses_other_id", "likenesses", ["other_id"])
    op.create_table(
        "story_suppliers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("submitted_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_suppliers_story_id")),
        sa.ForeignKeyConstraint(["source_id"], ["stories.id"], name=op.f("fk_story_suppliers_source_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_story_suppliers_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_suppliers")),
        sa.UniqueConstraint("story_id", "source_id", name=op.f("uq_story_suppliers_story_id_source_id")),
    )
    op.create_index("ix_story_suppliers_source_id", "story_suppliers", ["source_id"])
    op.add_column("acts", sa.Column("into_id", sa.String(length=32), nullable=True))
    op.add_column("releases", sa.Column("suppliers", sa.JSON(), nullable=False, server_default="[]"))
