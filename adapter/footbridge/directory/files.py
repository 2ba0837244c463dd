"""The files of a source: names and streams, and what bounds them; ``source_files`` finds those of a path.

A reader sees names and streams of bytes, never a path of the machine; a stream may be opened again. What a source can
do to the machine is bounded here and in ``archives``: the number of files and their sizes, links are not followed, and
a file that changes while it is read ends the import with an error, and so does a long run of zero bytes, which no text
has and a file that was never filled does.
"""

import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from footbridge.directory.errors import DirectoryError
from footbridge.directory.records import Finding
from footbridge.i18n import _

HEAD = 65_536  # bytes that are enough to recognise a form
BUFFER = 262_144
_ZEROS = memoryview(bytes(BUFFER))


class SourceFile(Protocol):
    """One file: ``name`` is relative, with forward slashes; ``size`` is in bytes, None when it is not known."""

    @property
    def name(self) -> str:
        """Its relative name."""

    @property
    def size(self) -> int | None:
        """Its length in bytes."""

    def open(self) -> BinaryIO:
        """A new stream from its first byte. Reading it raises DirectoryError when it is cut, changed or unsafe."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may hold, so that a hostile or broken one cannot fill memory or disk. Sizes are in bytes."""

    files: int = 10_000
    file_size: int = 16 * 1024**3
    total_size: int = 32 * 1024**3
    ratio: int = 200  # unpacked to packed; text of directories reaches 10 to 60, a bomb 1,000 and more
    ratio_from: int = 64 * 1024**2  # unpacked size from which the ratio counts


@dataclass(frozen=True, slots=True)
class Source:
    """The files that a reader may read, and what was found about those that were left out."""

    files: Sequence[SourceFile]
    findings: Sequence[Finding] = field(default_factory=tuple)


class _Unchanging(io.FileIO):
    """A file on the disk that must not change while it is read."""

    def __init__(self, location: Path, name: str, seen: tuple[int, int]) -> None:
        super().__init__(location, "rb")
        self._shown, self._seen = name, seen
        self._check()

    def readinto(self, buffer: object, /) -> int | None:
        """Read; at the end of the file, compare its size and time with those that it had at first."""
        count = super().readinto(buffer)  # type: ignore[arg-type]
        if not count:
            self._check()
        elif count >= HEAD and memoryview(buffer)[:count] == _ZEROS[:count]:  # type: ignore[arg-type]
            self.close()
            raise DirectoryError(
                _(
                    "{shown}: a part of it is empty (zero bytes), as in a download that did not end. Get it again.",
                    shown=self._shown,
                )
            )
        return count

    def readall(self) -> bytes:
        """Read to the end, and compare too."""
        data = super().readall()
        self._check()
        return data

    def _check(self) -> None:
        now = os.fstat(self.fileno())
        if (now.st_size, now.st_mtime_ns) != self._seen:
            self.close()
            raise DirectoryError(
                _(
                    "{shown}: the file changed while it was read. Import it again when it is complete.",
                    shown=self._shown,
                )
            )


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the disk. ``seen`` is its size and modification time (ns) when it was listed."""

    name: str
    location: Path
    seen: tuple[int, int] | None = None

    @property
    def size(self) -> int | None:
        """Its length in bytes."""
        return self.seen[0] if self.seen else self.location.stat().st_size

    def open(self) -> BinaryIO:
        """A new stream from its first byte."""
        try:
            seen = self.seen or _stamp(self.location)
            return io.BufferedReader(_Unchanging(self.location, self.name, seen), BUFFER)
        except OSError as error:
            raise DirectoryError(
                _(
                    "{name}: cannot be opened ({strerror}). Check its permissions.",
                    name=self.name,
                    strerror=error.strerror,
                )
            ) from error


def head(file: SourceFile) -> bytes:
    """The first ``HEAD`` bytes."""
    with file.open() as stream:
        return stream.read(HEAD)


def local_files(location: Path, limits: Limits | None = None) -> Iterator[LocalFile]:
    """The files of a folder in the order of their names, or the one file; links are left out.

    Raises:
        DirectoryError: more files than ``limits`` allow.
    """
    if not location.is_dir():
        yield LocalFile(location.name, location, _stamp(location))
        return
    found = sorted(_walk(location, limits or Limits()), key=lambda path: path.relative_to(location).as_posix())
    for path in found:
        yield LocalFile(path.relative_to(location).as_posix(), path, _stamp(path))


def ignored(name: str) -> bool:
    """Whether a system put this file there, not the source (``__MACOSX``, ``.DS_Store``, ``Thumbs.db``)."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"} or parts[-1].startswith("._")


def _walk(location: Path, limits: Limits) -> Iterator[Path]:
    count = 0
    for folder, names, found in os.walk(location, followlinks=False):
        names.sort()
        for name in found:
            path = Path(folder, name)
            if not stat.S_ISREG(path.lstat().st_mode):
                continue  # links, sockets, pipes, devices
            count += 1
            if count > limits.files:
                raise DirectoryError(
                    _(
                        "{name}: holds more than {files:,} files. Name a smaller folder.",
                        name=location.name,
                        files=limits.files,
                    )
                )
            yield path


def _stamp(location: Path) -> tuple[int, int]:
    state = location.stat()
    return state.st_size, state.st_mtime_ns


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A stream that reads in blocks of ``BUFFER`` bytes."""
    return cast("BinaryIO", io.BufferedReader(raw, BUFFER))
