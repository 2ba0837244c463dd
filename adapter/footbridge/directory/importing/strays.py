"""Organizations and locations of a source that no service belongs to: they are kept, and nobody is ever shown them."""

from collections.abc import Iterator

from sqlalchemy import Connection, exists, func, not_, or_, select

from footbridge.directory.importing.plan import Plan
from footbridge.directory.records import Finding, Kind
from footbridge.store.tables.directory import directory_record

_NAMED = 5
_HIDDEN = '{"restrictions":'
_BELONGS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "organization": (("service", "organization"), ("organization", "organization")),
    "location": (("service_at_location", "location"),),
}
"""What belongs to a record of a kind: records of which kind, by which of their columns."""


def strays(connection: Connection, plan: Plan) -> Iterator[Finding]:
    """A finding for each kind of which the import leaves some: how many, and the source's ids of the first ones."""
    record, other = directory_record.alias("record"), directory_record.alias("other")
    for kind, belonging in _BELONGS.items():
        mine = (other.c.tenant == plan.tenant, other.c.source == plan.source, other.c.until.is_(None))
        anybody = or_(
            *(exists().where(*mine, other.c.kind == its, other.c[column] == record.c.id) for its, column in belonging)
        )
        alone = (
            record.c.tenant == plan.tenant,
            record.c.source == plan.source,
            record.c.kind == kind,
            record.c.until.is_(None),
            not_(record.c.data.startswith(_HIDDEN, autoescape=True)),
            not_(anybody),
        )
        count = connection.scalar(select(func.count()).select_from(record).where(*alone)) or 0
        if count:
            first = connection.scalars(
                select(record.c.native_id).where(*alone).order_by(record.c.native_id).limit(_NAMED)
            ).all()
            words = ", ".join([*first, *(["…"] if count > len(first) else [])])
            yield Finding(f"import.{kind}-alone", plan.terms.location, kind=kind, found=f"{count}: {words}"[:200])
