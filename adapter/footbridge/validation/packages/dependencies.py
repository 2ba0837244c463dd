"""What packages depend on, as their ``package.json`` says, found without fetching anything.

A dependency is looked for among the embedded packages, beside the file that needs it (``ID#VERSION.tgz``,
``ID-VERSION.tgz`` or a folder ``ID#VERSION``) and in the package cache. Where only another version is here, that
stands in. What the embedded packages depend on is not followed: they are a whole with the others that ship.
https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from footbridge.i18n import _
from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.embedded import EmbeddedPackage, embedded_packages
from footbridge.validation.packages.errors import PackageError, how_to_get
from footbridge.validation.packages.find import cache_folder, locate
from footbridge.validation.packages.later import LaterPackage
from footbridge.validation.packages.package import Package, version_key

# A later version of these has all that an earlier one had, so that the embedded one serves every guide.
CUMULATIVE = frozenset({"hl7.fhir.r4.core", "hl7.terminology.r4", "hl7.fhir.uv.extensions.r4"})


@dataclass(frozen=True, slots=True)
class Missing:
    """A dependency that is not here: who needs it, which, and the version that stands in for it (None: none)."""

    needed_by: str
    wanted: str
    instead: str | None

    def __str__(self) -> str:
        rest = (
            _("{instead} is used in its place", instead=self.instead)
            if self.instead
            else _("what only it defines is not checked")
        )
        return _(
            "{needed_by} depends on {wanted}, which is not here: {rest}. {how_to_get} Or put its "
            ".tgz beside the package.",
            needed_by=self.needed_by,
            wanted=self.wanted,
            rest=rest,
            how_to_get=how_to_get(self.wanted),
        )


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What packages depend on, nearest first: one version of each package, the ``others``, and what is missing."""

    packages: tuple[Package, ...]
    others: tuple[Package, ...]
    missing: tuple[Missing, ...]


def dependencies_of(
    packages: Sequence[Package], folders: Iterable[Path] = (), *, cache: Path | None = None
) -> Dependencies:
    """All that packages depend on; ``folders`` are those that the packages' files lie in.

    Nothing but manifests is read. A package that cannot be read counts as missing.
    """
    places = (*folders, cache_folder() if cache is None else cache)
    chosen = {package.name: package for package in packages}
    others: list[Package] = []
    missing: list[Missing] = []
    asked: set[tuple[str, str]] = set()
    waiting = deque(packages)
    while waiting:
        package = waiting.popleft()
        for name, version in () if isinstance(package, EmbeddedPackage) else package.dependencies.items():
            if (name, str(version)) in asked:
                continue
            asked.add((name, str(version)))
            found, gap = _found(str(package), name, str(version), places)
            missing += [gap] if gap else []
            if found is None or str(found) in {str(one) for one in (*chosen.values(), *others)}:
                continue
            if found.name in chosen:
                others.append(found)
            else:
                chosen[found.name] = found
            waiting.append(found)
    return Dependencies(tuple(list(chosen.values())[len(packages) :]), tuple(others), tuple(missing))


def missing_dependencies(names: Iterable[str]) -> tuple[Missing, ...]:
    """What packages, named as for ``find_package``, depend on and is not here. Raises PackageError as that does."""
    places = [locate(name) for name in names]
    packages = [LaterPackage(place) if isinstance(place, Path) else place for place in places]
    return dependencies_of(packages, folders_of(names)).missing


def folders_of(names: Iterable[str]) -> list[Path]:
    """The folders that packages named by a path lie in."""
    paths = (Path(name).expanduser() for name in names)
    return list(dict.fromkeys(path.absolute().parent for path in paths if path.exists()))


def _found(needed_by: str, name: str, version: str, places: Sequence[Path]) -> tuple[Package | None, Missing | None]:
    try:
        wanted = Coordinates.read(f"{name}#{version}" if version else name)
    except PackageError:
        return None, Missing(needed_by, f"{name}#{version}", None)
    here: dict[str, Package | Path] = {}
    for place in reversed(places):
        here.update(_versions(wanted.name, place))
    here |= {one.version: one for one in embedded_packages().values() if one.name == wanted.name}
    asked = (wanted.version or "").removesuffix(".x")
    exact = [one for one in here if one == wanted.version or not asked or one.startswith(f"{asked}.")]
    best = max(exact or here, key=version_key, default=None)
    if wanted.name in CUMULATIVE and not exact:
        exact = [one for one in here if version_key(one) >= version_key(asked)]
    package = _opened(here[best]) if best is not None else None
    gap = None if exact and package else Missing(needed_by, str(wanted), str(package) if package else None)
    return package, gap


def _opened(place: Package | Path) -> Package | None:
    try:
        return LaterPackage(place) if isinstance(place, Path) else place
    except PackageError:
        return None


def _versions(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The versions of a package in a folder, by the names that files of packages have."""
    for path in folder.iterdir() if folder.is_dir() else ():
        own = path.name.lower()
        if own.startswith(name) and own[len(name) : len(name) + 1] in {"#", "-", "@"}:
            version = path.name[len(name) + 1 :]
            if path.is_dir() and own[len(name)] == "#":
                yield version, path
            elif path.suffix == ".tgz" and version[:1].isdigit():
                yield version.removesuffix(".tgz"), path
