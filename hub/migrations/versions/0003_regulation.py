"""Editions of the regulation, and the duties that follow from them

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("adopted_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("effective_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
    )
    op.create_index(op.f("ix_editions_effective_at"), "editions", ["effective_at"])
    op.create_table(
        "duties",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(length=12), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=True),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", hub.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("ended_at", hub.db.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_duties_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_owner", "duties", ["owner_kind", "owner", "due_at", "id"])
    op.create_index("ix_duties_due_at_id", "duties", ["due_at", "id"])
    op.create_index("ix_duties_story_id", "duties", ["story_id"])
    op.create_index(op.f("ix_duties_key"), "duties", ["key"])
    op.create_index(op.f("ix_duties_next_due_at"), "duties", ["next_due_at"])
    op.create_table(
        "duty_waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_waivers")),
    )
    op.create_index(op.f("ix_duty_waivers_duty_id"), "duty_waivers", ["duty_id"])
