"""After an import: which suggested corrections their source took over, and what of the others may not stay.

A suggestion is closed when the record says what it suggests. What a record said before (``old``) and its name are kept
only as long as the source still says so: what it withholds or removes goes out of the table too. A suggestion that
repeats what the source withholds (a confidential phone that somebody wrote into a note) loses its words and is closed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from footbridge.directory.correction_fields import said_before
from footbridge.directory.corrections import STATUS, VERIFIED
from footbridge.directory.importing.assembly import documents
from footbridge.directory.importing.withheld_rows import current
from footbridge.directory.model import ServiceDocument
from footbridge.directory.privacy.withheld import Entry, values_in
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_correction as table

SOME = 200  # suggestions that are looked at in one transaction
_ENOUGH = 7  # digits that are a phone number by themselves
_PHONE = re.compile(r"[\d\s()+.\-/]+")


def settle(connection: Connection, tenant: str, source: str, now: datetime, after: str = "") -> str | None:
    """Look through some suggestions for a source, by id, later than ``after``; where it stopped, None at the end."""
    number = current_imports(connection, tenant).get(source, 0)
    query = select(table).where(table.c.tenant == tenant, table.c.source == source, table.c.id > after)
    rows = connection.execute(query.order_by(table.c.id).limit(SOME)).all()
    ids = sorted({row.record for row in rows})
    found = documents(connection, tenant, source, number, ids) if number and ids else {}
    withheld = current(connection, tenant).get(source)
    entries = [] if withheld is None else [one for some in withheld.entries().values() for one in some]
    for row in rows:
        changed = _changed(row, found.get(row.record), entries, now)
        if changed:
            connection.execute(update(table).where(table.c.tenant == tenant, table.c.id == row.id).values(**changed))
    return rows[-1].id if len(rows) == SOME else None


def _changed(row: Any, service: ServiceDocument | None, entries: list[Entry], now: datetime) -> dict[str, Any]:  # noqa: ANN401 - a row
    """What is written anew of one suggestion."""
    name = "" if service is None else service["name"]
    kept = {
        "name": name,
        "old": row.old if row.field == VERIFIED or says(service, row.field, row.old) else "",
        "new": row.new,
        "note": row.note,
        "closed": row.closed or (now if is_taken_over(service, row.field, row.new) else None),
    }
    if entries and _repeats(row, entries):
        kept |= {"new": "", "note": None, "closed": row.closed or now}
    return {key: value for key, value in kept.items() if value != getattr(row, key)}


def says(service: ServiceDocument | None, field: str, old: str) -> bool:
    """Whether a record still says for a member what it said when somebody suggested another value."""
    return service is not None and said_before(service, field) == old


def is_taken_over(service: ServiceDocument | None, field: str, new: str) -> bool:
    """Whether a record says what was suggested, in whatever form; ``service``: None where it is not shown any more."""
    if field == STATUS and new == "inactive":
        return service is None
    if service is None:
        return False
    said = said_before(service, field)
    if field == VERIFIED:
        return bool(said) and said[:10] >= new[:10]
    wanted = _folded(new)
    return bool(wanted) and (_folded(said) == wanted or any(_is_same(leaf, new) for leaf in _leaves(said)))


def _is_same(leaf: str, new: str) -> bool:
    if _folded(leaf) == _folded(new):
        return True
    digits = re.sub(r"\D", "", new)
    if len(digits) < _ENOUGH or not _PHONE.fullmatch(new):
        return False
    return re.sub(r"\D", "", leaf).removeprefix("1") == digits.removeprefix("1")


def _leaves(said: str) -> Iterator[str]:
    """The texts of a member: itself, or those in its JSON."""
    try:
        waiting: list[Any] = [orjson.loads(said) if said[:1] in {"[", "{"} else said]
    except orjson.JSONDecodeError:  # a text may begin so too
        waiting = [said]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _repeats(row: Any, entries: list[Entry]) -> bool:  # noqa: ANN401 - a row
    """Whether what a person wrote holds a value that the source withholds."""
    wrote = {"description": f"{row.new}\n{row.note or ''}"}
    sizes = frozenset().union(*(one.sizes for one in entries))
    found = values_in(wrote, sizes).keys()
    return any(found & one.values for one in entries)
