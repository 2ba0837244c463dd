"""A source of HSDS documents: read from one end to the other, or only the documents that an import does not know.

In three steps: documents (``documents``), which are recognised by what they say (``digest``); what they hold, taken
apart (``take``) and staged; records, out of what is staged (``StagedFile``). Other processes can do the second and the
third, each for a part.
"""

import functools
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers.hsds_copies import Copies
from footbridge.directory.readers.hsds_documents import Document, documents
from footbridge.directory.readers.hsds_names import HsdsNames
from footbridge.directory.readers.hsds_objects import Check
from footbridge.directory.readers.hsds_roots import Flattener
from footbridge.directory.readers.hsds_take import Taken, take
from footbridge.directory.readers.hsds_types import table
from footbridge.directory.readers.lookups import Lookups
from footbridge.directory.readers.staging import Staging
from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _

BATCH = 200  # documents that are taken apart together
Items = Iterator[tuple[int, Record | Finding]]


class HsdsSource:
    """The documents of some files.

    Attributes:
        findings: of the files that are not read.
        is_checked: whether official schemas decide, which are no part of what a document says.
    """

    def __init__(self, files: Sequence[SourceFile], check: Check | None, findings: Sequence[Finding] = ()) -> None:
        self.findings = findings
        self.is_checked = check is not None
        self.take: Callable[[Sequence[Document]], Taken] = functools.partial(take, check)
        self._files = files
        self._flattener = Flattener(HsdsNames(Tally()), lambda *_: None)
        self._kind = functools.cache(self._flattener.kind_by_name)  # a file's name changes from export to export
        self._ends: dict[int, tuple[str, int | None]] = {}  # the last line of each file of lines, by its number

    def documents(self) -> Iterator[Document | Finding]:
        """Each document, numbered, and what was found about a file after those of it. It can be called again.

        Raises:
            DirectoryError: a file is not JSON, or is cut.
        """
        number = 0
        for at, file in enumerate(self._files):
            last: Document | None = None
            for found in documents(file, _lists()):
                if isinstance(found, Finding):
                    yield found
                    continue
                is_line = found.text is not None
                for one in (found,) if is_line else self._flattener.apart(found):
                    document = one.packed()._replace(number=number, file_number=at)
                    last = document if is_line else None
                    number += 1
                    yield document
            if last is not None:
                self._ends[last.number] = (last.file, last.line)

    def digest(self, document: Document) -> bytes | None:
        """16 bytes of what a document says, wherever it stands; None where it cannot be told."""
        if document.text is None:
            return None
        said = f"{document.container}\x1f{self._kind(document.stem)}\x1f{document.depth}\x1f{document.text}"
        return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=16).digest()

    def broken(self, number: int, finding: Finding) -> Finding:
        """What is said of a line that is no JSON. Raises DirectoryError when it is the last one: the file is cut."""
        if number in self._ends:
            name, line = self._ends[number]
            raise DirectoryError(
                _(
                    "{name}: line {at}, its last, ends in the middle of a record. Get the whole file.",
                    name=name,
                    at=line,
                )
            )
        return finding

    def __iter__(self) -> Iterator[Record | Finding]:
        """Records in the order of the source, each once, with findings between them."""
        yield from self.findings
        tally = Tally()
        with Staging(tally) as staging:
            broken: list[tuple[int, Finding]] = []
            for some in self._some():
                if isinstance(some, Finding):
                    yield some
                    continue
                taken = self.take(some)
                broken += taken.broken
                yield from stage(staging, taken, tally)
            for number, finding in broken:
                yield self.broken(number, finding)
            staging.finish()
            for _number, item in _checked(staging.records(Lookups(staging).complete)):
                yield item
        yield from tally.findings()

    def _some(self) -> Iterator[list[Document] | Finding]:
        some: list[Document] = []
        for one in self.documents():
            if isinstance(one, Finding):
                yield some
                yield one
                some = []
                continue
            some.append(one)
            if len(some) >= BATCH:
                yield some
                some = []
        yield some


def stage(staging: Staging, taken: Taken, tally: Tally) -> Iterator[Finding]:
    """Stage what documents hold; gives what was found in them, but for those that are broken."""
    staging.add_rows(taken.copies, taken.pairs)
    for row in taken.lookups:
        staging.add_lookup_row(*row)
    for notes in taken.notes:
        for counted in notes.counted:
            tally.put(counted, notes.number)
        yield from notes.findings


class StagedFile(NamedTuple):
    """A file of staged copies that is finished: ``kinds`` and ``has_split`` as in ``Copies``."""

    path: str
    kinds: frozenset[int]
    has_split: bool

    def ranges(self, size: int) -> Iterator[tuple[int, int]]:
        """Numbers of the first and the last of so many copies, one range after the other."""
        with closing(self._open()) as sql:
            numbers = (row[0] for row in sql.execute("SELECT n FROM copy ORDER BY n"))
            while some := list(islice(numbers, size)):
                yield some[0], some[-1]

    def records(self, tally: Tally, first: int, last: int) -> Items:
        """Records between two numbers of copies, and findings, each with the number of its copy."""
        with closing(self._open()) as sql:
            copies = Copies(sql, tally, self.kinds, has_split=self.has_split)
            yield from _checked(copies.records(Lookups(copies).complete, first, last))

    def _open(self) -> sqlite3.Connection:
        # The process that wrote it keeps its lock; nobody writes any more.
        return sqlite3.connect(f"file:{self.path}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _checked(items: Items) -> Items:
    """Records, and a finding for each that lacks what nobody can do without."""
    for number, item in items:
        if isinstance(item, Record) and item.kind in {"organization", "service"} and "name" not in item.data:
            finding = Finding("hsds.no-name", item.path, item.line, item.kind, item.native_id, member="name")
            yield number, finding
        yield number, item


def _lists() -> list[str]:
    parts = table()["documents"]
    return [*parts["containers"], *parts["envelopes"], *parts["wrappers"], *parts["lookups"]]
