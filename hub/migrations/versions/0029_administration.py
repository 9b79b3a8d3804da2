"""What administration searches by, and tables that wait for somebody to agree to their plan

Revision: 0029, after 0028.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

PAGE = 500


def upgrade() -> None:
    for table, names in (("organizations", ("code", "name")), ("users", ("name", "email"))):
        op.add_column(table, sa.Column("folded", sa.Text(), nullable=False, server_default=""))
        _fill(table, names)
    op.create_table(
        "table_drafts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("children_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_table_drafts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_drafts")),
    )


def _fill(name: str, said: tuple[str, ...]) -> None:
    """Fold what is there already, some rows at a time."""
    table = sa.table(name, sa.column("id"), sa.column("folded"), *(sa.column(each) for each in said))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(table.c.id, *(table.c[each] for each in said))
        .where(table.c.id > last)
        .order_by(table.c.id)
        .limit(PAGE)
    ).all():
        changes = [{"row": row[0], "text": _fold(" ".join(row[1:]))} for row in rows]
        connection.execute(
            sa.update(table).where(table.c.id == sa.bindparam("row")).values(folded=sa.bindparam("text")), changes
        )
        last = rows[-1][0]


def _fold(text: str) -> str:
    """As search folded when this was written: what it becomes later must not change what this gives."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return bare.translate(str.maketrans("đðħłøı", "ddhloi"))
