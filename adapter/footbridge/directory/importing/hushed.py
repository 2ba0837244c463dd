"""What readers found, without values that may not be shown.

A reader tells what it found before anybody knows whether the record is hidden, or holds what another record withholds
(a shelter's street in the note of a service). So values are taken out of its findings when all of a source is resolved:
all of them where nothing of the record is kept, and those that it, or one that it belongs to, withholds.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from footbridge.directory import privacy
from footbridge.directory.ids import record_id
from footbridge.directory.importing.staging import Staging
from footbridge.directory.packed_json import as_json
from footbridge.directory.privacy.record import HIDING
from footbridge.directory.records import Finding

_NOTHING_LEFT = frozenset({"restrictions", "address_withheld"})
_ROWS = 500


def hushed(findings: Iterator[str], staged: Staging, source: str, taken: Mapping[str, set[str]]) -> Iterator[str]:
    """Findings as JSON, without those values.

    Args:
        findings: of the reader, as JSON.
        staged: the records, resolved.
        source: name of the source.
        taken: the secrets of others that were taken out of a record, by its id.
    """
    while some := list(itertools.islice(findings, _ROWS)):
        opened = [orjson.loads(one) for one in some]
        ids = [_owner(one, source) for one in opened]
        telling = sorted({key for key in ids if key is not None})
        hidden = {key for key, data in staged.restricted(telling) if _is_hidden(data)}
        secrets = {row.id: orjson.loads(row.secrets) for row in staged.marked_of(telling) if row.secrets}
        for finding, one, key in zip(some, opened, ids, strict=True):
            if key in hidden:
                yield as_json({**one, "found": None, "done": None}).decode()
            elif key is not None and (mine := {*secrets.get(key, ()), *taken.get(key, ())}):
                (kept,) = privacy.redact_findings([Finding(**one)], mine)
                yield as_json(asdict(kept)).decode()
            else:
                yield finding


def _owner(finding: Mapping[str, Any], source: str) -> str | None:
    """The id of the record that a finding holds a value of."""
    if finding["kind"] is None or finding["native_id"] is None:
        return None
    if finding["found"] is None and finding["done"] is None:
        return None
    return record_id(source, finding["kind"], finding["native_id"])


def _is_hidden(packed: bytes | None) -> bool:
    """Whether nothing of a record is kept; ``packed`` may be as its source wrote it, where it did not change."""
    data = orjson.loads(packed) if packed else {}
    if set(data) <= _NOTHING_LEFT or data.get("withheld"):
        return True
    restrictions = data.get("restrictions")
    return isinstance(restrictions, list) and bool(HIDING.intersection(map(str, restrictions)))
