"""What a person took back is found by the end's reason, beside all that they gave

Revision: 0015, after 0014.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the new one answers whatever the old one answered, so no row is written into more indexes than before
    op.create_index("ix_consents_person_id_end_reason", "consents", ["person_id", "end_reason"])
    op.drop_index(op.f("ix_consents_person_id"), "consents")
