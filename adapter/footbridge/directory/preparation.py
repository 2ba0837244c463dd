"""A record from its source to what may be stored: privacy, then cleaning, then privacy once more.

The order matters. Before cleaning, so that no finding of cleaning shows a value that may not be shown; and again
afterwards, because markup, entities and damaged letters can hide such a value, or the words that say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from footbridge.directory.cleaning import clean
from footbridge.directory.privacy import Secrets, is_plain, redact, redact_findings, withhold, withholds_place
from footbridge.directory.records import Finding, Record

# Rules of cleaning by which words become readable that were not before.
_REVEALING = frozenset(
    {"text.markup", "text.entities", "text.mojibake", "text.control", "text.mark", "text.line-breaks", "record.shape"}
)


@dataclass(slots=True)
class Prepared:
    """A record that may be stored (None: it may not be at all), what was found on the way, and what was dropped.

    ``withholds``: where it is may not be shown, nor where its locations are (``privacy.withholds_place``).
    """

    record: Record | None
    findings: list[Finding] = field(default_factory=list)
    secrets: Secrets = ()
    withholds: bool = False


def prepare(
    record: Record, secrets: Iterable[str] = (), *, place_withheld: bool = False, country: str | None = None
) -> Prepared:
    """Privacy and cleaning of one record, in a worker process.

    Args:
        record: as its reader gave it.
        secrets: those of the records that it is linked to (``privacy.secrets``).
        place_withheld: for a location at which a service may not be found (``privacy.withholds_place``).
        country: ISO 3166-1 code of the source, for records that name none.
    """
    known = set(secrets)
    if not known and not place_withheld and _is_plain(record):
        cleaned, changes = clean(record, country=country)
        if not _reveals(changes) or _is_plain(cleaned):
            return Prepared(cleaned, changes)
    return _prepare(record, known, place_withheld, country)


def _prepare(record: Record, known: set[str], place_withheld: bool, country: str | None) -> Prepared:
    withholds = record.kind != "location" and withholds_place(record)
    first = withhold(record, place_withheld=place_withheld)
    if first.record is None or set(first.record.data) == {"restrictions"}:
        return Prepared(first.record, first.findings, first.secrets, withholds)
    known |= set(first.secrets)
    safe, redacted = redact(first.record, known)
    cleaned, changes = clean(safe, country=country)
    if not known and not _reveals(changes):
        return Prepared(cleaned, [*first.findings, *redacted, *changes], first.secrets, withholds)
    second = withhold(cleaned, place_withheld=place_withheld)
    known |= set(second.secrets)
    again: list[Finding] = []
    final = second.record
    if final is not None:
        final, again = redact(final, known)
    told = [*first.findings, *redacted, *redact_findings(changes, known)]
    told += [finding for finding in (*second.findings, *again) if finding not in told]
    return Prepared(final, told, tuple(sorted({*first.secrets, *second.secrets})), withholds)


def _reveals(changes: list[Finding]) -> bool:
    return any(finding.rule in _REVEALING for finding in changes)


def _is_plain(record: Record) -> bool:
    try:
        return is_plain(record.data, orjson.dumps(record.data))
    except TypeError:
        return False
