"""What is told of an import besides its figures: how far it is while it runs, and why it failed.

Both stand in ``directory_import.summary``, which an import that ends well overwrites by its figures: ``progress``
(``step`` in each language, ``done``) and ``problem``, in each language.
"""

import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import generation as generations
from footbridge.directory.importing.generation import SILENT, Terms
from footbridge.i18n import LANGUAGES, in_language
from footbridge.store.tables.directory import directory_import as imports


def is_running(connection: Connection, tenant: str, source: str, now: datetime) -> bool:
    """Whether an import of the source gave a sign of life not long ago."""
    query = select(imports.c.number).where(
        imports.c.tenant == tenant,
        imports.c.source == source,
        imports.c.state == "running",
        imports.c.alive > now - SILENT,
    )
    return connection.execute(query.limit(1)).first() is not None


def ended_since(connection: Connection, tenant: str, source: str, since: datetime) -> bool:
    """Whether an import of the source that began since then has become current, or has a problem told."""
    query = select(imports.c.state, imports.c.summary).where(
        imports.c.tenant == tenant, imports.c.source == source, imports.c.started >= since
    )
    return any(row.state == "current" or "problem" in (row.summary or "") for row in connection.execute(query))


def note_progress(connection: Connection, tenant: str, source: str, step: str, done: int) -> None:
    """Say how far the running import is: the step, and how many services went through it."""
    said = {"step": {one: in_language(step, one) for one in LANGUAGES}, "done": done}
    connection.execute(
        update(imports)
        .where(imports.c.tenant == tenant, imports.c.source == source, imports.c.state == "running")
        .values(summary=json.dumps({"progress": said}))
    )


def note_problem(
    connection: Connection, tenant: str, source: str, terms: Terms, problem: str, times: tuple[datetime, datetime]
) -> None:
    """Say why an import failed: with that which began since ``times[0]``, else with one that is noted for it now."""
    since, now = times
    query = select(imports.c.number).where(
        imports.c.tenant == tenant, imports.c.source == source, imports.c.state == "failed", imports.c.started >= since
    )
    number = connection.execute(query.order_by(imports.c.number.desc()).limit(1)).scalar()
    if number is None:
        try:
            made = generations.begin(connection, tenant, source, terms, now, complete=True)
        except DirectoryError:
            return  # another one runs, and says how it ends
        number = made.number
        generations.fail(connection, made, number, now)
    said = {"problem": {one: in_language(problem, one) for one in LANGUAGES}}
    connection.execute(
        update(imports)
        .where(imports.c.tenant == tenant, imports.c.source == source, imports.c.number == number)
        .values(summary=json.dumps(said))
    )
