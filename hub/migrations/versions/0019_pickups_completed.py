"""Pick-ups with reason, time, length and clip, put right or taken back, and found by the hub

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime
from hub.migrations.steps import add_reference

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("used_time", sa.String(length=5), nullable=False, server_default=""),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.Column("clip_url", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.String(length=12), nullable=False, server_default="filed"),
        sa.Column("likeness", sa.Float(), nullable=True),
        sa.Column("proposed_at", UTCDateTime(timezone=True), nullable=True),
    ):
        op.add_column("pickups", column)
    add_reference("pickups", "replaces_id", "pickups")
    op.create_index("ix_pickups_replaces_id", "pickups", ["replaces_id"], unique=True)
