"""The findings of an import, as the manager of a directory reads them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, or_, select

from footbridge.directory.ids import record_id
from footbridge.directory.records import Kind, Severity
from footbridge.directory.rules import Language, rule
from footbridge.store.tables.directory import directory_finding as finding
from footbridge.store.tables.directory import directory_record as record

COLUMNS = ("severity", "rule", "what", "action", "kind", "nativeId", "name", "member", "found", "done", "path", "line")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of a report; its members are the columns."""

    severity: Severity
    rule: str
    what: str
    action: str
    kind: str | None
    native_id: str | None
    name: str | None
    member: str | None
    found: str | None
    done: str | None
    path: str
    line: int | None

    def values(self) -> list[str | int | None]:
        """Its cells, in the order of ``COLUMNS``."""
        return [getattr(self, name) for name in FindingLine.__slots__]


def findings(
    connection: Connection, tenant: str, source: str, number: int, language: Language = "en"
) -> Iterator[FindingLine]:
    """What was found in the records that the import ``number`` has: those of its reader, then those of cleaning."""
    of_reader = connection.execution_options(yield_per=500).execute(
        select(finding.c.finding)
        .where(finding.c.tenant == tenant, finding.c.source == source, finding.c.number == number)
        .order_by(finding.c.position)
    )
    for some in of_reader.partitions(500):
        ones = [json.loads(one) for (one,) in some]
        names = _names(connection, tenant, source, number, ones)
        for one in ones:
            yield _line(one, names.get((one.get("kind"), one.get("native_id"))), language)
    of_records = connection.execution_options(yield_per=500).execute(
        select(record.c.findings, record.c.data)
        .where(
            record.c.tenant == tenant,
            record.c.source == source,
            record.c.since <= number,
            or_(record.c.until.is_(None), record.c.until > number),
            record.c.findings.is_not(None),
        )
        .order_by(record.c.kind, record.c.id)
    )
    for some, data in of_records:
        name = json.loads(data).get("name")
        for one in json.loads(some):
            yield _line(one, name, language)


def _names(
    connection: Connection, tenant: str, source: str, number: int, ones: Iterable[dict[str, str]]
) -> dict[tuple[str | None, str | None], str | None]:
    """The names of the records that a reader found something in, by kind and native id."""
    ids = {
        record_id(source, cast("Kind", one["kind"]), one["native_id"])
        for one in ones
        if one.get("kind") and one.get("native_id")
    }
    rows = connection.execute(
        select(record.c.kind, record.c.native_id, record.c.data).where(
            record.c.tenant == tenant,
            record.c.source == source,
            record.c.id.in_(ids),
            record.c.since <= number,
            or_(record.c.until.is_(None), record.c.until > number),
        )
    )
    return {(row.kind, row.native_id): json.loads(row.data).get("name") for row in rows}


def _line(one: dict[str, str], name: str | None, language: Language) -> FindingLine:
    found = rule(one["rule"])
    return FindingLine(
        found.severity,
        found.id,
        found.text[language],
        found.done.get(language, ""),
        one.get("kind"),
        one.get("native_id"),
        name,
        one.get("member"),
        one.get("found"),
        one.get("done"),
        one["path"],
        int(one["line"]) if one.get("line") is not None else None,
    )
