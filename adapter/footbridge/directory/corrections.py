"""What people say of a service's record: suggested corrections, which its source gets back.

A confirmation is one too: it says on which day somebody heard that the service is still offered. Nothing here changes
the directory; a source takes what it wants, as CSV or as HSDS ``metadata`` rows
(https://docs.openreferral.org/en/3.1/hsds/schema_reference.html#metadata).
"""

import csv
import difflib
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TextIO

from sqlalchemy import Connection, insert, select

from footbridge.directory.cleaning.tables import table as members_table
from footbridge.directory.correction_fields import said_before
from footbridge.directory.errors import DirectoryError
from footbridge.directory.lookup import find_service
from footbridge.directory.model import ServiceDocument
from footbridge.directory.report import safe_cell
from footbridge.directory.shown_once import shown_with
from footbridge.i18n import _
from footbridge.store.tables.directory import directory_correction as table

VERIFIED, STATUS = "assured_date", "status"
_PLAIN = frozenset({VERIFIED, STATUS})  # members whose values are never withheld
_SIGNED = re.compile(r"[+-][\d\s().-]+")
FARTHEST_AHEAD = timedelta(hours=14)  # where on Earth a day begins first, so that nobody's today is refused
COLUMNS = ("at", "source", "service", "name", "field", "old", "new", "who", "note", "closed")


@dataclass(frozen=True, slots=True)
class Correction:
    """One suggestion: ``service`` is the source's own id, ``field`` a member of HSDS's service."""

    id: str
    at: datetime
    source: str
    service: str
    name: str
    field: str
    old: str
    new: str
    who: str
    note: str | None
    closed: datetime | None = None  # when the source was seen to say so


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known of a service: the newest day when it was verified, None when nobody knows.

    ``is_refuted``: the newest word of all is one of our users', that it is no longer offered.
    """

    verified: date | None
    is_refuted: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody says: ``who`` is the user's name, never a client's."""

    field: str
    new: str
    who: str
    at: datetime
    note: str | None = None


def suggest(connection: Connection, tenant: str, service: ServiceDocument, said: Suggestion) -> None:
    """Keep what was said of a service. Raises DirectoryError where the day of a verification is none."""
    if said.field == VERIFIED and _day(said.new) is None:
        raise DirectoryError(_("{field} is a day: write YYYY-MM-DD.", field=VERIFIED))
    connection.execute(
        insert(table).values(
            tenant=tenant,
            id=str(uuid.uuid4()),
            source=service["source"],
            record=service["id"],
            service=service["native_id"],
            name=service["name"],
            old=said_before(service, said.field),
            **asdict(said),
        )
    )


def check_field(field: str) -> None:
    """Raise DirectoryError where a field is no member of HSDS's service, its organization or its locations.

    A path into a member is taken too: ``phones[0].number``, ``organization.website``.
    """
    rows = members_table("members")
    known = {*rows["objects"]["service"], "organization", "locations"}
    head = re.split(r"[.\[]", field, maxsplit=1)[0]
    if head in known:
        return
    alike = difflib.get_close_matches(head, known, n=1) or sorted(one for one in known if one[:4] == head[:4])[:1]
    raise DirectoryError(
        _("{field} is not a member of HSDS's service. Did you mean {other}?", field=field, other=alike[0])
        if alike
        else _("{field} is not a member of HSDS's service: write a name such as phones or description.", field=field)
    )


def corrections(
    connection: Connection, tenant: str, source: str | None = None, *, closed: bool = False
) -> list[Correction]:
    """The open suggestions, or those for one source, the oldest first; with ``closed`` those that it took over too.

    What a record said before (``old``) is empty where it does not say so any more: its source may withhold it now.
    """
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.at, table.c.id)
    if source is not None:
        query = query.where(table.c.source == source)
    if not closed:
        query = query.where(table.c.closed.is_(None))
    services: dict[str, ServiceDocument | None] = {}
    found = []
    for row in connection.execute(query):
        one = Correction(*(getattr(row, name) for name in Correction.__slots__))
        if one.old and one.field not in _PLAIN:
            if row.record not in services:
                services[row.record] = find_service(connection, tenant, row.record)
            service = services[row.record]
            if service is None or said_before(service, one.field) != one.old:
                one = replace(one, old="")
        found.append(one)
    return found


def confirmed_on(connection: Connection, tenant: str, service: ServiceDocument) -> date | None:
    """The day when the service was verified last, by its source or by one of our users; None when nobody knows."""
    return confirmed_each(connection, tenant, [service])[service["id"]]


def confirmed_each(connection: Connection, tenant: str, services: Sequence[ServiceDocument]) -> dict[str, date | None]:
    """The same of several services, by the id of each, in as few statements as of one."""
    return {
        key: one.verified
        for key, one in answered_each(connection, tenant, shown_with(connection, tenant, services)).items()
    }


def answered_each(
    connection: Connection, tenant: str, records: Mapping[str, Sequence[ServiceDocument]]
) -> dict[str, Answered]:
    """Whether services are still offered, by the id of each; ``records``: all of each, as ``shown_with`` gives them.

    Where several sources have a service, the newest word counts, whichever of its records it was said of. Of two
    answers of our users that contradict each other the later one does; a source has to verify its record on a later
    day than it was refuted.
    """
    every = {it["id"] for some in records.values() for it in some}
    rows = connection.execute(
        select(table.c.record, table.c.field, table.c.new, table.c.at)
        .where(table.c.tenant == tenant, table.c.record.in_(sorted(every)), table.c.field.in_([VERIFIED, STATUS]))
        .order_by(table.c.at, table.c.id)
    ).all()
    return {key: _answered(some, rows) for key, some in records.items()}


def _answered(records: Sequence[ServiceDocument], rows: Sequence[Any]) -> Answered:
    """``rows``: what users said of any records, the oldest first."""
    ids = {one["id"] for one in records}
    ours: date | None = None
    refuted: date | None = None
    for row in rows:
        if row.record not in ids:
            continue
        if row.field == STATUS:
            ours, refuted = (None, row.at.date()) if row.new != "active" else (row.at.date(), None)
        elif (day := _day(row.new)) and day <= (row.at + FARTHEST_AHEAD).date():  # nobody knows what will be
            ours, refuted = day, None
    days = [ours, *(_day(one.get("assured_date") or "") for one in records)]
    newest = max((day for day in days if day is not None), default=None)
    return Answered(newest, refuted is not None and (newest is None or newest <= refuted))


def _day(text: str) -> date | None:
    """The day that a text says; None where it says none: a suggestion of long ago was not checked."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def as_csv(some: Iterable[Correction], target: TextIO) -> None:
    """Write suggestions as CSV (RFC 4180)."""
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(one, name)) for name in COLUMNS] for one in some)


def _cell(value: object) -> object:
    """A value without what a spreadsheet would take for a formula; numbers with a sign, as phones have, stay."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value if isinstance(value, str) and _SIGNED.fullmatch(value) else safe_cell(value)


def as_metadata(some: Iterable[Correction]) -> list[dict[str, Any]]:
    """Suggestions as HSDS 3.1 ``metadata`` objects."""
    return [
        {
            "id": one.id,
            "resource_id": one.service,
            "resource_type": "service",
            "last_action_date": one.at.date().isoformat(),
            "last_action_type": "suggested",
            "field_name": one.field,
            "previous_value": one.old,
            "replacement_value": one.new,
            "updated_by": one.who,
        }
        for one in some
    ]
