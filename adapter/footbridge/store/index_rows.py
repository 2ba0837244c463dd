"""The rows of the search index, written when somebody searches and not when a resource is written.

A prescription has a hundred of them, all over the index, and other writers would wait for each. What was written last
to a tenant is known by its moment (``tenant.last_write``), and so is what was indexed last (``tenant.last_indexed``):
``catch_up`` indexes what lies between, many resources at once. ``search`` and ``find`` call it first, so that they
find whatever was written before.
"""

from sqlalchemy import Connection, bindparam, select, update

from footbridge.errors import NotFoundError
from footbridge.store.dialect import insert_many
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import FIRST, stamp
from footbridge.store.indexing import index_of
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import Instant, resource, search_index
from footbridge.store.tables import tenant as tenants

BATCH = 500  # resources; others wait for the transaction that indexes them

_MARKS = select(tenants.c.last_write, tenants.c.last_indexed).where(tenants.c.name == bindparam("of"))
_LOCKED_MARKS = _MARKS.with_for_update(key_share=True)
_SET_MARK = update(tenants).where(tenants.c.name == bindparam("of")).values(last_indexed=bindparam("moment"))
_WRITTEN = (
    select(resource.c.type, resource.c.last_updated, resource.c.body)
    .where(
        resource.c.tenant == bindparam("of"),
        resource.c.last_updated > bindparam("since", type_=Instant),
        resource.c.current,
        ~resource.c.deleted,
    )
    .order_by(resource.c.last_updated)
    .limit(BATCH)
)


def behind(connection: Connection, tenant: str) -> bool:
    """Whether something was written that is not indexed yet; needs no write transaction."""
    marks = connection.execute(_MARKS, {"of": tenant}).one_or_none()
    return marks is not None and marks.last_write != marks.last_indexed


def catch_up(scope: Scope) -> bool:
    """Index the next batch, in the caller's write transaction; False when nothing is left.

    Raises NotFoundError when there is no such tenant.
    """
    marks = scope.connection.execute(_LOCKED_MARKS, {"of": scope.tenant}).one_or_none()
    if marks is None:
        raise NotFoundError("There is no such tenant.")
    if marks.last_write == marks.last_indexed:
        return False
    since = FIRST if marks.last_indexed is None else marks.last_indexed
    rows = scope.connection.execute(_WRITTEN, {"of": scope.tenant, "since": since}).all()
    insert_many(
        scope.connection,
        search_index,
        [
            (scope.tenant, stamp(row.last_updated), *entry, row.type)
            for row in rows
            for entry in index_of(loads(row.body), scope.base_url)
        ],
    )
    more = len(rows) == BATCH
    mark = rows[-1].last_updated if more else marks.last_write
    scope.connection.execute(_SET_MARK, {"of": scope.tenant, "moment": mark})
    return more


def catch_up_all(scope: Scope) -> None:
    """Index everything that is left, in the caller's write transaction."""
    while catch_up(scope):
        pass
