"""Columns show the standfirst

Revision: 0018, after 0017. A channel whose file narrows its fields keeps them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
PROFILE = "column"
AFTER = "summary"
WHOLE = 34  # fields that the profile had


def upgrade() -> None:
    _add_standfirst()


def _add_standfirst() -> None:
    channels = sa.table(
        "channels", sa.column("id", sa.Integer), sa.column("profile", sa.String), sa.column("fields", sa.JSON)
    )
    connection = op.get_bind()
    found = connection.execute(sa.select(channels.c.id, channels.c.fields).where(channels.c.profile == PROFILE)).all()
    for channel_id, fields in found:
        if len(fields) == WHOLE and "standfirst" not in fields and AFTER in fields:
            place = fields.index(AFTER) + 1
            widened = [*fields[:place], "standfirst", *fields[place:]]
            connection.execute(channels.update().where(channels.c.id == channel_id).values(fields=widened))
