"""Finds documents: in files, in folders, on standard input; XML, JSON and NDJSON, packed by gzip or not.

What a file is, its name says: ``.ndjson`` and ``.jsonl`` hold a resource a line, everything else one resource; ``.gz``
after it is unpacked. Standard input is NDJSON when its first line is a whole JSON object and more follows, or when the
first is no JSON and the second is such a line; blank lines do not count.
"""

import functools
import glob
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import orjson

from footbridge.data import read_json
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
_CHUNK = 1024 * 1024  # bytes read at a time, so that what is too large is not held
_ZIP, _TAR = b"PK\x03\x04", b"ustar"


def documents(names: Iterable[str], *, stdin: IO[bytes] | None = None) -> Iterator[Item]:
    """Every document of the files and folders named, in that order; a folder's by path.

    Raises ConfigurationError for what cannot be read.
    """
    for name in names:
        if name == STDIN:
            given = stdin or (io.BytesIO() if sys.stdin is None else sys.stdin.buffer)
            with _unpacked(given) as stream:
                try:
                    yield from _sniffed(stream)
                except _TooLarge:
                    yield Item(STDIN, None)
            continue
        for path in files(name):
            yield from _of_file(path)


def files(name: str) -> Iterator[Path]:
    """The file of that name, or the files of a folder that may hold resources.

    Of a folder, hidden files are left out, and those that other tools keep there (``mappings/other-files.json``).

    A name that no file has is a pattern where it has ``*``, ``?`` or ``[``. Raises ConfigurationError where none fits.
    """
    place = Path(name)
    if not place.is_dir():
        if place.exists() or not glob.has_magic(name):
            yield place
            return
        fitting = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - the name may be absolute
        if not fitting:
            raise ConfigurationError(f"{name}: no file has such a name.")
        for one in fitting:
            yield from files(one)
        return
    found = [path for path in place.rglob("*") if kind(path) in SUFFIXES and path.is_file()]
    shown = [path for path in found if not _is_beside(path.relative_to(place).parts)]
    if not shown:
        raise ConfigurationError(f"{name}: the folder has no {', '.join(sorted(SUFFIXES))} file.")
    yield from sorted(shown)


def _is_beside(parts: tuple[str, ...]) -> bool:
    """Whether a file of a folder is hidden, or one that another tool keeps there."""
    names, folders = _beside()
    return parts[-1] in names or not folders.isdisjoint(parts) or any(part.startswith(".") for part in parts)


@functools.cache
def _beside() -> tuple[frozenset[str], frozenset[str]]:
    rows = read_json("mappings", "other-files.json")
    return frozenset(rows["files"]), frozenset(rows["folders"])


def kind(path: Path) -> str:
    """The ending that says what a file holds, ``.gz`` left aside."""
    return (Path(path.stem) if path.suffix.lower() == ".gz" else path).suffix.lower()


def read_definitions(
    names: Iterable[str], types: Types, skipped: Callable[[str], None] | None = None
) -> list[dict[str, Any]]:
    """The resources of files and folders, to validate with.

    Args:
        names: of files and folders.
        types: what XML is read by.
        skipped: lets what is no resource in a folder, such as package.json, be passed over, and is given its name.

    Raises ConfigurationError for a file that is named and is no FHIR resource, for text that cannot be read, and for a
    folder without a resource.
    """
    found: list[dict[str, Any]] = []
    for name in names:
        in_folder = name != STDIN and Path(name).is_dir()
        before = len(found)
        for item in documents([name]):
            resource = _definition(item, types)
            if resource is not None:
                found.append(resource)
            elif in_folder and skipped is not None:
                skipped(item.source)
            else:
                raise ConfigurationError(f"{item.source}: this is no FHIR resource.")
        if in_folder and len(found) == before:
            raise ConfigurationError(f"{name}: the folder has no FHIR resource.")
    return found


def _definition(item: Item, types: Types) -> dict[str, Any] | None:
    """The resource of a document, None where it is something else."""
    if item.data is None:
        raise ConfigurationError(f"{item.source}: {TOO_LARGE}")
    document = read(item.data, types)
    if document.resource is None and document.issues:
        raise ConfigurationError(f"{item.source}: {document.issues[0].message}")
    resource = document.resource
    return resource if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str) else None


def _of_file(path: Path) -> Iterator[Item]:
    try:
        with path.open("rb") as file, _unpacked(file) as stream:
            if kind(path) in LINES:
                yield from _lines(stream, str(path))
            else:
                yield Item(str(path), _no_archive(str(path), _read_all(stream)))
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
    yield Item(STDIN, _no_archive(STDIN, None if len(read) > LARGEST else _read_all(stream, read)))


def _blank_lines(stream: IO[bytes], number: int = 1) -> tuple[list[bytes], int]:
    """The next line that is not blank, after the blank ones before it; and its number. At the end it is empty."""
    found = [_line(stream)]
    while found[-1].isspace() and len(found) <= LARGEST:
        found.append(_line(stream))
    return found, number + len(found) - 1


class _TooLarge(Exception):  # noqa: N818 - reads as the state that it names
    """A line is larger than is read."""


def _line(stream: IO[bytes]) -> bytes:
    line = stream.readline(_CHUNK)
    whole = line if line.endswith(b"\n") or len(line) < _CHUNK else _read_on(line, lambda: stream.readline(_CHUNK))
    if whole is None:
        raise _TooLarge
    return whole


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
    while line := stream.readline(_CHUNK):
        data = line if line.endswith(b"\n") or len(line) < _CHUNK else _read_on(line, lambda: stream.readline(_CHUNK))
        if data is None or not data.isspace():
            yield Item(f"{name}:{number}", None if data is None or len(data) > LARGEST else data, number)
        number += 1


def _read_on(first: bytes, more: Callable[[], bytes]) -> bytes | None:
    """The rest of a long line after its first part; None where it is larger than is read: that is not held."""
    parts, size, last = [first], len(first), first
    while not last.endswith(b"\n") and (last := more()):
        size += len(last)
        if size > LARGEST:
            parts.clear()
        else:
            parts.append(last)
    return b"".join(parts) if size <= LARGEST else None


def _read_all(stream: IO[bytes], before: bytes = b"") -> bytes | None:
    """What is left of a stream after what was read; None where it is too large, and then no more is read."""
    parts, size = [before], len(before)
    while part := stream.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            return None
    return b"".join(parts)


def _no_archive(name: str, data: bytes | None) -> bytes | None:
    """The data; raises ConfigurationError for an archive, of which somebody must say what it is for."""
    if data is not None and (data[:4] == _ZIP or data[257:262] == _TAR):
        raise ConfigurationError(
            f"{name}: this is an archive; unpack it first. A FHIR package (.tgz) is used by `footbridge validate "
            "--package`."
        )
    return data


def _whole(source: str, data: bytes, line: int = 1) -> Item:
    return Item(source, data if len(data) <= LARGEST else None, line)
