"""Archives of a source: the members of a zip, or what one gzip file holds, read as streams and within limits.

Nothing is unpacked to the disk. An archive is refused whole when a member's name leaves its folder, when a member is a
link or is encrypted, when names are there twice, and when it unpacks to more than its limits (a zip bomb, overlapping
members too: the ratio is that of all members to the archive's own size). An archive in an archive is not opened.
"""

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import Limits, LocalFile, Source, SourceFile, buffered, ignored
from footbridge.directory.records import Finding
from footbridge.i18n import _

Packing = Literal["zip", "gzip", "tar", "7z", "rar", "bzip2", "xz", "zstd"]

_MAGIC: Sequence[tuple[bytes, Packing]] = (  # the first bytes of each, as its own format defines them
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".ods")  # zip archives by form, but one document
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst")
_NAMES = 8_000_000  # bytes of the list of members: 10,000 names of 700 characters
_END_RECORD = 22 + 65_535 + 76  # bytes at the end in which the end records are
_WIDE = 0xFFFFFFFF  # the size stands in the end record of zip64
_SHEETS = 1024**3  # bytes of a spreadsheet, unpacked
_DRIVE = re.compile(r"^[A-Za-z]:")


def packing(file: SourceFile) -> Packing | None:
    """What packs a file, by its first bytes; None for a file that is not packed, a spreadsheet too."""
    if file.name.lower().endswith(_SPREADSHEETS):
        return None
    with file.open() as stream:
        first = stream.read(265)
    for magic, kind in _MAGIC:
        if first.startswith(magic):
            return kind
    return "tar" if first[257:262] == b"ustar" else None


