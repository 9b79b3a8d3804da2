"""The salts of what outlets answer to receipts

Revision: 0013, after 0012. Answers of before keep none: what the journal says of their notes cannot be opened again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipts", sa.Column("salt", sa.String(length=32), nullable=False, server_default=""))
