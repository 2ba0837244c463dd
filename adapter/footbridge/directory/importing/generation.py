"""The rows of one import: written in short transactions beside what is seen, then made current by one more.

An import is alive as long as it writes; one that was silent for ``SILENT``, or whose process is gone, was killed, and
the next one takes its rows back first. Two imports of one source never run at once.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing.process import is_gone, this_process
from footbridge.directory.importing.summary import Summary
from footbridge.i18n import _
from footbridge.store.dialect import unless_there
from footbridge.store.tables.directory import directory_finding as finding
from footbridge.store.tables.directory import directory_import as imports
from footbridge.store.tables.directory import directory_source as source

SILENT = timedelta(minutes=2)
_NEW_SOURCE = unless_there(source)


@dataclass(frozen=True, slots=True)
class Generation:
    """One import of a source; ``before`` is the one that counts until this one does."""

    tenant: str
    source: str
    number: int
    before: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of a source: ``format`` is a reader's name, ``location`` a path or URL without credentials."""

    format: str
    location: str
    country: str
    timezone: str


def begin(connection: Connection, tenant: str, name: str, terms: Terms, now: datetime, *, complete: bool) -> Generation:
    """Start an import, and its source where it is new.

    Raises DirectoryError while another import of the source runs.
    """
    given = {"format": terms.format, "location": terms.location, "country": terms.country, "timezone": terms.timezone}
    connection.execute(
        _NEW_SOURCE[connection.dialect.name], {"tenant": tenant, "name": name, "current": 0, "created": now, **given}
    )
    current = connection.execute(
        select(source.c.current).where(source.c.tenant == tenant, source.c.name == name).with_for_update()
    ).scalar_one()
    running = connection.execute(
        select(imports.c.alive, imports.c.started, imports.c.process).where(
            imports.c.tenant == tenant, imports.c.source == name, imports.c.state == "running"
        )
    ).all()
    for one in running:
        if now - one.alive < SILENT and not is_gone(one.process):
            raise DirectoryError(
                _(
                    "An import of {name} has been running since {started:%H:%M} UTC: wait for its end. "
                    "If it was killed, the next one can start {minutes} minutes after its last sign.",
                    name=name,
                    started=one.started,
                    minutes=int(SILENT.total_seconds() // 60),
                )
            )
    last = connection.execute(
        select(func.max(imports.c.number)).where(imports.c.tenant == tenant, imports.c.source == name)
    ).scalar()
    generation = Generation(tenant, name, (last or 0) + 1, current)
    connection.execute(
        insert(imports).values(
            tenant=tenant,
            source=name,
            number=generation.number,
            state="running",
            started=now,
            alive=now,
            complete=complete,
            process=this_process(),
        )
    )
    return generation


def undone(connection: Connection, generation: Generation) -> list[int]:
    """Numbers of earlier imports that never became current and left rows."""
    return list(
        connection.execute(
            select(imports.c.number).where(
                imports.c.tenant == generation.tenant,
                imports.c.source == generation.source,
                imports.c.number < generation.number,
                imports.c.state.in_(["running", "failed"]),
            )
        ).scalars()
    )


def fail(connection: Connection, generation: Generation, number: int, now: datetime) -> None:
    """Say that an import will never count, before its rows are taken back: it writes no more."""
    connection.execute(_this(update(imports), generation, number).values(state="failed", finished=now))
    connection.execute(
        delete(finding).where(
            finding.c.tenant == generation.tenant, finding.c.source == generation.source, finding.c.number == number
        )
    )


def forget_try(connection: Connection, generation: Generation) -> None:
    """Leave nothing of a dry run: neither that it was, nor a source that had no import before it."""
    connection.execute(_this(delete(imports), generation))
    others = select(imports.c.number).where(
        imports.c.tenant == generation.tenant, imports.c.source == generation.source
    )
    connection.execute(
        delete(source).where(
            source.c.tenant == generation.tenant,
            source.c.name == generation.source,
            source.c.current == 0,
            ~others.exists(),
        )
    )


def summary_before(connection: Connection, generation: Generation) -> Summary:
    """What the import that counts had: its services, and the findings of its records; nothing when there is none."""
    text = connection.execute(_this(select(imports.c.summary), generation, generation.before)).scalar()
    said = json.loads(text) if text else {}
    return Summary(kept=said.get("kept", 0), of_records=Counter(said.get("ofRecords", {})), rules=said.get("rules", ""))


def sign_of_life(connection: Connection, generation: Generation, now: datetime) -> None:
    """Say that an import still runs. Raises DirectoryError when another one has taken its rows back."""
    alive = _this(update(imports), generation).where(imports.c.state == "running").values(alive=now)
    if not connection.execute(alive).rowcount:
        raise DirectoryError(
            _("This import of {source} was silent too long, and taken back: repeat it.", source=generation.source)
        )


def make_current(
    connection: Connection, generation: Generation, terms: Terms, summary: Mapping[str, Any], now: datetime
) -> None:
    """Let this import count. Raises DirectoryError when another became current meanwhile."""
    moved = connection.execute(
        update(source)
        .where(
            source.c.tenant == generation.tenant,
            source.c.name == generation.source,
            source.c.current == generation.before,
        )
        .values(
            current=generation.number,
            format=terms.format,
            location=terms.location,
            country=terms.country,
            timezone=terms.timezone,
        )
    ).rowcount
    ended = connection.execute(
        _this(update(imports), generation)
        .where(imports.c.state == "running")
        .values(state="current", finished=now, summary=json.dumps(summary))
    ).rowcount
    if not moved or not ended:
        raise DirectoryError(
            _("Another import of {source} ended first: start this one again.", source=generation.source)
        )
    connection.execute(_this(update(imports), generation, generation.before).values(state="superseded"))


def _this(statement: Any, generation: Generation, number: int | None = None) -> Any:  # noqa: ANN401 - SQLAlchemy's
    return statement.where(
        imports.c.tenant == generation.tenant,
        imports.c.source == generation.source,
        imports.c.number == (generation.number if number is None else number),
    )