class _Guarded(io.RawIOBase):
    """A stream that turns the errors of an archive into ours, and ends when it unpacks to too much."""

    def __init__(self, inner: IO[bytes], packed: BinaryIO, name: str, most: int) -> None:
        self._inner, self._packed, self._name, self._left = inner, packed, name, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            data = self._inner.read(len(view))
        except DirectoryError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise DirectoryError(
                _("{name}: the archive is invalid or incomplete. Get or make it again.", name=self._name)
            ) from error
        self._left -= len(data)
        if self._left < 0:
            raise DirectoryError(
                _("{name}: unpacks to far more than its size. It is refused as unsafe.", name=self._name)
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        self._packed.close()
        super().close()


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One member of a zip archive."""

    name: str
    archive: LocalFile
    info: zipfile.ZipInfo

    @property
    def size(self) -> int | None:
        """Its length in bytes, unpacked."""
        return self.info.file_size

    def open(self) -> BinaryIO:
        """A new stream from its first byte."""
        packed = self.archive.open()
        try:
            inner = _archive(packed, self.archive.name).open(self.info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            packed.close()
            raise DirectoryError(
                _(
                    "{name}: {member} cannot be unpacked. Make the archive again.",
                    name=self.archive.name,
                    member=self.name,
                )
            ) from error
        return buffered(_Guarded(inner, packed, self.archive.name, self.info.file_size))


@dataclass(frozen=True, slots=True)
class GzipFile:
    """What one gzip file holds."""

    packed: LocalFile
    limits: Limits

    @property
    def name(self) -> str:
        """The name without ``.gz``."""
        return self.packed.name.removesuffix(".gz")

    @property
    def size(self) -> int | None:
        """Not known before it is unpacked."""
        return None

    def open(self) -> BinaryIO:
        """A new stream from its first byte."""
        most = max(self.limits.ratio_from, min(self.limits.file_size, (self.packed.size or 0) * self.limits.ratio))
        packed = self.packed.open()
        inner = gzip.GzipFile(fileobj=packed, mode="rb")
        return buffered(_Guarded(cast("IO[bytes]", inner), packed, self.packed.name, most))


def zip_source(file: LocalFile, limits: Limits) -> Source:
    """The members of a zip archive that a reader may read, in the order of their names.

    Raises:
        DirectoryError: the archive is invalid or unsafe; says which member, and how to correct it.
    """
    with file.open() as packed:
        infos = _archive(packed, file.name).infolist()
    if len(infos) > limits.files:
        raise DirectoryError(
            _("{name}: has more than {files:,} members. Split the archive.", name=file.name, files=limits.files)
        )
    members: dict[str, ZipMember] = {}
    findings = []
    total = 0
    for info in infos:
        name = _safe_name(file, info)
        if info.is_dir() or ignored(name):
            continue
        _check(file, info, limits)
        total += info.file_size
        if name in members:
            raise DirectoryError(
                _("{name}: has two members named {member!r}. Make the archive again.", name=file.name, member=name)
            )
        if name.lower().endswith(_ARCHIVES):
            findings.append(Finding("files.nested-archive", f"{file.name}/{name}", found=name))
            continue
        members[name] = ZipMember(name, file, info)
    if total > limits.total_size or (total > limits.ratio_from and total > limits.ratio * max(file.size or 0, 1)):
        raise DirectoryError(_("{name}: unpacks to far more than its size. It is refused as unsafe.", name=file.name))
    if not members:
        raise DirectoryError(
            _("{name}: the archive holds no file that can be read. Check what is in it.", name=file.name)
        )
    return Source(tuple(members[name] for name in sorted(members)), tuple(findings))


def _bound_names(packed: BinaryIO, name: str) -> None:
    """Refuse an archive whose list of members is larger than any has: it would be read into memory as a whole.

    The sizes of its end record, or of that of zip64, count: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT,
    4.3.14 to 4.3.16.
    """
    size = packed.seek(0, io.SEEK_END)
    packed.seek(max(size - _END_RECORD, 0))
    tail = packed.read()
    packed.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        return
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0:
        listed = max(listed % _WIDE, int.from_bytes(tail[wide + 40 : wide + 48], "little"))
    if min(listed, size) > _NAMES:
        raise DirectoryError(
            _(
                "{name}: its list of members has more than {most:,} bytes. It is refused as unsafe: make an archive of "
                "the files that hold the directory.",
                name=name,
                most=_NAMES,
            )
        )


def _archive(packed: BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        _bound_names(packed, name)
        return zipfile.ZipFile(packed)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        packed.close()
        raise DirectoryError(
            _("{name}: the archive is invalid or incomplete. Get or make it again.", name=name)
        ) from error


def _safe_name(file: LocalFile, info: zipfile.ZipInfo) -> str:
    name = info.filename.replace("\\", "/")
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts or not name.isprintable():
        raise DirectoryError(
            _(
                "{name}: has a member whose name leads outside of it ({member!r}). It is refused as unsafe.",
                name=file.name,
                member=name[:80],
            )
        )
    return "/".join(part for part in parts if part not in {"", "."})


def _check(file: LocalFile, info: zipfile.ZipInfo, limits: Limits) -> None:
    shown = _("{name}: the member {member!r}", name=file.name, member=info.filename[:80])
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise DirectoryError(
            _("{shown} is a link or device. It is refused as unsafe; put the file itself there.", shown=shown)
        )
    if info.flag_bits & 0x1:
        raise DirectoryError(
            _("{shown} is encrypted. Unpack the archive with its password, and name the folder.", shown=shown)
        )
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}:
        raise DirectoryError(
            _("{shown} has a compression that is not supported. Make the archive again with Deflate.", shown=shown)
        )
    if info.file_size > limits.file_size:
        raise DirectoryError(
            _(
                "{shown} unpacks to more than {file_size:,} bytes. Split it into smaller files.",
                shown=shown,
                file_size=limits.file_size,
            )
        )


def check_spreadsheet(location: Path, name: str) -> None:
    """Refuse a spreadsheet that unpacks to far more than its size (one that is no zip archive passes).

    Raises:
        DirectoryError: it is unsafe or invalid.
    """
    size = location.stat().st_size
    try:
        if not zipfile.is_zipfile(location):
            return
        with location.open("rb") as stream, _archive(stream, name) as packed:
            total = sum(info.file_size for info in packed.infolist())
    except OSError as error:
        raise DirectoryError(
            _("{name}: the spreadsheet is invalid or incomplete. Save it again.", name=name)
        ) from error
    if total > _SHEETS or (total > _SHEETS // 8 and total > Limits().ratio * size):
        raise DirectoryError(
            _("{name}: unpacks to far more than its size. It is refused as unsafe; save it as CSV.", name=name)
        )
