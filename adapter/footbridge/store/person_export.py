"""Everything that is held on a person, as one JSON value: for the right of access.

The columns of each table are taken as they are, so that a new one is in the next export; ``mappings/erasure.json``
names those that say nothing of the person and stay out: the state of a lease, a digest.
"""

import base64
import functools
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, or_, select, tuple_

from footbridge.data import read_json
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import stamp
from footbridge.store.mentions import rows_of
from footbridge.store.person_data import SOME, Held
from footbridge.store.tables import (
    client,
    event,
    former_link,
    hold,
    idempotency,
    inbox,
    job,
    link,
    network_context,
    ocean_document,
    ocean_message,
    partner,
    person,
    prescription,
    referral,
)

Json = dict[str, Any]
FORMAT: Final = "footbridge-client-export/1"
_AS_JSON: Final = frozenset(
    {
        prescription.c.document,
        prescription.c.resources,
        referral.c.state,
        event.c.detail,
        hold.c.detail,
        hold.c.decision,
        job.c.payload,
        idempotency.c.body,
    }
)


def export_held(connection: Connection, held: Held, now: datetime) -> Json:
    """All of it, under one member for each table; ``counts`` says how many each has."""
    parts: dict[str, list[Json]] = {
        "identifiers": _rows(connection, held, person, person.c.person.in_(sorted(held.persons))),
        "clients": _rows(connection, held, client, client.c.person.in_(sorted(held.persons))),
        "prescriptions": _of(connection, held, prescription, prescription.c.id),
        "referrals": _of(connection, held, referral, referral.c.prescription),
        "holds": _of(connection, held, hold, hold.c.prescription),
        "events": _of(connection, held, event, event.c.prescription),
        "messages": list(_messages(connection, held)),
        "dueWork": list(_due_work(connection, held)),
        "copiesAtPartners": list(_links(connection, held, link)),
        "formerCopies": list(_links(connection, held, former_link)),
        "networkContexts": _of(connection, held, network_context, network_context.c.prescription),
        "oceanMessages": _of(connection, held, ocean_message, ocean_message.c.prescription),
        "oceanDocuments": _of(connection, held, ocean_document, ocean_document.c.prescription),
        "received": _of(connection, held, inbox, inbox.c.prescription),
        "keptAnswers": list(_answers(connection, held)),
        "resources": list(_resources(connection, held)),
    }
    titles = connection.execute(
        select(partner.c.name, partner.c.title, partner.c.role, partner.c.network)
        .where(partner.c.tenant == held.tenant)
        .order_by(partner.c.name)
    )
    head: Json = {"format": FORMAT, "tenant": held.tenant, "exported": stamp(now), "persons": sorted(held.persons)}
    counts = {name: len(rows) for name, rows in parts.items()}
    known = [{"name": row.name, "title": row.title, "role": row.role, "network": row.network} for row in titles]
    return {**head, "counts": counts, "partners": known, **parts}


def sent_of(connection: Connection, held: Held) -> dict[str, datetime | None]:
    """The partners that have copies, and when each got something last; None where only the copy is known."""
    found: dict[str, datetime | None] = {}
    for some in _batches(held.ours):
        query = select(link.c.partner).where(link.c.tenant == held.tenant, tuple_(link.c.type, link.c.id).in_(some))
        found |= dict.fromkeys(connection.scalars(query.distinct()))
    for row in _jobs(connection, held):
        if row.state == "done" and row.finished is not None and row.last_error is None:
            before = found.get(row.partner)
            found[row.partner] = row.finished if before is None else max(before, row.finished)
    for one in _of(connection, held, event, event.c.prescription):
        name = one.get("detail", {}).get("partner") if one["name"] == "delivered" else None
        if name is not None and found.get(name) is None:
            found[name] = datetime.fromisoformat(one["recorded"])
    return found


def undelivered(connection: Connection, held: Held) -> list[Row[*tuple[Any, ...]]]:
    """Messages about the person that partners have not got: they are to be sent, or failed."""
    return [row for row in _jobs(connection, held) if row.state in {"ready", "failed"}]


def _of(connection: Connection, held: Held, table: Table, column: ColumnElement[Any]) -> list[Json]:
    return [
        one
        for start in range(0, len(held.prescriptions), SOME)
        for one in _rows(connection, held, table, column.in_(held.prescriptions[start : start + SOME]))
    ]


def _rows(connection: Connection, held: Held, table: Table, which: ColumnElement[bool]) -> list[Json]:
    query = select(table).where(table.c.tenant == held.tenant, which).order_by(*table.primary_key.columns)
    return [_row(table, row) for row in connection.execute(query)]


def _row(table: Table, row: Row[*tuple[Any, ...]]) -> Json:
    """The columns that say something, under the names that they have in our JSON."""
    out = _left_out().get(table.name, frozenset())
    shown = {name: getattr(row, name) for name in table.c.keys() if name not in out}  # noqa: SIM118 - a column collection
    return {_camel(name): _value(table.c[name], value) for name, value in shown.items() if value is not None}


@functools.cache
def _left_out() -> Mapping[str, Collection[str]]:
    return {name: frozenset(columns) for name, columns in read_json("mappings", "erasure.json")["notExported"].items()}


def _value(column: Column[Any], value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bytes):
        return _bytes(column, value)
    if column in _AS_JSON and isinstance(value, str) and value:
        return loads(value)
    is_list = column is prescription.c.categories and isinstance(value, str)
    return [one for one in str(value).split("|") if one] if is_list else value


def _bytes(column: Column[Any], value: bytes) -> str:
    """A message as its text, a document in base64."""
    if column is ocean_message.c.body:
        return zlib.decompress(value).decode("utf-8", "backslashreplace")
    return base64.b64encode(value).decode()


def _camel(name: str) -> str:
    first, *others = str(name).split("_")
    return first + "".join(one.title() for one in others)


def _jobs(connection: Connection, held: Held) -> Iterator[Row[*tuple[Any, ...]]]:
    mine = job.c.tenant == held.tenant
    partners = connection.scalars(select(job.c.partner).where(mine, job.c.partner.is_not(None)).distinct()).all()
    keys = [f"{name}/{one}" for name in partners for one in held.prescriptions]
    for some in _batches(keys):
        yield from connection.execute(select(job).where(mine, job.c.key.in_(some)).order_by(job.c.id))


def _messages(connection: Connection, held: Held) -> Iterator[Json]:
    for row in _jobs(connection, held):
        yield _row(job, row)


def _due_work(connection: Connection, held: Held) -> Iterator[Json]:
    for some in _batches([*held.prescriptions, *held.referrals]):
        yield from _rows(connection, held, job, job.c.subject.in_(some))


def _links(connection: Connection, held: Held, table: Table) -> Iterator[Json]:
    ours = {*held.ours, *((one.type, one.id) for one in held.shared if not one.compartment)}
    for some in _batches(sorted(ours)):
        yield from _rows(connection, held, table, tuple_(table.c.type, table.c.id).in_(some))


def _answers(connection: Connection, held: Held) -> Iterator[Json]:
    for some in _batches(held.prescriptions, 100):
        ends = or_(*(idempotency.c.location.endswith(f"/{one}") for one in some))
        yield from _rows(connection, held, idempotency, ends)


def _resources(connection: Connection, held: Held) -> Iterator[Json]:
    """Every version of every resource, by compartment."""
    for place, version, body in rows_of(connection, held.tenant, held.places | held.shared):
        yield {"compartment": place.compartment, "version": version, "resource": loads(body)}


def _batches(values: Sequence[Any], size: int = SOME) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
