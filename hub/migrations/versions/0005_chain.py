"""The chain: the name of a story's time, its open step, and what an act needs to say of it

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

import hub.db
from hub.migrations.steps import add_reference

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stories", sa.Column("organization_name", sa.String(length=300), nullable=False, server_default=""))
    op.execute(
        "UPDATE stories SET organization_name = "
        "(SELECT name FROM organizations WHERE organizations.id = stories.organization_id)"
    )
    op.add_column("stories", sa.Column("urgency", sa.Integer(), nullable=False, server_default="5"))
    op.add_column("stories", sa.Column("step", sa.String(length=30), nullable=False, server_default=""))
    op.add_column("stories", sa.Column("step_since", hub.db.UTCDateTime(timezone=True), nullable=True))
    add_reference("acts", "user_id", "users")
    op.add_column("acts", sa.Column("by_code", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("acts", sa.Column("step", sa.String(length=30), nullable=False, server_default=""))
    op.add_column("acts", sa.Column("clause", sa.String(length=12), nullable=False, server_default=""))
    op.add_column("acts", sa.Column("faults", sa.JSON(), nullable=True))
    op.create_table(
        "claim_checks",
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("claim", sa.String(length=64), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_claim_checks_story_id")),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_claim_checks_act_id")),
        sa.PrimaryKeyConstraint("story_id", "claim", name=op.f("pk_claim_checks")),
    )
