"""Uses of stories, and what organizations file

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pickups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=90), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], op.f("fk_pickups_outlet_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_pickups_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickups")),
    )
    op.create_index("ix_pickups_outlet_id_id", "pickups", ["outlet_id", "id"])
    op.create_index(op.f("ix_pickups_story_id"), "pickups", ["story_id"])
    op.create_table(
        "filings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_filings_organization_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["organizations.id"], op.f("fk_filings_recipient_id")),
        sa.ForeignKeyConstraint(["answers_id"], ["filings.id"], op.f("fk_filings_answers_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint("answers_id", name=op.f("uq_filings_answers_id")),
    )
    op.create_index("ix_filings_organization_id_id", "filings", ["organization_id", "id"])
    op.create_index("ix_filings_recipient_id_id", "filings", ["recipient_id", "id"])
