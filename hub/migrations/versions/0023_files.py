"""Files that come in: tables row by row, pictures and films piece by piece

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_imports_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_imports_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_organization_id_created_at", "imports", ["organization_id", "created_at"])
    op.create_index(op.f("ix_imports_created_at"), "imports", ["created_at"])
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("story_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], op.f("fk_import_rows_import_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_import_rows_story_id")),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_import_id_state_line", "import_rows", ["import_id", "state", "line"])
    op.create_index(op.f("ix_import_rows_story_id"), "import_rows", ["story_id"])
    op.create_table(
        "partial_uploads",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.String(length=80), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("touched_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_partial_uploads_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_partial_uploads_user_id")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], op.f("fk_partial_uploads_upload_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partial_uploads")),
    )
    op.create_index(op.f("ix_partial_uploads_organization_id"), "partial_uploads", ["organization_id"])
    op.create_index(op.f("ix_partial_uploads_user_id"), "partial_uploads", ["user_id"])
    op.create_index(op.f("ix_partial_uploads_upload_id"), "partial_uploads", ["upload_id"])
    op.create_index(op.f("ix_partial_uploads_touched_at"), "partial_uploads", ["touched_at"])
    op.add_column("uploads", sa.Column("kind", sa.String(length=10), nullable=False, server_default="picture"))
