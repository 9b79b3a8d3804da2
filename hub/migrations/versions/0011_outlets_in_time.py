"""What agencies and outlets were from when to when; releases that a merger carried from channel to channel

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from hub.migrations.steps import add_reference

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["of_id"], ["agencies.id"], name=op.f("fk_agency_states_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_states")),
        sa.UniqueConstraint("of_id", "valid_from", name=op.f("uq_agency_states_of_id_valid_from")),
    )
    op.create_table(
        "outlet_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["of_id"], ["outlets.id"], name=op.f("fk_outlet_states_of_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_outlet_states_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet_states")),
        sa.UniqueConstraint("of_id", "valid_from", name=op.f("uq_outlet_states_of_id_valid_from")),
    )
    add_reference("releases", "carried_from_id", "releases")
    day = "date(created_at)" if op.get_bind().dialect.name == "sqlite" else "CAST(created_at AS date)"
    op.execute(
        f"INSERT INTO outlet_states (of_id, valid_from, name, agency_id) "  # noqa: S608  an expression of ours
        f"SELECT id, {day}, name, agency_id FROM outlets ORDER BY id"
    )
    # an agency came with its first outlet; one without any is known from the day on that any outlet is
    first = "SELECT MIN(valid_from) FROM outlet_states"
    op.execute(
        f"INSERT INTO agency_states (of_id, valid_from, name) "  # noqa: S608
        f"SELECT id, COALESCE(({first} WHERE agency_id = agencies.id), ({first}), CURRENT_DATE), name "
        "FROM agencies ORDER BY id"
    )
