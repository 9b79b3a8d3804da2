"""Which page of the archive a channel's newest document leads to; and what outlets read

Revision: 0016, after 0015. Documents of before are of an older renderer, and never served again.
"""

import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("previous", sa.String(length=60), nullable=False, server_default=""))
    op.create_table(
        "readings",
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_readings_channel_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_readings_key_id")),
        sa.PrimaryKeyConstraint("key_id", "channel_id", "format", name=op.f("pk_readings")),
    )
    op.create_index(op.f("ix_readings_channel_id"), "readings", ["channel_id"])
