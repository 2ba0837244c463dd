"""Keeps the user's own terminology in a folder: one file a load, written whole or not at all.

Of two resources with one url and version the later load counts; loading a file of the same name again takes
the place of what it brought before.
"""

import functools
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.private_files import make_folder
from footbridge.terminology.codesystems import flat_concepts
from footbridge.terminology.loaded import Loaded, expansion
from footbridge.terminology.user_files import Resource, read_file

ResourceKind = Literal["ValueSet", "CodeSystem", "ConceptMap"]
_STORED = re.compile(r"([0-9]{6})-.*\.json")


@dataclass(frozen=True, slots=True)
class LoadedResource:
    """One resource of the user's own.

    Attributes:
        kind: its FHIR type.
        url: its canonical.
        version: as it says, None when it does not.
        count: codes that it enumerates; of a ConceptMap, codes that it maps.
        source: name of the file that brought it.
    """

    kind: ResourceKind
    url: str
    version: str | None
    count: int
    source: str


def default_store() -> Path:
    """The folder where `footbridge terminology load` keeps what it loads, unless told another."""
    import platformdirs  # noqa: PLC0415 - for this alone, and slow to import

    return Path(platformdirs.user_data_dir("footbridge", appauthor=False)) / "terminology"


def load_file(path: Path, store: Path | None = None) -> list[LoadedResource]:
    """Take a file's value sets, code systems and concept maps into the store.

    Raises:
        ConfigurationError: the file is not fit, or the store cannot be written; nothing was stored.
    """
    resources = read_file(path)
    folder = store or default_store()
    try:
        make_folder(folder)  # maybe the first below the folder that the database is in, too
        former = [file for file in _files(folder) if _read(file)["source"] == path.name]
        latest = max((int(file.name[:6]) for file in _files(folder)), default=0)
        name = re.sub(r"[^A-Za-z0-9.]+", "-", path.stem)[:60]
        _write(folder / f"{latest + 1:06}-{name}.json", {"source": path.name, "resources": resources})
        for file in former:
            file.unlink()
    except OSError as error:
        raise ConfigurationError(
            _("{folder} cannot be written: {strerror}.", folder=folder, strerror=error.strerror or error)
        ) from error
    return [_summary(resource, path.name) for resource in resources]


def list_loaded(store: Path | None = None) -> list[LoadedResource]:
    """What the store holds, by kind and url; a resource that a later one replaced is left out."""
    found: dict[tuple[str, str, str | None], LoadedResource] = {}
    for file in _files(store or default_store()):
        stored = _read(file)
        for resource in stored["resources"]:
            entry = _summary(resource, stored["source"])
            found[entry.kind, entry.url, entry.version] = entry
    return [found[key] for key in sorted(found, key=str)]


def open_store(store: Path | None = None) -> Loaded:
    """What the store holds, ready to be asked; read again only when its files have changed."""
    files = _files(store or default_store())
    return _open(tuple((file, file.stat().st_mtime_ns) for file in files))


@functools.lru_cache(maxsize=4)
def _open(files: tuple[tuple[Path, int], ...]) -> Loaded:
    return Loaded.of(resource for file, _ in files for resource in _read(file)["resources"])


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if _STORED.fullmatch(file.name))


def _read(file: Path) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", json.loads(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise ConfigurationError(_("{file} is corrupt: delete it and load its source again.", file=file)) from error


def _write(target: Path, content: dict[str, Any]) -> None:
    """Write beside the target, then rename: a reader sees all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".loading-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(content, opened, ensure_ascii=False)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _summary(resource: Resource, source: str) -> LoadedResource:
    kind = resource["resourceType"]
    return LoadedResource(kind, resource["url"], resource.get("version"), _count(resource), source)


def _count(resource: Resource) -> int:
    if resource["resourceType"] == "CodeSystem":
        return sum(1 for _ in flat_concepts(resource))
    if resource["resourceType"] == "ConceptMap":
        return sum(len(group.get("element", [])) for group in resource.get("group", []))
    if "expansion" in resource:
        return sum(1 for _ in expansion(resource))
    parts = resource.get("compose", {}).get("include", [])
    return sum(len(part.get("concept", [])) for part in parts)
