"""Which stories name an upload

Revision: 0014, after 0013. Filled from the pictures that versions tell of.
"""

import base64
import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
PAGE = 500  # versions in memory at once


def upgrade() -> None:
    table = op.create_table(
        "upload_stories",
        sa.Column("upload_id", sa.String(length=80), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_stories_upload_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_upload_stories_story_id")),
        sa.PrimaryKeyConstraint("upload_id", "story_id", name=op.f("pk_upload_stories")),
    )
    op.create_index(op.f("ix_upload_stories_story_id"), "upload_stories", ["story_id"])
    connection = op.get_bind()
    known = set(connection.execute(sa.text("SELECT id FROM uploads")).scalars())
    columns = (sa.column("id", sa.Integer), sa.column("story_id", sa.String), sa.column("disclosures", sa.JSON))
    versions = sa.table("versions", *columns)
    named, last = set(), 0
    page = sa.select(*versions.c).order_by(versions.c.id).limit(PAGE)
    while rows := connection.execute(page.where(versions.c.id > last)).all():
        for last, story_id, disclosures in rows:  # noqa: B007  the last one's id is where the next page begins
            named |= {(upload_id, story_id) for upload_id in _uploads(disclosures) if upload_id in known}
    if named:
        uses = [{"upload_id": upload_id, "story_id": story_id} for upload_id, story_id in sorted(named)]
        connection.execute(table.insert(), uses)


def _uploads(disclosures: dict[str, str]) -> set[str]:
    """Disclosures are base64url of ``[salt, pointer, value]``; a picture's value is an object with its upload."""
    found = set()
    for encoded in disclosures.values():
        *_, value = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        if isinstance(value, dict) and "upload" in value:
            found.add(value["upload"])
    return found
