"""Organizations and locations of a source that no service belongs to: they are kept, and nobody is ever shown them."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, except_, func, not_, select

from footbridge.directory.importing.plan import Plan
from footbridge.directory.records import Finding, Kind
from footbridge.store.tables.directory import directory_record

_NAMED = 5
_HIDDEN = '{"restrictions":'
_BELONGS: dict[Kind, tuple[tuple[Kind, str], ...]] = {
    "organization": (("service", "organization"), ("organization", "organization")),
    "location": (("service_at_location", "location"),),
}
"""What belongs to a record of a kind: records of which kind, by which of their columns."""


def strays(connection: Connection, plan: Plan) -> Iterator[Finding]:
    """A finding for each kind of which the import leaves some: how many, and the source's ids of the first ones.

    All that is named is taken from all that there is, at once: to look for each record by itself takes PostgreSQL
    minutes as long as it has no statistics.
    """
    record = directory_record.c
    for kind, belonging in _BELONGS.items():
        named = [select(record[column]).where(*_current(plan, its)) for its, column in belonging]
        shown = not_(record.data.startswith(_HIDDEN, autoescape=True))
        alone = except_(select(record.id).where(*_current(plan, kind), shown), *named).subquery()
        count = connection.scalar(select(func.count()).select_from(alone)) or 0
        if count:
            these = select(record.native_id).join(alone, record.id == alone.c.id).where(*_current(plan, kind))
            first = connection.scalars(these.order_by(record.native_id).limit(_NAMED)).all()
            words = ", ".join([*first, *(["…"] if count > len(first) else [])])
            yield Finding(f"import.{kind}-alone", plan.terms.location, kind=kind, found=f"{count}: {words}"[:200])


def _current(plan: Plan, kind: Kind) -> tuple[ColumnElement[bool], ...]:
    """The records of a kind that the import leaves."""
    record = directory_record.c
    return record.tenant == plan.tenant, record.source == plan.source, record.kind == kind, record.until.is_(None)
