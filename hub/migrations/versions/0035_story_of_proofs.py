"""For which story a consent paper was handed in

Revision: 0035, after 0034. Papers from before were sealed for a person alone, and stay so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("proofs") as batch:
        batch.add_column(sa.Column("story_id", sa.String(length=32), nullable=True))
        batch.create_foreign_key(op.f("fk_proofs_story_id"), "stories", ["story_id"], ["id"])
        batch.create_index(op.f("ix_proofs_story_id"), ["story_id"])
