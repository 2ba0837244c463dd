"""The search index as one search sees it: its rows, and those of what was written and is not indexed yet.

A search never writes. What our compartment got since ``tenant.last_indexed`` is read, its entries are worked out and
go into the statement as a table of its own (``waiting``), beside ``search_index``: conditions, order and totals are the
same SQL over both. Parameters that are columns of a Task are read from there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import FIRST, stamp
from footbridge.store.indexing import TASK_COLUMNS, index_of, indexed_with_resource
from footbridge.store.resource_rows import CURRENT, Scope
from footbridge.store.search_parameters import parameters_of
from footbridge.store.tables import Instant, resource, search_index
from footbridge.store.tables import tenant as tenants

Condition = ColumnElement[bool]
Wanted = Mapping[str, Collection[str]]
"""Resource types with the search parameters that a search asks for."""


class Columns(NamedTuple):
    """Where value and detail of an entry stand."""

    value: ColumnElement[Any]
    detail: ColumnElement[Any]


Matching = Callable[[Columns], Condition]

_LIKELY = {"owner": "0.001", "requester": "0.001", "status": "0.01"}
"""How many Tasks meet a condition on one of their columns, so that its index is taken."""

_COLUMNS = ("type", "moment", "param", "value", "detail")
_STORED = Columns(search_index.c.value, search_index.c.detail)
_WAITING = (
    select(resource.c.type, resource.c.last_updated, resource.c.body)
    .join(tenants, tenants.c.name == resource.c.tenant)
    .where(
        tenants.c.name == bindparam("of"),
        resource.c.tenant == bindparam("of"),
        resource.c.compartment == literal_column("''"),
        resource.c.type.in_(bindparam("types", expanding=True)),
        resource.c.last_updated > func.coalesce(tenants.c.last_indexed, bindparam("first", FIRST, Instant)),
        CURRENT,
        ~resource.c.deleted,
    )
)


@dataclass(frozen=True, slots=True)
class IndexView:
    """The index of one compartment; ``waiting`` is None when nothing that matters waits."""

    scope: Scope
    waiting: CTE | None = None

    def having(self, resource_type: str, names: Collection[str], matching: Matching) -> Condition:
        """Rows of the resource table with an entry, of one of these parameters, that matches."""
        typed = [name for name in names if resource_type == "Task" and name in TASK_COLUMNS]
        found: list[Condition] = [self._typed(name, matching) for name in typed]
        others = [name for name in names if name not in typed]
        if others:
            found.append(self._indexed(resource_type, others, matching))
        return or_(false(), *found)

    def _typed(self, name: str, matching: Matching) -> Condition:
        """On a column of Tasks. SQLite is told how few rows meet it: else it walks through all Tasks in their order.

        https://sqlite.org/lang_corefunc.html#likelihood
        """
        found = matching(_task_columns(name))
        if self.scope.connection.dialect.name == "sqlite":
            found = func.likelihood(found, literal_column(_LIKELY[name]))
        return resource.c[name].is_not(None) & found

    def edge(self, name: str, otherwise: str, *, last: bool, by_detail: bool = True) -> ColumnElement[Any]:
        """The first value of a parameter of a row of the resource table, or the last one.

        ``by_detail``: the last is that of the details, as of dates, whose details are the ends of their ranges.
        """
        edges: list[ColumnElement[Any]] = []
        for rows in (search_index, self.waiting):
            if rows is not None:
                found = func.max(rows.c.detail if by_detail else rows.c.value) if last else func.min(rows.c.value)
                query = select(found).where(rows.c.param == name, rows.c.moment == resource.c.last_updated)
                if rows is search_index:
                    query = query.where(*self._mine())
                edges.append(query.scalar_subquery())
        return func.coalesce(*edges, otherwise)

    def _indexed(self, resource_type: str, names: Collection[str], matching: Matching) -> Condition:
        stored = (
            select(search_index.c.moment)
            .where(*self._mine(), search_index.c.type == resource_type)
            .where(search_index.c.param.in_(names), matching(_STORED))
        )
        if self.waiting is None:
            return resource.c.last_updated.in_(stored)
        rows = self.waiting.c
        waiting = select(rows.moment).where(rows.type == resource_type, rows.param.in_(names))
        waiting = waiting.where(matching(Columns(rows.value, rows.detail)))
        return resource.c.last_updated.in_(stored.union_all(waiting))

    def _mine(self) -> tuple[Condition, Condition]:
        return search_index.c.tenant == self.scope.tenant, search_index.c.compartment == self.scope.compartment


def view(scope: Scope, wanted: Wanted) -> IndexView:
    """The index for a search that asks for these parameters; reads what waits, and writes nothing."""
    late = {
        kind: names for kind, names in wanted.items() if names and not indexed_with_resource(scope.compartment, kind)
    }
    if not late:
        return IndexView(scope)
    rows = scope.connection.execute(_WAITING, {"of": scope.tenant, "types": sorted(late)}).all()
    entries = [
        (row.type, stamp(row.last_updated), *entry)
        for row in rows
        for entry in index_of(loads(row.body), late[row.type])
    ]
    return IndexView(scope, _table(scope, orjson.dumps(entries).decode()) if entries else None)


def _table(scope: Scope, entries: str) -> CTE:
    given = bindparam("waiting", entries, String, unique=True)
    found: list[ColumnElement[Any]]
    if scope.connection.dialect.name == "postgresql":
        rows = func.jsonb_array_elements(cast(given, JSONB)).table_valued("value")
        found = [rows.c.value.op("->>")(literal_column(str(place))) for place in range(len(_COLUMNS))]
    else:
        rows = func.json_each(given).table_valued("value")
        found = [func.json_extract(rows.c.value, literal_column(f"'$[{place}]'")) for place in range(len(_COLUMNS))]
    typed = [Instant() if name == "moment" else String() for name in _COLUMNS]
    columns = [type_coerce(*pair).label(name) for name, *pair in zip(_COLUMNS, found, typed, strict=True)]
    return select(*columns).cte("waiting")


def _task_columns(name: str) -> Columns:
    return Columns(resource.c[name], literal(parameters_of("Task")[name].system))
