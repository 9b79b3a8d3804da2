"""What outlets ask organizations to cover, and the answers

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

from hub.db import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("reach", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], op.f("fk_coverage_requests_outlet_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], op.f("fk_coverage_requests_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_requests")),
    )
    op.create_index("ix_coverage_requests_outlet_id_id", "coverage_requests", ["outlet_id", "id"])
    op.create_index("ix_coverage_requests_organization_id_id", "coverage_requests", ["organization_id", "id"])
    op.create_table(
        "request_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.String(length=32), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["coverage_requests.id"], op.f("fk_request_answers_request_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], op.f("fk_request_answers_organization_id")),
        sa.ForeignKeyConstraint(["question_id"], ["request_answers.id"], op.f("fk_request_answers_question_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], op.f("fk_request_answers_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_answers")),
    )
    op.create_index(op.f("ix_request_answers_request_id"), "request_answers", ["request_id"])
