"""Columns show the standfirst; embargo terms of outlets

Revision: 0018, after 0017. A channel whose file narrows its fields keeps them.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
PROFILE = "column"
AFTER = "summary"
WHOLE = 35  # fields that the profile had


def upgrade() -> None:
    op.create_table(
        "embargo_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=300), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_embargo_terms_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embargo_terms")),
    )
    op.create_index(op.f("ix_embargo_terms_outlet_id"), "embargo_terms", ["outlet_id"])
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
