"""Reads sources of a directory in tests: a path, or texts that become files."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_json import HsdsJsonReader
from footbridge.directory.readers.hsds_tabular import HsdsTabularReader
from footbridge.directory.readers.table import TableReader
from footbridge.directory.records import Finding, Record
from footbridge.directory.source_files import open_source

READERS = {"json": HsdsJsonReader(), "tabular": HsdsTabularReader(), "table": TableReader()}


@dataclass
class Read:
    """What a reader gave."""

    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {record.native_id: dict(record.data) for record in self.records if record.kind == kind}

    def one(self, kind: str) -> dict[str, Any]:
        (data,) = self.of(kind).values()
        return data

    def count(self) -> Counter[str]:
        return Counter(record.kind for record in self.records)

    def rules(self) -> set[str]:
        return {finding.rule for finding in self.findings}

    def found(self, rule: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.rule == rule]


def read(reader: str, place: Path, options: ReadOptions | None = None) -> Read:
    result = Read()
    for item in READERS[reader].read(open_source(place).files, options or ReadOptions()):
        (result.records if isinstance(item, Record) else result.findings).append(item)
    return result


def read_json(tmp_path: Path, value: Any, name: str = "feed.json") -> Read:
    place = tmp_path / name
    place.write_text(json.dumps(value), "utf-8")
    return read("json", place)


def write(folder: Path, **texts: str) -> Path:
    """A folder of CSV files: ``write(tmp_path, services="id,name\\n1,Food")``."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder
