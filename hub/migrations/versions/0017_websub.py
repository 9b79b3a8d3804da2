"""WebSub: subscriptions, and what is still to be asked or told at callbacks

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make(
        "subscriptions",
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.Column("renewed_at", UTCDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_subscriptions_channel_id_mark", "subscriptions", ["channel_id", "mark"])
    op.create_index(op.f("ix_subscriptions_lease_until"), "subscriptions", ["lease_until"])
    _make(
        "intents",
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
    )
    op.create_index("ix_intents_next_try_at", "intents", ["next_try_at"])
    op.create_index("ix_intents_place", "intents", ["place"])


def _make(table: str, *columns: sa.Column[object]) -> None:
    """A table of callbacks and topics, and `columns` of its own."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("claimed_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], op.f(f"fk_{table}_channel_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], op.f(f"fk_{table}_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("digest", name=op.f(f"uq_{table}_digest")),
    )
    op.create_index(op.f(f"ix_{table}_key_id"), table, ["key_id"])
