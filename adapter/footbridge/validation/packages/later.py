"""A package of the disk that is opened when something is asked of it; until then its manifest alone is read.

What a package depends on is often large and seldom needed whole: most of it ships with Footbridge already.
"""

import functools
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from footbridge.i18n import _
from footbridge.validation.packages.archive import MAX_FILE_BYTES, FilePackage, no_package, opened
from footbridge.validation.packages.errors import PackageError
from footbridge.validation.packages.package import Entry, Package

_MANIFEST = "package/package.json"


class LaterPackage(Package):
    """The package of an archive or an unpacked folder. Raises PackageError where it has no manifest."""

    def __init__(self, path: Path) -> None:
        manifest = manifest_of(path)
        self.path = path
        self.name = str(manifest.get("name", ""))
        self.version = str(manifest.get("version", ""))
        dependencies = manifest.get("dependencies")
        self.dependencies: Mapping[str, str] = dependencies if isinstance(dependencies, dict) else {}

    @functools.cached_property
    def _package(self) -> FilePackage:
        return opened(self.path)

    @property
    def supplements(self) -> Mapping[str, tuple[Entry, ...]]:
        """Those of a package that was opened; for a supplement alone it is not."""
        return self._package.supplements if "_package" in self.__dict__ else {}

    def entries(self) -> Iterable[Entry]:
        """Every resource of the package; opens it."""
        return self._package.entries()

    def facts(self, entry: Entry) -> dict[str, Any]:
        """The facts of an entry; opens the package."""
        return self._package.facts(entry)


def manifest_of(path: Path) -> dict[str, Any]:
    """The ``package.json`` of an archive or an unpacked folder; raises PackageError when there is none."""
    if path.is_dir() and not _manifest_in(path).is_file():
        raise PackageError(no_package(path))
    try:
        content = orjson.loads(_manifest_in(path).read_bytes() if path.is_dir() else _in_archive(path))
    except (OSError, EOFError, tarfile.TarError, zlib.error, orjson.JSONDecodeError) as error:
        raise PackageError(
            _("{path} is no FHIR package: it has no package.json that can be read.", path=path)
        ) from error
    if not isinstance(content, dict):
        raise PackageError(_("{path} is no FHIR package: its package.json is not a JSON object.", path=path))
    return content


def _manifest_in(path: Path) -> Path:
    inner = path / "package" / "package.json"
    return inner if inner.is_file() else path / "package.json"


def _in_archive(path: Path) -> bytes:
    """The manifest stands at the front of most archives, so that little of them is unpacked."""
    with tarfile.open(path, mode="r|gz") as archive:
        for member in archive:
            if member.name == _MANIFEST and member.size <= MAX_FILE_BYTES:
                stream = archive.extractfile(member)
                return stream.read() if stream else b""
    return b""
