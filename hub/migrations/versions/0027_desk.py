"""Words that stories are found by at desks, who looks at one, and running duties by their deadline

Revision: 0027, after 0026.
"""

import re
import unicodedata
from base64 import urlsafe_b64decode
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

RUNS = sa.text("ended_at IS NULL")
PAGE = 200
STORIES = sa.table(
    "stories", sa.column("id", sa.String()), sa.column("latest", sa.Integer()), sa.column("external_id", sa.String())
)
VERSIONS = sa.table(
    "versions",
    sa.column("story_id", sa.String()),
    sa.column("number", sa.Integer()),
    sa.column("disclosures", sa.JSON()),
)
WORDS = sa.table("story_words", sa.column("word", sa.String()), sa.column("story_id", sa.String()))
FOUND_BY = re.compile(  # as hub.records.story_words had it then
    r"/(title|standfirst|summary|deed|movement|subject/(name|role|unit)|unit/name|place/.+|byline/name"
    r"|spokesperson/name|interview/title|interview/guests/\d+(/name)?)"
)
WORD = re.compile(r"[^\W_]+")


def upgrade() -> None:
    op.create_table(
        "story_words",
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_story_words_story_id")),
        sa.PrimaryKeyConstraint("word", "story_id", name=op.f("pk_story_words")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_words_story_id"), "story_words", ["story_id"])
    op.create_table(
        "presences",
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_presences_story_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_presences_user_id")),
        sa.PrimaryKeyConstraint("story_id", "user_id", name=op.f("pk_presences")),
    )
    op.create_index(op.f("ix_presences_seen_at"), "presences", ["seen_at"])
    op.create_index(
        "ix_duties_open", "duties", ["owner_kind", "due_at", "id"], sqlite_where=RUNS, postgresql_where=RUNS
    )
    op.create_index(
        "ix_duties_open_story", "duties", ["story_id", "owner_kind"], sqlite_where=RUNS, postgresql_where=RUNS
    )
    op.create_index("ix_stories_created_at_state", "stories", ["created_at", "state", "organization_id"])
    op.create_index("ix_pickups_at", "pickups", ["at"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """The words of every story's newest version, page by page."""
    after = ""
    newest = sa.and_(VERSIONS.c.story_id == STORIES.c.id, VERSIONS.c.number == STORIES.c.latest)
    query = sa.select(STORIES.c.id, STORIES.c.external_id, VERSIONS.c.disclosures).join(VERSIONS, newest)
    while rows := connection.execute(query.where(STORIES.c.id > after).order_by(STORIES.c.id).limit(PAGE)).all():
        after = rows[-1][0]
        words = [
            {"word": word, "story_id": story_id}
            for story_id, external_id, disclosures in rows
            for word in sorted(_words(external_id or "", disclosures))
        ]
        if words:
            connection.execute(WORDS.insert(), words)


def _words(external_id: str, disclosures: dict[str, str]) -> set[str]:
    texts, facts = [external_id], set[str]()
    for encoded in disclosures.values():
        _salt, pointer, value = orjson.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        facts |= _facts(pointer, value)
        if FOUND_BY.fullmatch(pointer):
            texts.append(value if isinstance(value, str) else _name(value))
    return facts | {word[:60] for text in texts for word in WORD.findall(_fold(text))}


def _facts(pointer: str, value: Any) -> set[str]:
    if pointer == "/topics":
        return {f"topic:{code}" for code in value}
    return {f"{pointer[1:]}:{value}"} if pointer in ("/kind", "/replaces") else set()


def _name(value: Any) -> str:
    return str(value.get("name", "")) if isinstance(value, dict) else ""


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return bare.translate(str.maketrans("đðħłøı", "ddhloi"))
