"""Records of a part of a source, ready to be staged, in a process of its own where there are many."""

from typing import NamedTuple

from footbridge.directory.ids import canonical, fingerprint, record_id
from footbridge.directory.importing.pipeline import RELATED, Known, Prepared, Raw, prepare
from footbridge.directory.importing.staging import StagedRow
from footbridge.directory.readers.hsds_roots import SCOPES
from footbridge.directory.readers.hsds_source import StagedFile
from footbridge.directory.readers.tally import Counted, Tally
from footbridge.directory.records import Finding, Kind, Record


class How(NamedTuple):
    """What records are made of and by: ``rules`` as ``plan.Step.rules``."""

    file: StagedFile
    source: str
    country: str
    rules: str


class Part(NamedTuple):
    """Copies between two numbers, and what is known of the stored records among theirs, by id."""

    first: int
    last: int
    known: dict[str, Known]


class Made(NamedTuple):
    """Records as they are staged; findings and what was counted on the way, each with the number of its copy."""

    rows: list[StagedRow]
    findings: list[tuple[int, Finding]]
    counted: list[tuple[int, Counted]]


def record_rows(how: How, part: Part) -> Made:
    """Make the records of a part; those that did not change are not prepared."""
    made = Made([], [], [])
    tally = Tally()
    for number, item in how.file.records(tally, part.first, part.last):
        if isinstance(item, Finding):
            made.findings.append((number, item))
            continue
        made.rows.append(_row(how, item, part.known, number >> SCOPES))
        made.counted.extend((number, one) for one in tally.taken())
    return made


def _row(how: How, record: Record, known: dict[str, Known], document: int) -> StagedRow:
    own = record_id(how.source, record.kind, record.native_id)
    raw = canonical(record)
    print_ = fingerprint(raw, how.rules)
    before = known.get(own)
    is_new = before is None or before.differs(print_)
    prepared = Prepared(raw, None, None, withholds=False)
    if is_new:
        (prepared,) = prepare(how.country, [Raw(record.kind, record.native_id, raw, record.path, record.line)])
    links = links_of(how.source, record)
    return (
        own,
        record.kind,
        record.native_id,
        record.path,
        record.line,
        print_,
        links.get("organization"),
        links.get("service"),
        links.get("location"),
        is_new,
        prepared.withholds,
        prepared.secrets,
        prepared.data,
        prepared.findings,
        before.relation if before else None,
        document,
    )


def links_of(source: str, record: Record) -> dict[str, str]:
    """The ids of the records that a record names, by column."""
    found: dict[str, str] = {}
    kind: Kind
    for name, member, kind in RELATED[record.kind]:
        native = record.data.get(member)
        if native not in (None, ""):
            found[name] = record_id(source, kind, str(native))
    return found
