"""A source on the disk, opened: its form recognised, its records ready to be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_json import HsdsJsonReader
from footbridge.directory.readers.registry import reader, recognised
from footbridge.directory.records import Finding, Record
from footbridge.directory.source_files import open_source
from footbridge.i18n import _

_WITH_SCHEMA: Final = frozenset({"airs", "hsds-json", "hsds-tabular", "hsds-api"})


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
    if options.mapping is not None and form not in {None, "csv"}:
        raise DirectoryError(
            _("--mapping is for tables: with --format {form} it has no meaning. Leave one of them out.", form=form)
        )
    if form is None and options.mapping is not None:
        form = "csv"  # only tables have one
    chosen = recognised(source.files, location.name) if form is None else reader(form)
    if options.strict:
        require_schema(chosen.format)

    if isinstance(chosen, HsdsJsonReader):
        return Opened(chosen.format, str(location), chosen.source(source.files, options, source.findings))

    def records() -> Iterator[Record | Finding]:
        yield from source.findings
        yield from chosen.read(source.files, options)

    return Opened(chosen.format, str(location), records())


def require_schema(form: str) -> None:
    """Raise DirectoryError for a form that no official schema describes: strict mode could not decide anything."""
    if form not in _WITH_SCHEMA:
        raise DirectoryError(
            _(
                "--strict: the form {form} has no official schema that could decide. Leave --strict out: what cannot "
                "be read is listed by `footbridge directory report`.",
                form=form,
            )
        )
