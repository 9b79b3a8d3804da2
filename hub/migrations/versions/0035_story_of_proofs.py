"""For which story a consent paper was handed in

Revision: 0035, after 0034. Papers from before were sealed for a person alone, and stay so. A column without a foreign
key, as the journal's: SQLite would have to make the table anew, while entries of the ledger name its rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proofs", sa.Column("story_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_proofs_story_id"), "proofs", ["story_id"])
