"""The words by which entries are found at an outlet's desk, in an index that the worker keeps

Revision: 0031, after 0030. The lines are derived: all wait, and the worker makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BY_BYTES = sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql")


def upgrade() -> None:
    op.drop_table("inbox_lines")
    op.create_table(
        "inbox_lines",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], op.f("fk_inbox_lines_entry_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], op.f("fk_inbox_lines_channel_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_inbox_lines")),
    )
    op.create_index("ix_inbox_lines_waiting_channel_id", "inbox_lines", ["waiting", "channel_id", "entry_id"])
    op.create_table(
        "inbox_words",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", BY_BYTES, nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], op.f("fk_inbox_words_channel_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], op.f("fk_inbox_words_entry_id")),
        sa.PrimaryKeyConstraint("channel_id", "word", "entry_id", name=op.f("pk_inbox_words")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbox_words_entry_id"), "inbox_words", ["entry_id"])
    op.execute(
        "INSERT INTO inbox_lines (entry_id, channel_id, revision, words, waiting)"
        " SELECT id, channel_id, 0, '', true FROM entries WHERE listed AND state <> 'withdrawn'"
    )
