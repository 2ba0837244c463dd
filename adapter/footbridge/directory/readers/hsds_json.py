"""HSDS as JSON: objects, lists, pages of an API, NDJSON; one file, a folder or an archive of them.

HSDS 3.x (https://docs.openreferral.org/en/3.1/hsds/), its UK profile, older names and feeds that only resemble it. In
strict mode the official schemas decide, object by object.
"""

from collections.abc import Iterator, Sequence

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_schemas import DocumentSchemas
from footbridge.directory.readers.hsds_source import HsdsSource
from footbridge.directory.readers.hsds_types import table
from footbridge.directory.readers.text import beginning
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _

ENDINGS = (".json", ".ndjson", ".jsonl", ".ldjson", ".geojson")
_DESCRIBES = "datapackage"  # describes a tabular package, holds no data


class HsdsJsonReader:
    """Reads HSDS JSON."""

    format = "hsds-json"

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether a file is JSON with members that HSDS has."""
        documents_ = table()["documents"]
        for file in _json_files(files):
            text = beginning(file).lstrip()
            if not text.startswith(("{", "[")) or any(f'"{name}"' in text for name in documents_["foreign"]):
                continue
            if any(all(f'"{name}"' in text for name in names) for names in documents_["marks"]):
                return True
        return False

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records in the order of the source, each once, with findings between them.

        Raises:
            DirectoryError: there is no JSON file, a file is no JSON or is cut, or strict mode lacks its schemas.
        """
        yield from self.source(files, options)

    def source(self, files: Sequence[SourceFile], options: ReadOptions, findings: Sequence[Finding] = ()) -> HsdsSource:
        """The same documents for an import that knows some of them; ``findings`` are of the files that were left out.

        Raises:
            DirectoryError: there is no JSON file, or strict mode lacks its schemas.
        """
        chosen = _json_files(files)
        if not chosen:
            raise DirectoryError(_("There is no JSON file in this source. Name the form with --format."))
        return HsdsSource(chosen, DocumentSchemas(options.schemas).check if options.strict else None, findings)


def _json_files(files: Sequence[SourceFile]) -> list[SourceFile]:
    named = [file for file in files if file.name.lower().endswith(ENDINGS)]
    chosen = named or (list(files) if len(files) == 1 else [])
    return [file for file in chosen if not file.name.lower().rsplit("/", 1)[-1].startswith(_DESCRIBES)]
