"""Alembic's entrance: runs on the connection that `hub.migrations.upgrade` hands over."""

from alembic import context

from hub.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=lambda name, kind, _: not (kind == "table" and (name or "").startswith("search_words")),
)
with context.begin_transaction():
    context.run_migrations()
