"""Corrections: what changed, why, and how much it matters

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("act_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_corrections_act_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_corrections_story_id")),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_story_id"), "corrections", ["story_id"])
    op.add_column("acts", sa.Column("changes", sa.JSON(), nullable=True))
    op.add_column("releases", sa.Column("severity", sa.String(length=20), nullable=False, server_default=""))
