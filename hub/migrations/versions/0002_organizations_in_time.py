"""Organizations, agencies and outlets that change with time; users with roles

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

import hub.db
from hub.migrations.steps import add_reference

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SYSTEMS = {  # of the kinds that there were
    "front": ("mat_tran", "khu_dan_cu", "to_chuc_ton_giao", "hoi_quan_chung", "khac"),
    "union": ("lien_doan_lao_dong", "cong_doan", "doanh_nghiep"),
    "youth": ("doan_thanh_nien",),
    "women": ("hoi_phu_nu",),
    "farmers": ("hoi_nong_dan", "hop_tac_xa"),
    "veterans": ("hoi_cuu_chien_binh",),
    "party": ("cap_uy_dang", "ban_tuyen_giao"),
    "state": ("chinh_quyen", "co_so_y_te"),
    "press": ("co_quan_bao_chi",),
    "school": ("truong_hoc",),
    "armed_forces": ("luc_luong_vu_trang",),
}
FACTS = ("name", "system", "kind", "level", "commune", "province", "parent_id")


def upgrade() -> None:
    _users()
    _organizations()
    for table in ("agencies", "outlets"):
        op.add_column(table, sa.Column("ended_on", sa.Date(), nullable=True))
        add_reference(table, "successor_id", table)
    add_reference("channels", "successor_id", "channels")
    add_reference("keys", "user_id", "users")
    op.create_index(op.f("ix_keys_user_id"), "keys", ["user_id"])
    _events()


def _organizations() -> None:
    op.add_column("organizations", sa.Column("system", sa.String(length=40), nullable=False, server_default="front"))
    op.add_column("organizations", sa.Column("ended_on", sa.Date(), nullable=True))
    add_reference("organizations", "successor_id", "organizations")
    op.create_index(op.f("ix_organizations_successor_id"), "organizations", ["successor_id"])
    op.create_table(
        "organization_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("commune", sa.String(length=120), nullable=False),
        sa.Column("province", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_organization_states_organization_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["organizations.id"], name=op.f("fk_organization_states_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_states")),
        sa.UniqueConstraint(
            "organization_id", "valid_from", name=op.f("uq_organization_states_organization_id_valid_from")
        ),
    )
    op.create_index("ix_organization_states_span", "organization_states", ["valid_from", "valid_to"])
    organizations = sa.table("organizations", sa.column("system"), sa.column("kind"))
    for system, kinds in SYSTEMS.items():
        op.execute(organizations.update().where(organizations.c.kind.in_(kinds)).values(system=system))
    names = ", ".join(FACTS)
    day = "date(created_at)" if op.get_bind().dialect.name == "sqlite" else "CAST(created_at AS date)"
    op.execute(
        f"INSERT INTO organization_states (organization_id, valid_from, {names}) "  # noqa: S608  names of columns
        f"SELECT id, {day}, {names} FROM organizations ORDER BY id"
    )
    op.drop_column("organizations", "closed_at")


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", hub.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("outlet_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_memberships_outlet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    for column in ("user_id", "organization_id", "outlet_id"):
        op.create_index(op.f(f"ix_memberships_{column}"), "memberships", [column])
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_delegations_user_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_delegations_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_deputy_id"), "delegations", ["deputy_id"])


def _events() -> None:
    op.create_table(
        "register_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("successor", sa.String(length=80), nullable=False),
        sa.Column("heir", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", hub.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_events")),
    )
    op.create_index("ix_register_events_subject", "register_events", ["register", "subject"])
