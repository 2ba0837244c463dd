"""Installs packages into the package cache, from a file, a folder, a URL or a registry, and lists what is there.

Only the JSON files of a package are written, each directly into ``ID#VERSION/package/``; a package appears whole
or not at all.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from footbridge.i18n import _
from footbridge.validation.packages.archive import ArchivePackage, FilePackage, FolderPackage
from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.embedded import embedded_packages
from footbridge.validation.packages.errors import PackageError, PackageNotFound
from footbridge.validation.packages.find import cache_folder

Origin = Literal["embedded", "cache"]


class PackageSource(Protocol):
    """Where archives come from; ``footbridge.partners.registry`` implements it over HTTP."""

    def archive(self, coordinates: Coordinates) -> bytes:
        """The archive of a package, of its newest version where none is asked; raises PackageNotFound."""

    def download(self, url: str) -> bytes:
        """The archive at a URL; raises PackageError."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A package that is here, and where from."""

    name: str
    version: str
    origin: Origin

    def __str__(self) -> str:
        return f"{self.name}#{self.version}"


def install(wanted: str, *, cache: Path | None = None, source: PackageSource | None = None) -> list[Installed]:
    """Install a package named by ``ID#VERSION``, FILE, FOLDER or URL, and what it depends on and is not here yet.

    Dependencies are fetched only where there is a ``source``. Returns what was installed, the package first.
    Raises PackageNotFound and PackageError.
    """
    place = cache_folder() if cache is None else cache
    package = _opened(wanted, source)
    done = [_written(package, place)]
    waiting = list(package.dependencies.items()) if source else []
    asked: set[str] = set()
    while waiting and source:
        name, version = waiting.pop()
        needed = Coordinates.read(f"{name}#{version}")
        if str(needed) in asked or _is_here(needed, place):
            continue
        asked.add(str(needed))
        dependency = ArchivePackage(source.archive(needed))
        done.append(_written(dependency, place))
        waiting.extend(dependency.dependencies.items())
    return done


def installed(cache: Path | None = None) -> Iterator[Installed]:
    """Every package that can be used without fetching it: the embedded ones, then those of the cache."""
    for package in embedded_packages().values():
        yield Installed(package.name, package.version, "embedded")
    place = cache_folder() if cache is None else cache
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        name, mark, version = folder.name.partition("#")
        if mark and (folder / "package" / "package.json").is_file():
            yield Installed(name, version, "cache")


def _is_here(needed: Coordinates, cache: Path) -> bool:
    names = [str(one) for one in installed(cache)]
    return str(needed) in names or (needed.version is None and any(one.startswith(f"{needed}#") for one in names))


def _opened(wanted: str, source: PackageSource | None) -> FilePackage:
    if wanted.startswith(("https://", "http://")):
        if source is None:
            raise PackageError(_("No way to the network is set up for packages: install from a FILE."))
        return ArchivePackage(source.download(wanted))
    path = Path(wanted).expanduser()
    if path.is_dir():
        return FolderPackage(path)
    if path.is_file():
        return ArchivePackage.of_file(path)
    coordinates = Coordinates.read(wanted)
    if source is None:
        raise PackageNotFound(str(coordinates))
    return ArchivePackage(source.archive(coordinates))


def _written(package: FilePackage, cache: Path) -> Installed:
    """Write a package's files beside their place, then move them there."""
    coordinates = Coordinates.read(f"{package.name}#{package.version}")
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / str(coordinates)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".installing-") as made:
        folder = Path(made) / "content" / "package"
        folder.mkdir(parents=True)
        for name in package.names():
            (folder / name).write_bytes(package.read(name))
        if target.exists():
            shutil.rmtree(target)
        folder.parent.rename(target)
    return Installed(coordinates.name, str(coordinates.version), "cache")
