"""Where prescriptions of a category go when they name no partner: the tenant's defaults, ranked.

The first rank is asked first, the next one after a decline. The category ``*`` stands for every category, after
those that are set for the category itself.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.tables import partner as partners
from footbridge.store.tables import route as table

EVERY_CATEGORY = "*"

_OF_TENANT = (
    select(table.c.category, table.c.partner)
    .where(table.c.tenant == bindparam("of"), table.c.category.in_(bindparam("categories", expanding=True)))
    .order_by(table.c.rank)
)


def set_route(connection: Connection, tenant: str, category: str, names: Sequence[str]) -> None:
    """Set who is asked for a category, in this order, in place of what was set before; an empty list unsets it.

    Raises NotFoundError when one of them is no partner of the tenant.
    """
    known = set(connection.scalars(select(partners.c.name).where(partners.c.tenant == tenant)))
    if not known.issuperset(names):
        raise NotFoundError(_("A route names an unknown partner."))
    connection.execute(delete(table).where(table.c.tenant == tenant, table.c.category == category))
    rows = [
        {"tenant": tenant, "category": category, "rank": rank, "partner": name}
        for rank, name in enumerate(dict.fromkeys(names), start=1)
    ]
    if rows:
        connection.execute(insert(table), rows)


def list_routes(connection: Connection, tenant: str) -> dict[str, list[str]]:
    """Every route of a tenant: category to names in their order."""
    found: dict[str, list[str]] = {}
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.category, table.c.rank)
    for row in connection.execute(query):
        found.setdefault(row.category, []).append(row.partner)
    return found


def candidates(connection: Connection, tenant: str, category: str) -> list[str]:
    """Names of the partners to ask for a category, each once, in order; empty: a person has to decide."""
    rows = connection.execute(_OF_TENANT, {"of": tenant, "categories": [category, EVERY_CATEGORY]}).all()
    own = [row.partner for row in rows if row.category == category]
    rest = [row.partner for row in rows if row.category == EVERY_CATEGORY]
    return list(dict.fromkeys([*own, *rest]))
