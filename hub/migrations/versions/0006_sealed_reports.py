"""Sealed reports

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

import hub.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auditor_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.String(length=80), nullable=False),
        sa.Column("added_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("retired_at", hub.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_keys")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_auditor_keys_fingerprint")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("receipt_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_on", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("receipt_sha256", name=op.f("uq_reports_receipt_sha256")),
    )
    op.create_table(
        "report_parts",
        sa.Column("report_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_parts_report_id")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_report_parts")),
    )
    op.create_table(
        "report_copies",
        sa.Column("report_id", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fingerprint"], ["auditor_keys.fingerprint"], name=op.f("fk_report_copies_fingerprint")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_copies_report_id")),
        sa.PrimaryKeyConstraint("report_id", "fingerprint", name=op.f("pk_report_copies")),
    )
