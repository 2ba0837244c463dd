"""Takes resources out of a compartment so that nothing of their content stays.

What a partner may no longer know goes from its compartment in the transaction of the event that says so. The versions
stay as numbers and moments: a read answers Gone, the history shows versions without a resource, and a later write
under the id is the next version. Bodies, index rows and the columns of Tasks are overwritten.

On SQLite ``PRAGMA secure_delete`` overwrites the bytes in the file; the write-ahead log holds them until it is
checkpointed and used again. PostgreSQL keeps a dead row until it is vacuumed, and its log as long as its operator says.
Backups are the operator's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update

from footbridge.store.dialect import is_among
from footbridge.store.resource_rows import (
    COLUMNS,
    CURRENT,
    Scope,
    current,
    lock,
    of_compartment,
    present,
    put_deletions,
    put_new,
    put_next,
    stored,
)
from footbridge.store.stored import Stored
from footbridge.store.tables import resource as table

_IDS = 500  # that one statement names at most
_NOTHING = {"body": "", "owner": None, "requester": None, "status": None}


def erase(scope: Scope, keys: Iterable[tuple[str, str]]) -> int:
    """Take these resources (type, id) out of the compartment, in the caller's write transaction.

    Returns how many had any content; what is not here, and what was erased before, does not count. Raises
    NotFoundError when there is no such tenant.
    """
    lock(scope)
    by_type: dict[str, list[str]] = {}
    for resource_type, identity in sorted(set(keys)):
        by_type.setdefault(resource_type, []).append(identity)
    return sum(
        _erase(scope, (table.c.type == resource_type, table.c.id.in_(ids[start : start + _IDS])))
        for resource_type, ids in by_type.items()
        for start in range(0, len(ids), _IDS)
    )


def forget_compartment(scope: Scope) -> int:
    """Take every resource out of a partner's compartment; as ``erase``.

    Raises ValueError for our own compartment.
    """
    if not scope.compartment:
        raise ValueError("our own compartment is not forgotten as a whole")
    lock(scope)
    return _erase(scope, ())


def was_erased(scope: Scope, keys: Iterable[tuple[str, str]]) -> bool:
    """Whether any of these resources (type, id) was erased from the compartment, and is not there again."""
    wanted = present(scope, keys, deleted=True)
    if not wanted:
        return False
    blank = table.alias()
    same = (blank.c.tenant == table.c.tenant, blank.c.compartment == table.c.compartment)
    emptied = exists().where(
        *same, blank.c.type == table.c.type, blank.c.id == table.c.id, ~blank.c.deleted, blank.c.body == ""
    )
    query = select(table.c.id).where(
        *of_compartment(scope), is_among(table.c.type, table.c.id, wanted), CURRENT, table.c.deleted, emptied
    )
    return scope.connection.execute(query.limit(1)).first() is not None


def replace_erasing(scope: Scope, resource: Mapping[str, Any]) -> Stored:
    """Store the next version of a resource, or its first, and erase the content of every older one.

    For a Task or a Patient whose older versions hold what may no longer be known. ``resource`` has ``resourceType``
    and ``id``. Raises NotFoundError when there is no such tenant.
    """
    lock(scope)
    previous = current(scope, resource["resourceType"], resource["id"])
    if previous is None:
        return put_new(scope, [resource])[0]
    written = put_next(scope, resource, previous)
    _blank(scope, (table.c.type == written.type, table.c.id == written.id, table.c.version < written.version))
    return written


def _erase(scope: Scope, which: Sequence[ColumnElement[bool]]) -> int:
    query = select(*COLUMNS).where(*of_compartment(scope), *which, CURRENT, ~table.c.deleted)
    put_deletions(scope, [stored(row) for row in scope.connection.execute(query.order_by(table.c.last_updated))])
    return _blank(scope, which)


def _blank(scope: Scope, which: Sequence[ColumnElement[bool]]) -> int:
    """Overwrite what versions hold; returns of how many resources."""
    blanking = update(table).where(*of_compartment(scope), *which, table.c.body != "").values(**_NOTHING)
    return len({(row.type, row.id) for row in scope.connection.execute(blanking.returning(table.c.type, table.c.id))})
