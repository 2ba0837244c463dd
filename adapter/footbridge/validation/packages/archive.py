"""Reads a package's archive (``.tgz``) or its unpacked folder, safely: nothing is written, sizes are bounded."""

import functools
import io
import tarfile
import zlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from footbridge.i18n import _
from footbridge.validation.packages.errors import PackageError
from footbridge.validation.packages.package import Entry, Package, facts_for

MAX_FILES = 50_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 1024 * 1024 * 1024

# Not definitions, or none that anything here is checked against.
_SKIPPED = frozenset({"NamingSystem", "ImplementationGuide", "ConceptMap", "StructureMap"})


class FilePackage(Package):
    """A package that keeps whole resources as JSON files, known by their names in it."""

    def __init__(self, place: str = "") -> None:
        self._told = f" {place}" if place else ""
        manifest = self._parsed("package.json")
        self.name = str(manifest.get("name", ""))
        self.version = str(manifest.get("version", ""))
        dependencies = manifest.get("dependencies")
        self.dependencies: Mapping[str, str] = dependencies if isinstance(dependencies, dict) else {}
        if not self.name or not self.version:
            raise PackageError(_("The package{told}: its package.json names no package and version.", told=self._told))
        self._told = f" {self}{f' ({place})' if place else ''}"

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The names of the JSON files of the package's folder."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The bytes of one file; raises PackageError when there is none."""

    @functools.cached_property
    def _entries(self) -> tuple[Entry, ...]:
        listed = self._index_file()
        if not listed:
            listed = [
                {**self._parsed(name), "filename": name}
                for name in self.names()
                if name not in {"package.json", ".index.json"} and name.partition("-")[0] not in _SKIPPED
            ]
        return tuple(entry_of(row, str(row["filename"]), self.version) for row in listed)

    def _index_file(self) -> list[dict[str, Any]]:
        """The rows of ``.index.json`` where it tells enough of them; it is optional, and often has no version."""
        if ".index.json" not in set(self.names()):
            return []
        rows = self._parsed(".index.json").get("files")
        if not isinstance(rows, list):
            return []
        kept = [row for row in rows if isinstance(row, dict) and {"filename", "resourceType"} <= row.keys()]
        complete = all("derivation" in row for row in kept if row.get("kind") == "resource" and "type" in row)
        return kept if complete and len(kept) == len(rows) else []

    def entries(self) -> Iterable[Entry]:
        """Every resource, by the package's own index where that is whole."""
        return self._entries

    def resource(self, entry: Entry) -> dict[str, Any]:
        """The whole resource of an entry; raises PackageError when it cannot be read."""
        return self._parsed(entry.file)

    def facts(self, entry: Entry) -> dict[str, Any]:
        """The facts of an entry, taken out of its resource."""
        resource = self._parsed(entry.file)
        return facts_for(entry, resource)

    def _parsed(self, name: str) -> dict[str, Any]:
        try:
            content = orjson.loads(self.read(name))
        except orjson.JSONDecodeError as error:
            words = _(
                "{name} is not JSON: {msg}, at line {lineno}, column {colno}.",
                name=name,
                msg=error.msg,
                lineno=error.lineno,
                colno=error.colno,
            )
            told = self._told
            said = _("The package{told} cannot be used: its file {words}", told=told, words=words)
            raise PackageError(said) from error
        if not isinstance(content, dict):
            told = self._told
            raise PackageError(
                _("The package{told} cannot be used: its file {name} is not a JSON object.", told=told, name=name)
            )
        return content


def entry_of(resource: Mapping[str, Any], file: str, version: str) -> Entry:
    """The index row of a resource, or of a row of ``.index.json``, which has the same names."""
    role = f"{resource.get('kind', '')} {resource.get('derivation', '')}".strip()
    is_structure = resource.get("resourceType") == "StructureDefinition"
    about = resource.get("type" if is_structure else "supplements") or ""
    return Entry(
        kind=str(resource.get("resourceType", "")),
        url=str(resource.get("url", "")),
        file=file,
        version=str(resource.get("version") or version),
        about=str(about),
        role=role if is_structure else "",
    )


class FolderPackage(FilePackage):
    """A package unpacked into a folder: the folder itself, or the ``package`` folder within it."""

    def __init__(self, folder: Path) -> None:
        inner = folder / "package"
        self.folder = inner if inner.is_dir() else folder
        if not (self.folder / "package.json").is_file():
            raise PackageError(no_package(folder))
        super().__init__(str(folder))

    def names(self) -> Iterable[str]:
        """The names of the JSON files."""
        return sorted(path.name for path in self.folder.glob("*.json"))

    def read(self, name: str) -> bytes:
        """The bytes of one file; raises PackageError when there is none or it is too large."""
        path = self.folder / name
        if path.parent != self.folder or not path.is_file():
            raise PackageError(_("The package has no file {name}.", name=name))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise PackageError(
                _(
                    "{name} in the package is larger than {max_file_bytes} bytes.",
                    name=name,
                    max_file_bytes=MAX_FILE_BYTES,
                )
            )
        return path.read_bytes()


class ArchivePackage(FilePackage):
    """A package in its archive, held compressed one file at a time, so that a large one stays small in memory."""

    def __init__(self, content: bytes, place: str = "") -> None:
        self._members = {name: zlib.compress(member, 1) for name, member in members_of(content)}
        if "package.json" not in self._members:
            raise PackageError(_("The archive has no package/package.json, so it is no FHIR package."))
        super().__init__(place)

    @classmethod
    def of_file(cls, path: Path) -> "ArchivePackage":
        """The package of a ``.tgz`` file; raises PackageError when it is none."""
        try:
            return cls(path.read_bytes(), str(path))
        except PackageError as error:
            if str(path) in str(error):
                raise
            raise PackageError(f"{path}: {error}") from error

    def names(self) -> Iterable[str]:
        """The names of the JSON files."""
        return self._members.keys()

    def read(self, name: str) -> bytes:
        """The bytes of one file; raises PackageError when there is none."""
        try:
            return zlib.decompress(self._members[name])
        except KeyError:
            raise PackageError(_("The package has no file {name}.", name=name)) from None


def no_package(folder: Path) -> str:
    """A sentence that says what a folder must be to be a package, and what else to name where it holds archives."""
    archives = _(" Name each .tgz in it instead.") if next(folder.glob("*.tgz"), None) else ""
    return _(
        "{folder} is no FHIR package: a folder must be one unpacked package, with its "
        "package.json in it or in its folder 'package'.{archives}",
        folder=folder,
        archives=archives,
    )


def opened(path: Path) -> FilePackage:
    """The package of an archive or an unpacked folder; raises PackageError when it is none."""
    return FolderPackage(path) if path.is_dir() else ArchivePackage.of_file(path)


def members_of(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The JSON files of the ``package`` folder of an archive, with their names.

    Raises PackageError for what is no archive or too large; links, devices and paths elsewhere are passed over.
    """
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for count, member in enumerate(archive):
                total += member.size
                if count >= MAX_FILES or member.size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES:
                    raise PackageError(_("The archive is too large to be a FHIR package."))
                path = PurePosixPath(member.name)
                if member.isfile() and path.parts[:-1] == ("package",) and path.suffix == ".json":
                    stream = archive.extractfile(member)
                    yield path.name, stream.read() if stream else b""
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise PackageError(
            _("This is no package archive: a gzipped tar with a folder `package` is expected.")
        ) from error
