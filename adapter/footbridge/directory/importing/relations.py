"""What may not be shown of one record because of another: resolved when all of a source is staged.

A service or organization that withholds its place (``privacy.withholds_place``) takes it from the locations where it
works. What was dropped from a record is taken out of those that belong to it too: a service's text may repeat the
hidden address of its location.

The *relation* of a record names the records that had such a say, by their fingerprints: when it changes, the record is
prepared anew though its source did not touch it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable

import orjson

from footbridge.directory import privacy
from footbridge.directory.importing.staging import Staged, Staging
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import Finding, Record

Prepare = Callable[[Staged], None]
"""Prepares a record that was staged as its source wrote it, in place."""


def resolve(staged: Staging, prepare: Prepare) -> dict[str, str]:
    """Take out of staged records what others withhold; returns the relation of each record that has one, by id."""
    marked = staged.marked()
    if not marked:
        return {}
    says: dict[str, set[str]] = defaultdict(set)  # which fingerprints had a say in a record
    hidden = _places(staged, [row for row in marked if row.withholds], says)
    for row in staged.where("id", sorted(hidden)):
        _withhold_place(staged, row, prepare)
    taken: dict[str, set[str]] = defaultdict(set)  # the values to take out, by record
    for row in staged.marked():
        if row.secrets is None:
            continue
        secrets = orjson.loads(row.secrets)
        for other in _related(staged, row):
            if other.id != row.id:
                taken[other.id].update(secrets)
                says[other.id].add(row.fingerprint)
    for row in staged.where("id", sorted(taken)):
        _redact(staged, row, tuple(sorted(taken[row.id])), prepare)
    return {key: _digest(prints) for key, prints in says.items()}


def _places(staged: Staging, withholding: list[Staged], says: dict[str, set[str]]) -> set[str]:
    """Ids of the locations where a record works that withholds its place."""
    found: set[str] = set()
    for row in withholding:
        locations: set[str | None] = set()
        if row.kind == "location":
            locations.add(row.id)
        services = [row.id] if row.kind == "service" else []
        if row.kind == "organization":
            for other in staged.where("organization", [row.id]):
                if other.kind == "location":
                    locations.add(other.id)
                elif other.kind == "service":
                    services.append(other.id)
        if row.kind == "service_at_location":
            locations.add(row.location)
        locations |= {link.location for link in staged.where("service", services)}
        for one in locations - {None}:
            found.add(str(one))
            says[str(one)].add(row.fingerprint)
    return found


def _related(staged: Staging, row: Staged) -> list[Staged]:
    """A record's neighbours: the same organization's, and what is tied to them by a service at a location."""
    owners = {row.id} if row.kind == "organization" else {row.organization} - {None}
    near = {row.id, *(one for one in (row.service, row.location) if one)}
    for link in [*staged.where("service", [row.id]), *staged.where("location", [row.id])]:
        near |= {link.id, *(one for one in (link.service, link.location) if one)}
    owners |= {one.organization for one in staged.where("id", sorted(near)) if one.organization}
    named = sorted(str(one) for one in owners if one)
    of_owner = list(staged.where("organization", named))
    links = list(staged.where("service", [one.id for one in of_owner if one.kind == "service"]))
    every = [*staged.where("id", sorted({*near, *named, *(str(one.location) for one in links)})), *of_owner, *links]
    return list({one.id: one for one in every}.values())


def _withhold_place(staged: Staging, row: Staged, prepare: Prepare) -> None:
    record, findings = _open(row, prepare)
    if record is None:
        return
    result = privacy.withhold(record, place_withheld=True)
    mine = tuple(sorted({*result.secrets, *(orjson.loads(row.secrets) if row.secrets else ())}))
    kept = privacy.redact_findings([*findings, *result.findings], mine)
    _close(staged, row, result.record, kept, mine)


def _redact(staged: Staging, row: Staged, secrets: tuple[str, ...], prepare: Prepare) -> None:
    record, findings = _open(row, prepare)
    if record is None:
        return
    clean, more = privacy.redact(record, secrets)
    own = tuple(orjson.loads(row.secrets)) if row.secrets else ()
    _close(staged, row, clean, privacy.redact_findings([*findings, *more], (*secrets, *own)), own)


def _open(row: Staged, prepare: Prepare) -> tuple[Record | None, list[Finding]]:
    if not row.is_new:
        prepare(row)
    if row.data is None:
        return None, []
    findings = [Finding(**one) for one in orjson.loads(row.findings)] if row.findings else []
    return Record(row.kind, row.native_id, orjson.loads(row.data), row.path, row.line), findings


def _close(
    staged: Staging, row: Staged, record: Record | None, findings: list[Finding], secrets: tuple[str, ...]
) -> None:
    row.data = None if record is None else as_json(record.data)
    row.findings = as_json(findings) if findings else None
    row.secrets = as_json(secrets) if secrets else None
    row.is_new = True
    staged.replace(row)


def _digest(prints: set[str]) -> str:
    return hashlib.blake2b("".join(sorted(prints)).encode(), digest_size=16).hexdigest()
