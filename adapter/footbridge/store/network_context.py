"""What a partner's network keeps of a prescription: opaque text that it gets back with everything that is sent."""

from sqlalchemy import Connection, bindparam, select

from footbridge.store.dialect import inserting
from footbridge.store.tables import network_context as table

_HERE = (
    table.c.tenant == bindparam("of"),
    table.c.partner == bindparam("at"),
    table.c.prescription == bindparam("about"),
)
_FIND = select(table.c.context).where(*_HERE)
_PUT = inserting(
    table,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["tenant", "partner", "prescription"], set_={"context": statement.excluded.context}
    ),
)


def find_context(connection: Connection, tenant: str, partner: str, prescription: str) -> str | None:
    """What the partner's network stored last; None when it stored nothing."""
    found: str | None = connection.scalar(_FIND, {"of": tenant, "at": partner, "about": prescription})
    return found


def put_context(connection: Connection, tenant: str, partner: str, prescription: str, context: str) -> None:
    """Store what the partner's network keeps, in place of what it kept before."""
    row = {"tenant": tenant, "partner": partner, "prescription": prescription, "context": context}
    connection.execute(_PUT[connection.dialect.name], row)
