"""The organization that the hub is run from, written down: until now it was reckoned anew for every question

Revision: 0034, after 0033. It is the one that the reckoning of before gives: the oldest of those that nobody is above.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        sa.text(
            "INSERT INTO settings (name, value) SELECT 'hub_seat', code FROM organizations"
            " WHERE parent_id IS NULL AND (ended_on IS NULL OR ended_on > CURRENT_DATE) ORDER BY id LIMIT 1"
        )
    )
