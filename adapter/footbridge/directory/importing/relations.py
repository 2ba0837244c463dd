"""What may not be shown of one record because of another: resolved when all of a source is staged.

A service or organization that withholds its place (``privacy.withholds_place``) takes it from the locations where it
works. What was dropped from a record is taken out of those that belong to it too: a service's text may repeat the
hidden address of its location.

The *relation* of a record names the records that had such a say, by their fingerprints: when it changes, the record is
prepared anew though its source did not touch it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import orjson

from footbridge.directory import privacy
from footbridge.directory.importing.staging import Staged
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import Finding, Record

Prepare = Callable[[Staged], None]
"""Prepares a record that was staged as its source wrote it, in place."""


class Records(Protocol):
    """Records of a source, staged (``Staging``) or stored."""

    def where(self, column: str, values: Sequence[str]) -> Iterator[Staged]:
        """Those whose column has one of the values."""
        ...

    def marked(self) -> list[Staged]:
        """Those that withhold a place, or that something was dropped from."""
        ...

    def replace(self, row: Staged) -> None:
        """Write a record anew."""
        ...


def resolve(
    staged: Records,
    prepare: Prepare,
    only: frozenset[str] | None = None,
    taken: defaultdict[str, set[str]] | None = None,
    says: defaultdict[str, set[str]] | None = None,
) -> dict[str, str]:
    """Take out of staged records what others withhold; returns the relation of each record that has one, by id.

    Args:
        staged: the records.
        prepare: prepares one that was staged as its source wrote it.
        only: what these withhold; what the others do, is resolved already.
        taken: is told the values that are taken out, by the id of the record that they are taken out of.
        says: which fingerprints had a say in a record already, by its id.
    """
    marked = [row for row in staged.marked() if only is None or row.id in only]
    says = defaultdict(set) if says is None else says  # which fingerprints had a say in a record
    if not marked:
        return {key: digest(prints) for key, prints in says.items()}
    hidden = _places(staged, [row for row in marked if row.withholds], says)
    for row in staged.where("id", sorted(hidden)):
        _withhold_place(staged, row, prepare)
    taken = defaultdict(set) if taken is None else taken
    for row in staged.marked():
        if row.secrets is None or (only is not None and row.id not in only and row.id not in hidden):
            continue
        secrets = orjson.loads(row.secrets)
        for other in neighbours(staged, row) if secrets else ():
            if other.id != row.id:
                taken[other.id].update(secrets)
                says[other.id].add(row.fingerprint)
    for row in staged.where("id", sorted(taken)):
        _redact(staged, row, tuple(sorted(taken[row.id])), prepare)
    return {key: digest(prints) for key, prints in says.items()}


def _places(staged: Records, withholding: list[Staged], says: dict[str, set[str]]) -> set[str]:
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


def neighbours(staged: Records, row: Staged) -> list[Staged]:
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


def _withhold_place(staged: Records, row: Staged, prepare: Prepare) -> None:
    record, findings = opened(row, prepare)
    if record is None:
        return
    result = privacy.withhold(record, place_withheld=True)
    mine = tuple(sorted({*result.secrets, *(orjson.loads(row.secrets) if row.secrets else ())}))
    kept = privacy.redact_findings([*findings, *result.findings], mine)
    stage(staged, row, result.record, kept, mine)


def _redact(staged: Records, row: Staged, secrets: tuple[str, ...], prepare: Prepare) -> None:
    record, findings = opened(row, prepare)
    if record is None:
        return
    clean, more = privacy.redact(record, secrets)
    own = tuple(orjson.loads(row.secrets)) if row.secrets else ()
    stage(staged, row, clean, privacy.redact_findings([*findings, *more], (*secrets, *own)), own)


def opened(row: Staged, prepare: Prepare) -> tuple[Record | None, list[Finding]]:
    """A record that is prepared, and its findings; None where nothing of it may be kept."""
    if not row.is_new:
        prepare(row)
    if row.data is None:
        return None, []
    findings = [Finding(**one) for one in orjson.loads(row.findings)] if row.findings else []
    return Record(row.kind, row.native_id, orjson.loads(row.data), row.path, row.line), findings


def stage(
    staged: Records, row: Staged, record: Record | None, findings: list[Finding], secrets: tuple[str, ...]
) -> None:
    """Write a record anew, with what it withholds itself."""
    row.data = None if record is None else as_json(record.data)
    row.findings = as_json(findings) if findings else None
    row.secrets = as_json(secrets) if secrets or row.secrets is not None else None
    row.is_new = True
    staged.replace(row)


def digest(prints: set[str]) -> str:
    """A relation, of the fingerprints that had a say."""
    return hashlib.blake2b("".join(sorted(prints)).encode(), digest_size=16).hexdigest()
