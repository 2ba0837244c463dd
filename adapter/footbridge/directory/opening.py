"""A source on the disk, opened: its form recognised, its records ready to be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from footbridge.directory.files import open_source
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_json import HsdsJsonReader
from footbridge.directory.readers.registry import reader, recognised
from footbridge.directory.records import Finding, Record


@dataclass(frozen=True, slots=True)
class Opened:
    """A source: the name of its form, where it is (without credentials), its records."""

    format: str
    location: str
    records: Iterable[Record | Finding]


def open_path(location: Path, form: str | None, options: ReadOptions) -> Opened:
    """Open a file, a folder or an archive.

    Args:
        location: of it.
        form: name of a reader; None: it is recognised, or a table where ``options`` has a mapping.
        options: how to read.

    Raises:
        DirectoryError: it is not there, not safe, or of no form that is read.
    """
    source = open_source(location)
    if form is None and options.mapping is not None:
        form = "csv"  # only tables have one
    chosen = recognised(source.files, location.name) if form is None else reader(form)

    if isinstance(chosen, HsdsJsonReader):
        return Opened(chosen.format, str(location), chosen.source(source.files, options, source.findings))

    def records() -> Iterator[Record | Finding]:
        yield from source.findings
        yield from chosen.read(source.files, options)

    return Opened(chosen.format, str(location), records())
