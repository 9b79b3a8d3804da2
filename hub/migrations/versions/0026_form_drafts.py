"""Stories that people at a unit's desk are still writing

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_drafts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.String(length=32), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_form_drafts_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_form_drafts_user_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_form_drafts_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_drafts")),
        sa.UniqueConstraint("story_id", name=op.f("uq_form_drafts_story_id")),
    )
    op.create_index("ix_form_drafts_organization_id_id", "form_drafts", ["organization_id", "id"])
    op.create_index("ix_form_drafts_updated_at", "form_drafts", ["updated_at"])
    op.create_table(
        "form_draft_uploads",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("upload_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["form_drafts.id"], op.f("fk_form_draft_uploads_draft_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], op.f("fk_form_draft_uploads_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "upload_id", name=op.f("pk_form_draft_uploads")),
    )
    op.create_index(op.f("ix_form_draft_uploads_upload_id"), "form_draft_uploads", ["upload_id"])
