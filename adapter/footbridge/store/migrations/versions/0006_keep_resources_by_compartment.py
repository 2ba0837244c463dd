"""Keep resources and what is searched of them by compartment, and index Tasks with their writing.

Revision: 0006, after 0004. What is there belongs to our own compartment, whose name is empty. Owner, requester and
status of a Task become columns; what else is searched of Tasks that waited for the index is indexed here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from footbridge.store.exact_json import loads
from footbridge.store.indexing import index_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COLUMNS = ("owner", "requester", "status")
_RESOURCES = "tenant, type, id, version, current, deleted, last_updated, body"
_ENTRIES = "tenant, moment, param, value, detail, type"
_AFTER = sa.text(  # the next Tasks in the order of their ids
    "SELECT resource.tenant, id, version, last_updated, body, "
    "coalesce(tenant.last_indexed, '') < resource.last_updated AS waits "
    "FROM resource JOIN tenant ON tenant.name = resource.tenant "
    "WHERE type = 'Task' AND current AND NOT deleted "
    "AND (resource.tenant > :tenant OR (resource.tenant = :tenant AND id > :id)) "
    "ORDER BY resource.tenant, id LIMIT 500"
)
_SET_COLUMNS = sa.text(
    "UPDATE resource SET owner = :owner, requester = :requester, status = :status "
    "WHERE tenant = :tenant AND compartment = '' AND type = 'Task' AND id = :id AND version = :version"
)
_ADD_ENTRY = sa.text(
    "INSERT INTO search_index (tenant, compartment, moment, param, value, detail, type) "
    "VALUES (:tenant, '', :moment, :param, :value, :detail, 'Task')"
)


def upgrade() -> None:
    """Bring the tables forward with their rows."""
    _rebuild("resource", _RESOURCES, _make_resource)
    _rebuild("search_index", _ENTRIES, _make_search_index)
    op.execute("DELETE FROM search_index WHERE type = 'Task' AND param IN ('owner', 'requester', 'status')")
    for tasks in _tasks(op.get_bind()):
        _bring_forward(op.get_bind(), tasks)
    _make_indexes()


def _rebuild(table: str, columns: str, make: Any) -> None:  # noqa: ANN401 - a function without arguments
    # Neither database changes a primary key in place on both: the rows wait in a table of their own.
    op.execute(f"CREATE TABLE {table}_carried AS SELECT {columns} FROM {table}")
    op.drop_table(table)
    make()
    op.execute(f"INSERT INTO {table} (compartment, {columns}) SELECT '', {columns} FROM {table}_carried")
    op.drop_table(f"{table}_carried")


def _make_resource() -> None:
    op.create_table(
        "resource",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("compartment", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("last_updated", sa.String(27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=True),
        sa.Column("requester", sa.String(length=256), nullable=True),
        sa.Column("status", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_resource_tenant")),
        sa.PrimaryKeyConstraint("tenant", "compartment", "type", "id", "version", name=op.f("pk_resource")),
    )


def _make_search_index() -> None:
    op.create_table(
        "search_index",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("compartment", sa.String(length=64), nullable=False),
        sa.Column("moment", sa.String(27), nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("detail", sa.String(length=256), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_search_index_tenant")),
        sa.PrimaryKeyConstraint(
            "tenant", "compartment", "moment", "param", "value", "detail", name=op.f("pk_search_index")
        ),
        sqlite_with_rowid=False,
    )


def _make_indexes() -> None:
    for name, columns in (("written", ["last_updated"]), ("current", ["type", "last_updated", "id"])):
        _make_partial_index(name, columns, "current")
    for name in _COLUMNS:
        _make_partial_index(name, [name, "last_updated", "id"], f"current AND {name} IS NOT NULL")
    op.create_index(
        op.f("ix_search_index_tenant_compartment_param_value_moment_type"),
        "search_index",
        ["tenant", "compartment", "param", "value", "moment", "type"],
    )


def _make_partial_index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_resource_{name}",
        "resource",
        ["tenant", "compartment", *columns],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _tasks(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    after = {"tenant": "", "id": ""}
    while rows := connection.execute(_AFTER, after).all():
        yield rows
        after = {"tenant": rows[-1].tenant, "id": rows[-1].id}


def _bring_forward(connection: sa.Connection, tasks: Sequence[Any]) -> None:
    # What an index holds follows from the bodies and from how the code of today indexes.
    columns, entries = [], []
    for task in tasks:
        found = index_of(loads(task.body))
        key = {"tenant": task.tenant, "id": task.id, "version": task.version}
        columns.append({**key, **_values(found)})
        if task.waits:
            entries += [
                {"tenant": task.tenant, "moment": task.last_updated, **one._asdict()}
                for one in found
                if one.param not in _COLUMNS
            ]
    connection.execute(_SET_COLUMNS, columns)
    if entries:
        connection.execute(_ADD_ENTRY, entries)


def _values(entries: Any) -> Mapping[str, str | None]:  # noqa: ANN401 - a set of Entry
    values = {one.param: one.value for one in entries}
    return {name: values.get(name) for name in _COLUMNS}
