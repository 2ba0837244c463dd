"""AIRS XML 3.0, 3.1 and 4.0.0-rc.1, with the dialects of iCarol and of Ontario (CIOC).

https://github.com/airsalliance/airs-xml (CC0). Elements are read by local name, for real exports follow no schema; with
``strict`` the official XML Schema decides instead, one agency at a time. Where everything goes is
``mappings/directory/airs.json``.

An XML file that breaks off raises ``DirectoryError``, whatever came before: half a file must not become current.
"""

import re
from collections.abc import Iterator, Sequence

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.airs_document import Document
from footbridge.directory.readers.airs_ids import Ids
from footbridge.directory.readers.airs_text import head_text
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:Source|Agency)[\s>/]")
_AIRS = re.compile(r"airs\.org/schema|SourceEntity\s*=|SchemaVersion\s*=|<(?:[\w.-]+:)?Agency[\s>]")
_START = re.compile(r"\s*(?:<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)*+", re.DOTALL)


class AirsReader:
    """Reads AIRS XML."""

    @property
    def format(self) -> str:
        """Its name."""
        return "airs"

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether one of the files is AIRS XML."""
        return any(_is_airs(file) for file in files)

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records and findings of every AIRS file; other files are named in a finding.

        Raises:
            DirectoryError: a file is no well-formed XML, has a document type declaration, or a record without bounds.
        """
        chosen = [file for file in files if _is_airs(file)] or [
            file for file in files if file.name.lower().endswith(".xml") or len(files) == 1
        ]
        if not chosen:
            raise DirectoryError(
                _("No file here is AIRS XML: none begins with a Source element. Name another --format.")
            )
        ids = Ids()
        for file in files:
            if file in chosen:
                ids.file += 1
                yield from Document(file, options, ids).read()
            else:
                yield Finding("airs.other-file", file.name)


def _is_airs(file: SourceFile) -> bool:
    try:
        text = head_text(file)
    except DirectoryError:
        return False
    start = _START.match(text)
    begin = start.end() if start else 0
    return _ROOT.match(text, begin) is not None and _AIRS.search(text, begin) is not None
