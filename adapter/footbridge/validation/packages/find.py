"""Finds a package that a person names: a file, a folder, an embedded package, or one of the package cache.

The cache is the one that FHIR's tools share, ``~/.fhir/packages/ID#VERSION/package``
(https://confluence.hl7.org/display/FHIR/FHIR+Package+Cache).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from footbridge.i18n import _
from footbridge.validation.packages.archive import opened
from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.embedded import embedded_packages
from footbridge.validation.packages.errors import PackageError, PackageNotFound
from footbridge.validation.packages.package import Package, version_key

_OTHER_FILES = frozenset({".json", ".xml", ".ndjson", ".jsonl", ".zip", ".tar"})


def cache_folder() -> Path:
    """The package cache of this user."""
    return Path.home() / ".fhir" / "packages"


def find_package(wanted: str, *, cache: Path | None = None, embedded: Mapping[str, Package] | None = None) -> Package:
    """The package of a path or of ``ID#VERSION`` (``ID`` alone: the newest here), embedded ones first.

    Raises PackageNotFound, which says how to get it, and PackageError for what is no package.
    """
    place = locate(wanted, cache=cache, embedded=embedded)
    return opened(place) if isinstance(place, Path) else place


def locate(wanted: str, *, cache: Path | None = None, embedded: Mapping[str, Package] | None = None) -> Package | Path:
    """``find_package``, with nothing opened: an embedded package, or the archive or folder that has it."""
    path = Path(wanted).expanduser()
    if path.exists() and (path.is_dir() or path.suffix in {".tgz", ".gz"}):
        return path
    if path.is_file() and path.suffix in _OTHER_FILES:
        raise PackageError(
            _(
                "{wanted} is no package archive (.tgz). What single files define is used by `footbridge "
                "validate --definitions`.",
                wanted=wanted,
            )
        )
    if not path.exists() and _is_path(wanted):
        raise PackageError(_("{wanted}: there is no such file or folder.", wanted=wanted))
    asked = Coordinates.read(wanted)
    shipped: Mapping[str, Package] = embedded_packages() if embedded is None else embedded
    if (name := _newest(asked, shipped)) is not None:
        return shipped[name]
    place = cache_folder() if cache is None else cache
    installed = [entry.name for entry in place.iterdir() if "#" in entry.name] if place.is_dir() else []
    if (name := _newest(asked, installed)) is not None:
        return place / name
    raise PackageNotFound(str(asked), known=tuple(sorted({*shipped, *installed})))


def _is_path(wanted: str) -> bool:
    """Whether a person means a file or folder: it has a separator, or the ending of a file."""
    name = wanted.partition("#")[0]
    ending = Path(wanted).suffix.lower()
    return "/" in name or "\\" in name or wanted[:1] in {".", "~"} or ending in {".tgz", ".gz", *_OTHER_FILES}


def _newest(asked: Coordinates, names: Iterable[str]) -> str | None:
    fitting = [name for name in names if name == str(asked) or (asked.version is None and name.startswith(f"{asked}#"))]
    return max(fitting, key=lambda name: version_key(name.partition("#")[2]), default=None)
