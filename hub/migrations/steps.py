"""Steps that both databases take alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add_reference(table: str, column: str, target: str) -> None:
    """Add a nullable integer column that names a row of `target`.

    SQLite takes the reference only inside ADD COLUMN; making the table anew, as Alembic would, is not possible while
    other tables name its rows.
    """
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {target} (id)")
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(name, table, target, [column], ["id"])
