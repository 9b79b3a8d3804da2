"""Kind and actor of journal rows beside their bodies, so that administrators find rows by an index

Revision: 0032, after 0031. Both are derived from the bodies; bodies, digests and the chain stay as they are. A damaged
body says nothing, and `hub verify` tells of it as before.
"""

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

PAGE = 2000
LENGTHS = {"kind": 40, "actor": 120}
ROWS = sa.table(
    "journal",
    sa.column("number", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("actor", sa.String()),
    sa.column("body", sa.Text()),
)


def upgrade() -> None:
    for name, length in LENGTHS.items():
        op.add_column("journal", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    _fill(op.get_bind())
    for names in (("kind",), ("actor",), ("kind", "actor"), ("story_id",), ("at",)):
        op.create_index(f"ix_journal_{'_'.join(names)}_number", "journal", [*names, "number"])


def _fill(connection: sa.Connection) -> None:
    write = sa.update(ROWS).where(ROWS.c.number == sa.bindparam("row"))
    write = write.values({name: sa.bindparam(f"said_{name}") for name in LENGTHS})
    last = 0
    while True:
        query = sa.select(ROWS.c.number, ROWS.c.body).where(ROWS.c.number > last).order_by(ROWS.c.number).limit(PAGE)
        if not (rows := connection.execute(query).all()):
            return
        last = rows[-1].number
        said = [{"row": row.number, **_said(row.body)} for row in rows]
        connection.execute(write, said)


def _said(body: str) -> dict[str, str]:
    record: Any
    try:
        record = orjson.loads(body)
    except ValueError:
        record = {}
    known = record if isinstance(record, dict) else {}
    return {f"said_{name}": str(known.get(name) or "")[:length] for name, length in LENGTHS.items()}
