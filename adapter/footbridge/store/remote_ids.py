"""Which resource of ours is which resource of a partner's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.store.dialect import Insert, insert, inserting, is_among, pairs_in
from footbridge.store.tables import former_link
from footbridge.store.tables import link as table


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of resources of one type.

    Attributes:
        id: ours.
        remote_id: the partner's.
        remote_version: meta.versionId there, compared for equality only.
        state: fingerprint of what the partner last got from us of how far things are.
        content: fingerprint of what it last got of what was prescribed.
    """

    partner: str
    type: str
    id: str
    remote_id: str
    remote_version: str | None = None
    state: str | None = None
    content: str | None = None


_KEY = ["tenant", "partner", "type", "id"]
_CHANGED = ("remote_id", "remote_version", "state", "content")


def _in_place(statement: Insert) -> Executable:
    return statement.on_conflict_do_update(
        index_elements=_KEY, set_={name: statement.excluded[name] for name in _CHANGED}
    )


_PUT = inserting(table, _in_place)
_AT_PARTNER = select(table).where(
    table.c.tenant == bindparam("of"), table.c.partner == bindparam("at"), table.c.type == bindparam("kind")
)
_OF_OURS = _AT_PARTNER.where(table.c.id == bindparam("which"))
_OF_THEIRS = _AT_PARTNER.where(table.c.remote_id == bindparam("which"))


def put_link(connection: Connection, tenant: str, link: Link) -> None:
    """Store a pair, in place of what our resource was paired with at this partner before.

    Raises ConflictError when the partner's resource is paired with another one of ours.
    """
    values = {name: getattr(link, name) for name in Link.__dataclass_fields__}
    changed = {name: values[name] for name in _CHANGED}
    statement = insert(connection, table).values(**values, tenant=tenant)
    try:
        with connection.begin_nested():
            connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=changed))
    except IntegrityError as error:
        raise ConflictError(_("The partner's resource is linked with another one of ours.")) from error


def put_new_links(connection: Connection, tenant: str, partner: str, links: Sequence[Link]) -> None:
    """Store pairs at once, but for those whose resource at the partner is paired already.

    Of a resource of ours that had another one there, the newer pair counts.
    """
    keys = [(one.type, one.remote_id) for one in links]
    here = {"tenant": tenant, "partner": partner}
    taken = pairs_in(connection, ("link", "remote_id", "link.id IS NOT NULL"), keys, here)
    rows = [
        {"tenant": tenant, **{name: getattr(one, name) for name in Link.__dataclass_fields__}}
        for one in links
        if (one.type, one.remote_id) not in taken
    ]
    if rows:
        connection.execute(_PUT[connection.dialect.name], rows)


def get_link(connection: Connection, tenant: str, partner: str, resource_type: str, identity: str) -> Link | None:
    """What a resource of ours is at a partner's."""
    return _one(connection, _OF_OURS, tenant, partner, resource_type, identity)


def find_link(connection: Connection, tenant: str, partner: str, resource_type: str, remote_id: str) -> Link | None:
    """What a partner's resource is here."""
    return _one(connection, _OF_THEIRS, tenant, partner, resource_type, remote_id)


def links_at(connection: Connection, tenant: str, partner: str, keys: Iterable[tuple[str, str]]) -> list[Link]:
    """What these resources of ours (type, id) are at a partner's, as far as it has them."""
    query = select(table).where(
        table.c.tenant == tenant, table.c.partner == partner, is_among(table.c.type, table.c.id, keys)
    )
    return [_link(row) for row in connection.execute(query)]


def delete_links(connection: Connection, tenant: str, partner: str, keys: Iterable[tuple[str, str]]) -> None:
    """These resources of ours (type, id) are none of a partner's any more; what they were is noted beside."""
    which = (table.c.tenant == tenant, table.c.partner == partner, is_among(table.c.type, table.c.id, keys))
    names = ("tenant", "partner", "type", "id", "remote_id")
    gone = select(*(table.c[name] for name in names)).where(*which)
    connection.execute(insert(connection, former_link).from_select(names, gone).on_conflict_do_nothing())
    connection.execute(delete(table).where(*which))


def _one(  # the query, then what it asks for
    connection: Connection, query: Select[Any], tenant: str, partner: str, resource_type: str, identity: str
) -> Link | None:
    asked = {"of": tenant, "at": partner, "kind": resource_type, "which": identity}
    row = connection.execute(query, asked).one_or_none()
    return None if row is None else _link(row)


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    return Link(**{name: getattr(row, name) for name in Link.__dataclass_fields__})
