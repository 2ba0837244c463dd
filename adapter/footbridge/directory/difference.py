"""What the last import of a source changed: services that came, went, or are shown otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select

from footbridge.directory.changed_fields import Field, changed_fields
from footbridge.directory.importing.assembly import documents
from footbridge.directory.importing.generation import Generation
from footbridge.directory.importing.rows import batches, touched
from footbridge.store.tables.directory import directory_import as imports

SOME = 250


@dataclass(frozen=True, slots=True)
class Difference:
    """One service.

    Attributes:
        change: what became of it; ``id``, ``native_id`` and ``name`` are those that it has, or had.
        members: each member that changed, with what it was and what it is (None: not there).
        fields: the same in detail, see ``changed_fields``.
    """

    change: Literal["added", "removed", "changed"]
    id: str
    native_id: str
    name: str
    members: dict[str, tuple[Any, Any]]
    fields: list[Field]


def import_before(connection: Connection, tenant: str, source: str, current: int) -> int | None:
    """The number of the import that counted before; None where there was none."""
    found: int | None = connection.execute(
        select(imports.c.number)
        .where(
            imports.c.tenant == tenant,
            imports.c.source == source,
            imports.c.state == "superseded",
            imports.c.number < current,
        )
        .order_by(imports.c.number.desc())
        .limit(1)
    ).scalar()
    return found


def differences(connection: Connection, tenant: str, source: str, current: int) -> Iterator[Difference]:
    """What changed from the import before to the one that counts, by id."""
    before = import_before(connection, tenant, source, current)
    generation = Generation(tenant, source, current, before or 0)
    for some in batches(touched(connection, generation), SOME):
        now = documents(connection, tenant, source, current, some)
        was = documents(connection, tenant, source, before, some) if before else {}
        for key in sorted(now.keys() | was.keys()):
            one = _difference(was.get(key), now.get(key))
            if one is not None:
                yield one


def _difference(was: Any, now: Any) -> Difference | None:  # noqa: ANN401 - service documents, or none
    if was == now:
        return None
    shown = now or was
    names = sorted((was or {}).keys() | (now or {}).keys()) if was and now else []
    return Difference(
        "added" if was is None else "removed" if now is None else "changed",
        shown["id"],
        shown["native_id"],
        shown["name"],
        {name: (was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)},
        changed_fields(was, now) if was and now else [],
    )
