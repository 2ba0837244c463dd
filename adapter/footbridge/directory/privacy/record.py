"""Privacy of one record: walks through it once, and drops what may not be shown, wherever it stands."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from footbridge.directory.privacy.place import without_place
from footbridge.directory.privacy.redaction import Secrets, redact
from footbridge.directory.privacy.walk import NO, Walk
from footbridge.directory.records import Finding, Record

HIDING = frozenset({"exclude-website", "exclude-directory", "deleted"})


@dataclass(slots=True)
class Withheld:
    """A record without what may not be shown: ``record`` is None where that was all of it."""

    record: Record | None
    findings: list[Finding] = field(default_factory=list)
    secrets: Secrets = ()


def apply(record: Record, *, place_withheld: bool = False) -> tuple[Record | None, list[Finding]]:
    """The record without what may not be shown, and a finding (without its value) for each thing that was dropped.

    None where the record itself is withheld; of a location it stays that there is one. A hidden record (deleted,
    excluded) keeps its restrictions alone. With ``place_withheld`` a location loses its place, because a service there
    may not be found (``withholds_place``).
    """
    result = withhold(record, place_withheld=place_withheld)
    return result.record, result.findings


def secrets(record: Record, *, place_withheld: bool = False) -> Secrets:
    """The values that ``apply`` drops from a record: for ``redact`` of those that are linked to it, in memory only."""
    return withhold(record, place_withheld=place_withheld).secrets


def withhold(record: Record, *, place_withheld: bool = False) -> Withheld:
    """``apply`` and ``secrets`` in one walk."""
    if not isinstance(record.data, dict):
        record = dataclasses.replace(record, data=dict(record.data))
    walk = Walk(record)
    if record.data.get("withheld") not in NO:
        walk.record_dropped()
        # A service at a withheld place is not a service without a place: that is given remotely, to everybody.
        left = dataclasses.replace(record, data={"address_withheld": True}) if record.kind == "location" else None
        return Withheld(left, walk.findings, walk.found_secrets())
    restrictions = _restrictions(record.data)
    if HIDING & set(restrictions):
        # Nothing else of it is needed, and what is not there cannot leak.
        walk.value(record.data, "", "")
        hidden = dataclasses.replace(record, data={"restrictions": restrictions})
        return Withheld(hidden, [walk.finding("privacy.hidden", "restrictions")], walk.found_secrets())
    data = walk.value(record.data, "", "")
    if record.kind == "location":
        data = without_place(walk, record, data, place_withheld=place_withheld)
    kept = record if data is record.data else dataclasses.replace(record, data=data)
    found = walk.found_secrets()
    kept, repeated = redact(kept, found, own=kept.data.get("address_withheld") is True)
    return Withheld(kept, walk.findings + repeated, found)


def _restrictions(data: Mapping[str, Any]) -> list[str]:
    value = data.get("restrictions")
    return [str(entry) for entry in value] if isinstance(value, (list, tuple)) else []
