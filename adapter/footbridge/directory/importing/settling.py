"""What an import withholds is taken out of the other sources too, that were imported before it.

Each source knows what of the others it was held against (``withheld_rows``). Where that has changed, its stored records
are looked through, those of the same services lose the values in every version, and a further import of the source,
which reads nothing, makes it seen. What was taken out comes back with the source's next import, where nobody withholds
it any more. A source that is being imported is left out: its import does this at its end.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, insert, select, update

from footbridge.directory import privacy
from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import generation as generations
from footbridge.directory.importing import withheld_rows
from footbridge.directory.importing.across import withhold_across
from footbridge.directory.importing.assembly import parts
from footbridge.directory.importing.compared import Compared
from footbridge.directory.importing.generation import Generation, Terms
from footbridge.directory.importing.joining import assembled
from footbridge.directory.importing.plan import BATCH, Plan, Step
from footbridge.directory.importing.rows import batches, rules_in, versions_of
from footbridge.directory.importing.staging import Staged
from footbridge.directory.importing.withheld_rows import StoredRecords, Withheld
from footbridge.directory.importing.writing import Writing
from footbridge.directory.model import ServiceDocument
from footbridge.directory.records import Finding
from footbridge.directory.search.packed import pack_services
from footbridge.directory.search.prepare import prepare, words_of
from footbridge.directory.sources import list_sources
from footbridge.store.tables.directory import directory_finding, directory_import, directory_withheld
from footbridge.store.tables.directory import directory_record as record


class _Taken(NamedTuple):
    """Records of a source that another one has a say in, as they are now, and what they were made under."""

    rows: list[Staged]
    relations: dict[str, str]
    rules: Counter[str]  # how many findings there are more, by rule


def unsettled(connection: Connection, tenant: str) -> dict[str, dict[str, Withheld]]:
    """The sources that were not held against what others withhold now, each with those others."""
    known = withheld_rows.current(connection, tenant)
    found = {}
    for name, one in known.items():
        new = {
            other: withheld
            for other, withheld in withheld_rows.others(known, name).items()
            if one.applied.get(other) != withheld.digest
        }
        if new:
            found[name] = new
    return found


def hold_against(step: Step, source: str, new: Mapping[str, Withheld]) -> Step | None:
    """Take out of a source what others withhold.

    Returns the step of an import that is written and not seen yet; None where nothing changes, or one of it runs.
    """
    database, tenant = step.database, step.plan.tenant
    with database.read() as connection:
        known = withheld_rows.current(connection, tenant)
        number = next(one.current for one in list_sources(connection, tenant) if one.name == source)
        taken = _taken(connection, tenant, source, number, new)
    against = withheld_rows.others(known, source)
    if not taken.rows:
        with database.write() as connection:
            _note(connection, Generation(tenant, source, number, number), known[source], against)
        return None
    further = _begin(step, source)
    if further is None:
        return None
    services = list(_services(further, taken.rows))
    words = {key: found for some in batches(services, BATCH) for key, found in _words(further, some)}
    further.in_turns("records", taken.rows, BATCH, lambda connection, some: _rewrite(connection, further, some, taken))
    for some in batches(services, BATCH):
        _index(further, some, words)
    secrets = {one for row in taken.rows if row.secrets for one in orjson.loads(row.secrets)}
    with further.writing() as connection:
        _copy_findings(connection, further.generation, secrets)
        withheld_rows.store(connection, further.generation, known[source].data, against)
    further.summary.of_records = taken.rules
    return further


def summary_of(step: Step) -> dict[str, Any]:
    """The figures of such an import: those of the one before, and what was changed."""
    with step.database.read() as connection:
        text = connection.scalar(_of_import(step.generation, step.generation.before))
    said: dict[str, Any] = json.loads(text) if text else {}
    summary = step.summary
    of_records, by_rule = Counter(said.get("ofRecords", {})), Counter(said.get("byRule", {}))
    more = summary.of_records
    return {
        **said,
        "changed": summary.changed,
        "removed": 0,
        "findings": said.get("findings", 0) + more.total(),
        "ofRecords": dict(Counter({k: v for k, v in (of_records + more).items() if v > 0}).most_common()),
        "byRule": dict(Counter({k: v for k, v in (by_rule + more).items() if v > 0}).most_common()),
    }


def _taken(connection: Connection, tenant: str, source: str, number: int, new: Mapping[str, Withheld]) -> _Taken:
    records = StoredRecords(connection, tenant, source, number)
    relations = withhold_across(records, withheld_rows.entries_of(new), lambda _row: None)
    before = StoredRecords(connection, tenant, source, number)
    rules: Counter[str] = Counter()
    rows = []
    for was in before.where("id", sorted(records.changed)):
        row = records.changed[was.id]
        if row.data != was.data:
            rows.append(row)
            rules.update(rules_in((row.findings or b"").decode()))
            rules.subtract(rules_in((was.findings or b"").decode()))
    return _Taken(rows, relations, rules)


def _note(connection: Connection, generation: Generation, known: Withheld, against: Mapping[str, Withheld]) -> None:
    """Say what of others a source was held against, where that changed nothing."""
    applied = json.dumps({name: one.digest for name, one in against.items()}, sort_keys=True)
    table = directory_withheld
    there = (table.c.tenant == generation.tenant, table.c.source == generation.source)
    query = update(table).where(*there, table.c.number == generation.number).values(applied=applied)
    if not connection.execute(query).rowcount:
        withheld_rows.store(connection, generation, known.data, against)


def _begin(step: Step, source: str) -> Step | None:
    tenant = step.plan.tenant
    with step.database.write() as connection:
        of = next(one for one in list_sources(connection, tenant) if one.name == source)
        terms = Terms(of.format, of.location, of.country, of.timezone)
        try:
            generation = generations.begin(connection, tenant, source, terms, step.clock.now(), complete=False)
        except DirectoryError:
            return None  # an import of it runs
    plan = Plan(tenant, source, terms, complete=False, processes=0)
    return Step(step.database, step.clock, plan, generation, lambda _step, _done: None, step.workers)


def _rewrite(connection: Connection, step: Step, rows: Sequence[Staged], taken: _Taken) -> None:
    """Write records in every version that is stored: none shall tell it."""
    generation = step.generation
    for row in rows:
        connection.execute(
            update(record)
            .where(versions_of(generation, row.kind, row.id))
            .values(
                data=(row.data or b"{}").decode(),
                findings=row.findings.decode() if row.findings else None,
                marked=True,
                relation=taken.relations.get(row.id),
            )
        )
    generations.sign_of_life(connection, generation, step.clock.now())


def _services(step: Step, rows: Iterable[Staged]) -> Iterator[str]:
    """Ids of the services that have these records, each once."""
    generation = step.generation
    with step.database.read() as connection:
        stored = StoredRecords(connection, generation.tenant, generation.source, generation.before)
        of_kind: dict[str, list[str]] = {}
        for row in rows:
            of_kind.setdefault(row.kind, []).append(row.id)
            if row.service:
                of_kind.setdefault("service", []).append(row.service)
        found = dict.fromkeys(of_kind.get("service", []))
        found |= dict.fromkeys(
            one.service for one in stored.where("location", of_kind.get("location", [])) if one.service
        )
        owned = stored.where("organization", of_kind.get("organization", []))
        found |= dict.fromkeys(one.id for one in owned if one.kind == "service")
    yield from sorted(found)


def _shown(step: Step, number: int, ids: Sequence[str]) -> dict[str, ServiceDocument]:
    """Services as an import shows them."""
    generation = step.generation
    with step.database.read() as connection:
        return assembled(generation.source, parts(connection, generation.tenant, generation.source, number, ids))


def _words(step: Step, ids: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """The words of services as they are shown until now."""
    return ((key, words_of(one)) for key, one in _shown(step, step.generation.before, ids).items())


def _index(step: Step, ids: Sequence[str], words: Mapping[str, frozenset[str]]) -> None:
    """Index services; ``words`` are those that they had."""
    writing = Writing(step)
    key = writing.begin_index()
    packed = pack_services(
        key,
        [prepare(one) for one in _shown(step, step.generation.number, ids).values()],
        keeps_words=step.database.is_sqlite,
        forgotten=[words[one] for one in ids if one in words],
    )
    writing.write(key, Compared(0, 0, sorted(ids), packed))


def _copy_findings(connection: Connection, generation: Generation, secrets: Iterable[str]) -> None:
    """The findings of the reader, as of this import; what is withheld now is in none of them."""
    rows = connection.execute(
        select(directory_finding.c.position, directory_finding.c.finding).where(
            directory_finding.c.tenant == generation.tenant,
            directory_finding.c.source == generation.source,
            directory_finding.c.number == generation.before,
        )
    ).all()
    own = {"tenant": generation.tenant, "source": generation.source, "number": generation.number}
    copies = []
    for position, text in rows:
        (kept,) = privacy.redact_findings([Finding(**orjson.loads(text))], secrets)
        copies.append({**own, "position": position, "finding": orjson.dumps(kept).decode()})
    if copies:
        connection.execute(insert(directory_finding), copies)


def _of_import(generation: Generation, number: int) -> Any:  # noqa: ANN401 - SQLAlchemy's
    table = directory_import.c
    return select(table.summary).where(
        table.tenant == generation.tenant, table.source == generation.source, table.number == number
    )
