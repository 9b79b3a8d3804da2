"""What people of outlets have seen of a channel, and by which words its entries are found

Revision: 0028, after 0027. Lines are made when somebody first searches a channel.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_visits",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_channel_visits_user_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], op.f("fk_channel_visits_channel_id")),
        sa.PrimaryKeyConstraint("user_id", "channel_id", name=op.f("pk_channel_visits")),
    )
    op.create_table(
        "inbox_lines",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("topics", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], op.f("fk_inbox_lines_entry_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], op.f("fk_inbox_lines_channel_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_inbox_lines")),
    )
    op.create_index(op.f("ix_inbox_lines_channel_id"), "inbox_lines", ["channel_id"])
