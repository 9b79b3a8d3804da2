"""Pick-ups with reason, time, length and clip, put right or taken back, and found by the hub; Idempotency-Key for all

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
    _let_others_have_keys()


def _let_others_have_keys() -> None:
    """Answers are kept by whoever sent the key, not by organizations alone."""
    op.add_column("idempotency", sa.Column("owner", sa.String(length=40), nullable=False, server_default=""))
    op.execute("UPDATE idempotency SET owner = 'organization:' || organization_id")
    with op.batch_alter_table("idempotency", schema=None) as batch_op:  # no other table names its rows
        batch_op.drop_constraint("fk_idempotency_organization_id", type_="foreignkey")
        batch_op.drop_constraint("pk_idempotency", type_="primary")
        batch_op.drop_column("organization_id")
        batch_op.alter_column("owner", existing_type=sa.String(length=40), server_default=None)
        batch_op.alter_column("story_id", existing_type=sa.String(length=32), nullable=True)
        batch_op.create_primary_key("pk_idempotency", ["owner", "key"])
    op.create_index(op.f("ix_idempotency_story_id"), "idempotency", ["story_id"])
