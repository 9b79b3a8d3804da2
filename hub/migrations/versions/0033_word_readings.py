"""Word files that are read beside the web, with how far that has come and what was found

Revision: 0033, after 0032.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "word_readings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("held_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("begun_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_word_readings_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_word_readings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_readings")),
    )
    op.create_index("ix_word_readings_state_created_at", "word_readings", ["state", "created_at"])
    op.create_index("ix_word_readings_user_id_digest", "word_readings", ["user_id", "digest"])
    op.create_index(op.f("ix_word_readings_created_at"), "word_readings", ["created_at"])
