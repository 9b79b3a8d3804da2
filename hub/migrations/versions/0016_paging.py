"""Which page of the archive a channel's newest document leads to

Revision: 0016, after 0015. Documents of before are of an older renderer, and never served again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("previous", sa.String(length=60), nullable=False, server_default=""))
