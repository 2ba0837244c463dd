"""Finds documents: in files, in folders, on standard input; XML, JSON and NDJSON, packed by gzip or not.

What a file is, its name says: ``.ndjson`` and ``.jsonl`` hold a resource a line, everything else one resource; ``.gz``
after it is unpacked. Standard input is NDJSON when its first line is a whole JSON object and more follows, or when the
first is no JSON and the second is such a line; blank lines do not count.
"""

import gzip
import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import orjson

from footbridge.errors import ConfigurationError
from footbridge.validation.bulk.checked import Item
from footbridge.validation.reading import read
from footbridge.validation.reading.xml_text import Types

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = "-"
LARGEST = 256 * 1024 * 1024  # bytes of one document
TOO_LARGE = f"The document is larger than {LARGEST // 1024**2} MiB, which is the most that is read."
LINES = frozenset({".ndjson", ".jsonl"})
SUFFIXES = LINES | {".json", ".xml"}
_GZIP = b"\x1f\x8b"


def documents(names: Iterable[str], *, stdin: IO[bytes] | None = None) -> Iterator[Item]:
    """Every document of the files and folders named, in that order; a folder's by path.

    Raises ConfigurationError for what cannot be read.
    """
    for name in names:
        if name == STDIN:
            with _unpacked(stdin or sys.stdin.buffer) as stream:
                yield from _sniffed(stream)
            continue
        for path in files(name):
            yield from _of_file(path)


def files(name: str) -> Iterator[Path]:
    """The file of that name, or the files of a folder that may hold resources; hidden ones are left out."""
    place = Path(name)
    if not place.is_dir():
        yield place
        return
    found = [path for path in place.rglob("*") if kind(path) in SUFFIXES and path.is_file()]
    shown = [path for path in found if not any(part.startswith(".") for part in path.relative_to(place).parts)]
    if not shown:
        raise ConfigurationError(f"{name}: the folder has no {', '.join(sorted(SUFFIXES))} file.")
    yield from sorted(shown)


def kind(path: Path) -> str:
    """The ending that says what a file holds, ``.gz`` left aside."""
    return (Path(path.stem) if path.suffix.lower() == ".gz" else path).suffix.lower()


def read_definitions(names: Iterable[str], types: Types) -> list[dict[str, Any]]:
    """The resources of files and folders, to validate with. Raises ConfigurationError for what is none."""
    found = []
    for item in documents(names):
        if item.data is None:
            raise ConfigurationError(f"{item.source}: {TOO_LARGE}")
        document = read(item.data, types)
        if not isinstance(document.resource, dict) or "resourceType" not in document.resource:
            raise ConfigurationError(f"{item.source}: this is no FHIR resource.")
        found.append(document.resource)
    return found


def _of_file(path: Path) -> Iterator[Item]:
    try:
        with path.open("rb") as file, _unpacked(file) as stream:
            if kind(path) in LINES:
                yield from _lines(stream, str(path))
            else:
                yield _whole(str(path), stream.read(LARGEST + 1))
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigurationError(f"{path}: {getattr(error, 'strerror', None) or 'cannot be read'}.") from error


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """The stream, unpacked when it starts as gzip does."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(_Raw(file))
    if buffered.peek(2)[:2] == _GZIP:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=buffered))
    return buffered


class _Raw(io.RawIOBase):
    """Lets a stream without ``peek`` be buffered."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


def _sniffed(stream: IO[bytes]) -> Iterator[Item]:
    """One document, or a document a line."""
    blank, number = _blank_lines(stream)
    before, first = blank[:-1], blank[-1]
    rest = _lines(stream, STDIN, number + 1)
    if _is_object(first):
        second = next(rest, None)
        if second is None:
            yield _whole(STDIN, b"".join(blank))
            return
        yield _whole(f"{STDIN}:{number}", first, number)
        yield second
        yield from rest
        return
    more, after = _blank_lines(stream, number + 1) if _may_be_row(first) else ([b""], number)
    if _is_object(more[-1]):
        yield _whole(f"{STDIN}:{number}", first, number)
        yield _whole(f"{STDIN}:{after}", more[-1], after)
        yield from _lines(stream, STDIN, after + 1)
        return
    read = b"".join([*before, first, *more])
    yield _whole(STDIN, read + stream.read(max(0, LARGEST + 1 - len(read))))


def _blank_lines(stream: IO[bytes], number: int = 1) -> tuple[list[bytes], int]:
    """The next line that is not blank, after the blank ones before it; and its number. At the end it is empty."""
    found = [stream.readline(LARGEST + 1)]
    while found[-1].isspace() and len(found) <= LARGEST:
        found.append(stream.readline(LARGEST + 1))
    return found, number + len(found) - 1


def _may_be_row(line: bytes) -> bool:
    """Whether a line that is no JSON object may be a bad line of NDJSON, and is not the start of a document.

    A document that goes on in the next line has been left open at the end of this one. A slash starts a comment.
    """
    bare = line.strip()
    return bare[:1] not in {b"<", b"/"} and bare[-1:] not in {b"{", b"[", b",", b":"}


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(stream: IO[bytes], name: str, number: int = 1) -> Iterator[Item]:
    """A document a line; empty lines are passed over."""
    while line := stream.readline(LARGEST + 1):
        whole = line.endswith(b"\n") or len(line) <= LARGEST
        while not whole:
            part = stream.readline(LARGEST)
            whole = not part or part.endswith(b"\n")
        if not line.isspace():
            yield _whole(f"{name}:{number}", line, number)
        number += 1


def _whole(source: str, data: bytes, line: int = 1) -> Item:
    return Item(source, data if len(data) <= LARGEST else None, line)
