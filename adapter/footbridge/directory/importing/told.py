"""What a reader of documents tells: in the order of the source, and kept for the next import.

The order is that of ``HsdsSource.__iter__``: what was found while documents were taken apart, about whole files and
lines that are no JSON, while records were made, and last what is counted.
"""

from collections.abc import Iterator

from footbridge.directory.importing.findings_file import FindingsFile
from footbridge.directory.importing.notes import READ, Where, note, opened
from footbridge.directory.readers.hsds_roots import SCOPES
from footbridge.directory.readers.tally import Counted, Tally
from footbridge.directory.records import Finding

_LATER = 1 << 60  # what is counted while records are made comes after all that was counted before


class Told:
    """Findings and counts of one import.

    Attributes:
        kept: notes of the documents that are not read, by their number.
        strange: numbers of documents about which something was told that cannot be kept.
    """

    def __init__(self, file: FindingsFile) -> None:
        self.kept: dict[int, bytes] = {}
        self.strange: set[int] = set()
        self._file = file
        self._tally = Tally()

    @property
    def is_full(self) -> bool:
        """Whether something may not have been counted any more."""
        return self._tally.is_full

    def tell(self, step: int, copy: int, found: Finding | Counted, place: Where) -> None:
        """Something about an object: the number of its copy, and where its document stands."""
        self._put(step, copy, found)
        document, at = copy >> SCOPES, copy & ((1 << SCOPES) - 1)
        one = note(step, at, found, place)
        if one is None:
            self.strange.add(document)
        else:
            self._file.note(document, one)

    def repeat(self, document: int, notes: bytes, place: Where) -> None:
        """What the last import told of a document that did not change, where it stands now."""
        self.kept[document] = notes
        for step, at, found in opened(notes, place):
            self._put(step, document << SCOPES | at, found)

    def tell_of_file(self, document: int, finding: Finding) -> None:
        """Something about a whole file, whose last document has this number, or about a broken one."""
        self._file.tell(0.5, document << SCOPES, finding)

    def packed(self) -> dict[int, bytes]:
        """The notes of all documents, by number."""
        return self.kept | self._file.notes()

    def findings(self) -> Iterator[Finding]:
        """All of them, in their order."""
        yield from self._file.told()
        yield from self._tally.findings()

    def _put(self, step: int, copy: int, found: Finding | Counted) -> None:
        if isinstance(found, Finding):
            self._file.tell(step, copy, found)
        else:
            self._tally.put(found, copy if step == READ else _LATER | copy >> SCOPES)
