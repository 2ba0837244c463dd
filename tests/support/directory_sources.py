"""Sources of directory data in memory, and what a reader makes of them, sorted."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from footbridge.directory.files import LocalFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.records import Finding, Record


@dataclass(frozen=True)
class MemoryFile:
    """A file that a test wrote; ``opened`` is counted by nobody, each stream begins anew."""

    name: str
    content: bytes

    @property
    def size(self):
        return len(self.content)

    def open(self):
        return io.BytesIO(self.content)


@dataclass
class Read:
    """Records by kind and id, and all findings."""

    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of(self, kind):
        return {record.native_id: record for record in self.records if record.kind == kind}

    def data(self, kind, native_id):
        return self.of(kind)[native_id].data

    def only(self, kind):
        (record,) = self.of(kind).values()
        return record.data

    def rules(self):
        return [finding.rule for finding in self.findings]

    def found(self, rule):
        return [finding.found for finding in self.findings if finding.rule == rule]


def sorted_out(given: Iterable) -> Read:
    """Records and findings apart; an id that is given twice fails."""
    read = Read()
    for one in given:
        (read.records if isinstance(one, Record) else read.findings).append(one)
    ids = [(record.kind, record.native_id) for record in read.records]
    assert len(ids) == len(set(ids)), "a record was given twice"
    return read


def files(*sources) -> list:
    """Paths, bytes and texts as source files."""
    made = []
    for number, source in enumerate(sources):
        if isinstance(source, Path):
            made.append(LocalFile(source.name, source))
        elif isinstance(source, MemoryFile):
            made.append(source)
        else:
            content = source.encode() if isinstance(source, str) else source
            made.append(MemoryFile(f"export{number or ''}.xml", content))
    return made


def read(reader, *sources, **options) -> Read:
    """What a reader makes of sources."""
    return sorted_out(reader.read(files(*sources), ReadOptions(**options)))


def everything(data) -> str:
    """All text in a record but what is withheld, wherever it is: what a privacy step would leave."""
    if isinstance(data, dict):
        if "withheld" in data:
            return ""
        return " ".join(everything(one) for one in data.values())
    if isinstance(data, list | tuple):
        return " ".join(everything(one) for one in data)
    return str(data)
