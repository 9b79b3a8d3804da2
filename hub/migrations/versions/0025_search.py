"""What the portal lists and searches

Revision: 0025, after 0024. Every story of a public channel waits to be listed; the worker does it in portions.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_listings_story_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], op.f("fk_listings_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("story_id", name=op.f("uq_listings_story_id")),
    )
    op.create_index("ix_listings_waiting_id", "listings", ["waiting", "id"])
    op.create_index(op.f("ix_listings_entry_id"), "listings", ["entry_id"])
    op.create_table(
        "listing_marks",
        sa.Column("listing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("published", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], op.f("fk_listing_marks_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", "dimension", "code", name=op.f("pk_listing_marks")),
    )
    op.create_index("ix_listing_marks_order", "listing_marks", ["dimension", "code", "published", "listing_id"])
    op.create_index("ix_listing_marks_listing_id", "listing_marks", ["listing_id"])
    op.execute("DROP TABLE IF EXISTS search_words")  # a restore makes the tables anew, and knows models alone
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.execute(
        "INSERT INTO listings (story_id, revision, waiting)"
        " SELECT DISTINCT entries.story_id, 0, true FROM entries"
        " JOIN channels ON channels.id = entries.channel_id WHERE channels.audience = 'public'"
    )


# the words come folded and parted by spaces, so the tokenizer has nothing to decide
SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(title, summary, body, rest, marked, tokenize='ascii', prefix='3')",
    "INSERT INTO search_words (search_words, rank) VALUES ('rank', 'bm25(8.0, 4.0, 1.0, 2.0, 40.0)')",
)
POSTGRESQL = (
    "CREATE TABLE search_words (id INTEGER CONSTRAINT pk_search_words PRIMARY KEY,"
    " folded TSVECTOR NOT NULL, marked TSVECTOR NOT NULL)",
    "CREATE INDEX ix_search_words_folded ON search_words USING gin (folded)",
)
