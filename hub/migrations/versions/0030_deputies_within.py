"""Where the roles lie that a deputy has, once a part of the tree decided on it

Revision: 0030, after 0029. Delegations of before keep reaching wherever the absent user's roles lie.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delegations", schema=None) as batch_op:  # no other table names its rows
        batch_op.add_column(sa.Column("within_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_delegations_within_id"), "organizations", ["within_id"], ["id"])
