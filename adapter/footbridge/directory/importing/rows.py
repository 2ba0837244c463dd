"""The records of a generation: which are known, new versions of them, and those that nobody sees any more."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, select, tuple_, union, update

from footbridge.directory.importing.generation import Generation, sign_of_life
from footbridge.directory.importing.pipeline import Known
from footbridge.directory.records import Kind
from footbridge.directory.search.dialect import add_rows
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory import directory_finding as finding
from footbridge.store.tables.directory import directory_record as record

ROWS = 500  # that one statement touches at most
_RULE = re.compile(r'\{"rule":"([^"]+)"')  # within a text no quotation mark stands behind a brace: it is escaped


class Row(NamedTuple):
    """A cleaned record as it is stored; ids are those of ``directory.ids``."""

    kind: Kind
    id: str
    native_id: str
    fingerprint: str
    relation: str | None
    marked: bool
    organization: str | None
    service: str | None
    location: str | None
    data: str
    findings: str | None


_WRITTEN = ("tenant", "source", "since", *Row._fields)


def known(connection: Connection, generation: Generation, ids: Iterable[tuple[Kind, str]]) -> dict[str, Known]:
    """Those of these records that are seen, by id."""
    kinds: dict[Kind, list[str]] = {}
    for kind, one in ids:
        kinds.setdefault(kind, []).append(one)
    found: dict[str, Known] = {}
    for kind, some in kinds.items():
        rows = connection.execute(
            select(record.c.id, record.c.fingerprint, record.c.relation, record.c.marked).where(
                record.c.tenant == generation.tenant,
                record.c.source == generation.source,
                record.c.kind == kind,
                record.c.id.in_(some),
                record.c.until.is_(None),
            )
        )
        found.update((row.id, Known(row.fingerprint, row.relation, row.marked)) for row in rows)
    return found


def write(connection: Connection, generation: Generation, rows: Sequence[Row], now: datetime) -> None:
    """Write new versions of records; the ones that they replace end with this import."""
    if rows and generation.before:
        end(connection, generation, [(row.kind, row.id) for row in rows])
    mine = (generation.tenant, generation.source, generation.number)
    add_rows(connection, "directory_record", _WRITTEN, [(*mine, *row) for row in rows])
    sign_of_life(connection, generation, now)


def end(connection: Connection, generation: Generation, ids: Iterable[tuple[Kind, str]]) -> None:
    """End the versions of these records that are seen, with this import."""
    kinds: dict[Kind, list[str]] = {}
    for kind, one in ids:
        kinds.setdefault(kind, []).append(one)
    for kind, some in kinds.items():
        connection.execute(
            update(record)
            .where(
                record.c.tenant == generation.tenant,
                record.c.source == generation.source,
                record.c.kind == kind,
                record.c.id.in_(some),
                record.c.until.is_(None),
            )
            .values(until=generation.number)
        )


def write_findings(
    connection: Connection, generation: Generation, positions: Sequence[int], found: Sequence[str]
) -> None:
    """Store findings (JSON) of a reader, each at its position."""
    mine = (generation.tenant, generation.source, generation.number)
    rows = [(*mine, position, one) for position, one in zip(positions, found, strict=True)]
    add_rows(connection, "directory_finding", tuple(finding.c.keys()), rows)


def versions_of(generation: Generation, kind: str, identity: str) -> ColumnElement[bool]:
    """The condition on every stored version of one record."""
    return and_(
        record.c.tenant == generation.tenant,
        record.c.source == generation.source,
        record.c.kind == kind,
        record.c.id == identity,
    )


def open_ids(connection: Connection, generation: Generation, kind: Kind, after: str) -> list[str]:
    """Some ids of records that have not ended, in their order, later than ``after``."""
    return list(
        connection.execute(
            select(record.c.id)
            .where(
                record.c.tenant == generation.tenant,
                record.c.source == generation.source,
                record.c.kind == kind,
                record.c.until.is_(None),
                record.c.id > after,
            )
            .order_by(record.c.id)
            .limit(10 * ROWS)
        ).scalars()
    )


def ended_findings(connection: Connection, generation: Generation) -> Counter[str]:
    """How often each rule was met in the versions of records that end with this import."""
    rows = connection.execute(
        select(record.c.findings).where(
            record.c.tenant == generation.tenant,
            record.c.source == generation.source,
            record.c.until == generation.number,
            record.c.findings.is_not(None),
        )
    )
    return Counter(rule for row in rows for rule in rules_in(row.findings))


def rules_in(findings: str) -> list[str]:
    """The rules of findings in JSON as a record has them, in half the time that it takes to read it all."""
    return _RULE.findall(findings)


def touched(connection: Connection, generation: Generation) -> list[str]:
    """Ids of the services that this import touches, in their order: themselves, or what belongs to them."""
    mine = and_(record.c.tenant == generation.tenant, record.c.source == generation.source)

    def moved(kind: Kind, wanted: ColumnElement[str]) -> list[Select[str]]:
        """Of the records that began or ended: each by its own index, and not all of a kind."""
        return [
            select(wanted).where(mine, column == generation.number, unindexed(record.c.kind, "") == kind)
            for column in (record.c.since, record.c.until)
        ]

    places, owners = union(*moved("location", record.c.id)), union(*moved("organization", record.c.id))
    every = union(
        *moved("service", record.c.id),
        *moved("service_at_location", record.c.service),
        select(record.c.service).where(mine, record.c.location.in_(places)),
        select(record.c.id).where(mine, record.c.kind == "service", record.c.organization.in_(owners)),
    ).subquery()
    return list(connection.execute(select(every.c[0]).order_by(every.c[0])).scalars())


def take_back(connection: Connection, generation: Generation, number: int) -> int:
    """Undo some rows of an import that will never count; 0 when none is left. Call it until then."""
    mine = and_(record.c.tenant == generation.tenant, record.c.source == generation.source)
    written = _some(record.c.since == number, mine)
    gone = connection.execute(delete(record).where(mine, _is_in(written))).rowcount
    if gone:
        return gone
    ended = _some(record.c.until == number, mine)
    return connection.execute(update(record).where(mine, _is_in(ended)).values(until=None)).rowcount


def purge(connection: Connection, generation: Generation) -> int:
    """Delete some versions that not even the import before can show; 0 when none is left. Call it until then."""
    mine = and_(record.c.tenant == generation.tenant, record.c.source == generation.source)
    old = _some(record.c.until < generation.number, mine)
    gone = connection.execute(delete(record).where(mine, _is_in(old))).rowcount
    if not gone:
        connection.execute(
            delete(finding).where(
                finding.c.tenant == generation.tenant,
                finding.c.source == generation.source,
                finding.c.number < generation.before,
            )
        )
    return gone


def _some(condition: Any, mine: Any) -> Select[Any]:  # noqa: ANN401 - SQLAlchemy's expressions
    return select(record.c.kind, record.c.id, record.c.since).where(mine, condition).limit(ROWS)


def _is_in(some: Select[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions
    return tuple_(record.c.kind, record.c.id, record.c.since).in_(some)


Item = TypeVar("Item")


def batches(rows: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Slices of at most ``size``, in order."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
