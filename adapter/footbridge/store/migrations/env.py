"""Run by alembic for each command; ``footbridge.store.migrate`` hands over a connection inside its transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from footbridge.store.tables import Instant, metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - alembic's hook
    # A migration is a fact of history: it must not change when our own types do.
    return f"sa.String({item.impl.length})" if kind == "type" and isinstance(item, Instant) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
    compare_server_default=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
