"""What a partner's network keeps of a referral: opaque text that it gets back with everything that is sent about it.

What belongs to a prescription as a whole, as all that a requester's network keeps, has no referral (``WHOLE``).
"""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select

from footbridge.store.dialect import inserting
from footbridge.store.tables import network_context as table

WHOLE = ""
"""In the place of a referral: the prescription as a whole."""

_HERE = (
    table.c.tenant == bindparam("of"),
    table.c.partner == bindparam("at"),
    table.c.prescription == bindparam("about"),
)
_FIND = select(table.c.referral, table.c.context).where(*_HERE)
_PUT = inserting(
    table,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["tenant", "partner", "prescription", "referral"],
        set_={"context": statement.excluded.context},
    ),
)
_DELETE = delete(table).where(*_HERE, table.c.referral == bindparam("which"))


def contexts_of(connection: Connection, tenant: str, partner: str, prescription: str) -> Mapping[str, str]:
    """What the partner's network stored last, by referral (``WHOLE`` for the prescription)."""
    rows = connection.execute(_FIND, {"of": tenant, "at": partner, "about": prescription})
    return {row.referral: row.context for row in rows}


def put_context(
    connection: Connection, tenant: str, partner: str, prescription: str, context: str, *, referral: str = WHOLE
) -> None:
    """Store what the partner's network keeps, in place of what it kept before."""
    row = {"tenant": tenant, "partner": partner, "prescription": prescription, "referral": referral}
    connection.execute(_PUT[connection.dialect.name], row | {"context": context})


def delete_context(connection: Connection, tenant: str, partner: str, prescription: str, referral: str) -> None:
    """Delete what the partner's network keeps of a referral."""
    here = {"of": tenant, "at": partner, "about": prescription, "which": referral}
    connection.execute(_DELETE, here)
