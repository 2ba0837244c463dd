"""Reads the user's own terminology from a file: FHIR JSON, or a FHIR package (.tgz).

A resource or a Bundle of resources is taken, such as a download from VSAC. Of a package only the JSON files
in its folder are read, in memory: nothing is unpacked to disk; a resource of a package without a url, which
nobody could name, is passed over. Every fault is one sentence that says what, where and how to mend it.
"""

import gzip
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from footbridge.errors import ConfigurationError
from footbridge.i18n import _

Resource = dict[str, Any]

KINDS = ("ValueSet", "CodeSystem", "ConceptMap")
MAX_FILE_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_000_000_000
_HINT = _("load FHIR JSON (a ValueSet, CodeSystem, ConceptMap or a Bundle of them) or a FHIR package (.tgz)")


def read_file(path: Path) -> list[Resource]:
    """The ValueSets, CodeSystems and ConceptMaps of one file, checked for what their use needs.

    Raises:
        ConfigurationError: the file cannot be read, is no such file, or holds none of the three.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ConfigurationError(
                _(
                    "{path} is larger than {most} bytes; load its parts one by one.",
                    path=path,
                    most=MAX_FILE_BYTES,
                )
            )
        with path.open("rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
            opened.seek(0)
            documents = _package(path, opened) if packed else iter([(str(path), opened.read())])
            found = [
                resource for name, content in documents for resource in _resources(name, content, in_package=packed)
            ]
    except OSError as error:
        raise ConfigurationError(
            _("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror or error)
        ) from error
    if not found:
        raise ConfigurationError(_("{path} has no ValueSet, CodeSystem or ConceptMap; {hint}.", path=path, hint=_HINT))
    return found


def _package(path: Path, opened: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The JSON files of a package, each with its name; links, other folders and odd paths are passed over."""
    left = MAX_UNPACKED_BYTES
    try:
        with tarfile.open(fileobj=opened, mode="r:gz") as tar:
            for member in tar:
                left -= member.size
                if left < 0:
                    raise ConfigurationError(
                        _(
                            "{path} unpacks to more than {most} bytes.",
                            path=path,
                            most=MAX_UNPACKED_BYTES,
                        )
                    )
                if member.isfile() and _is_wanted(member.name) and (content := tar.extractfile(member)):
                    yield f"{path}, {member.name}", content.read()
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ConfigurationError(
            _("{path} is not a valid FHIR package ({error}); download it again.", path=path, error=str(error))
        ) from error


def _is_wanted(name: str) -> bool:
    """Whether a package's file may hold what is looked for: ``package/KIND-id.json`` and nothing deeper."""
    parts = PurePosixPath(name).parts
    return len(parts) == 2 and parts[0] == "package" and parts[1].startswith(KINDS) and name.endswith(".json")


def _resources(name: str, content: bytes, *, in_package: bool) -> Iterator[Resource]:
    document = _parse(name, content)
    kind = document.get("resourceType") if isinstance(document, dict) else None
    if kind in KINDS:
        if "url" in document or not in_package:
            yield _checked(name, document)
    elif kind == "Bundle":
        for index, entry in enumerate(_list(name, document, "entry")):
            inner = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(inner, dict) and inner.get("resourceType") in KINDS:
                yield _checked(_("{name}, entry[{index}]", name=name, index=index), inner)
    else:
        said = _("its resourceType is {kind}", kind=kind) if isinstance(kind, str) else _("it has no resourceType")
        raise ConfigurationError(_("{name} cannot be loaded: {said}; {hint}.", name=name, said=said, hint=_HINT))


def _parse(name: str, content: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            _("{name} is not UTF-8 (byte {start}); save it as UTF-8.", name=name, start=error.start)
        ) from error
    except json.JSONDecodeError as error:
        place = _("line {lineno}, column {colno}", lineno=error.lineno, colno=error.colno)
        raise ConfigurationError(
            _("{name} is not JSON ({msg} at {place}); {hint}.", name=name, msg=error.msg, place=place, hint=_HINT)
        ) from error
    except RecursionError as error:
        raise ConfigurationError(_("{name} is nested too deeply for a FHIR resource.", name=name)) from error


def _checked(name: str, resource: Resource) -> Resource:
    """The resource without its narrative; refused when it lacks what using it needs."""
    kind = resource["resourceType"]
    if not isinstance(resource.get("url"), str) or not resource["url"]:
        raise ConfigurationError(_("{name}: the {kind} has no url; add its canonical URL.", name=name, kind=kind))
    if not isinstance(resource.get("version", ""), str):
        raise ConfigurationError(_("{name}: {kind}.version is not text.", name=name, kind=kind))
    _CHECKS[kind](name, resource)
    return {key: value for key, value in resource.items() if key != "text"}


def _check_code_system(name: str, resource: Resource) -> None:
    _check_codes(name, resource, "concept")


def _check_value_set(name: str, resource: Resource) -> None:
    _check_codes(name, _object(name, resource, "expansion"), "contains")
    compose = _object(name, resource, "compose")
    for part in [*_objects(name, compose, "include"), *_objects(name, compose, "exclude")]:
        _check_codes(name, part, "concept")
        if not all(isinstance(canonical, str) for canonical in _list(name, part, "valueSet")):
            raise ConfigurationError(_("{name}: an included valueSet has no canonical URL.", name=name))


def _check_concept_map(name: str, resource: Resource) -> None:
    for group in _objects(name, resource, "group"):
        for element in _objects(name, group, "element"):
            _objects(name, element, "target")


_CHECKS = {"CodeSystem": _check_code_system, "ValueSet": _check_value_set, "ConceptMap": _check_concept_map}


def _check_codes(name: str, holder: Resource, member: str) -> None:
    """Every part of a list that may nest is an object with a code; a mere heading needs none."""
    waiting = _objects(name, holder, member)
    while waiting:
        part = waiting.pop()
        if not isinstance(part.get("code"), str) and not part.get("abstract"):
            raise ConfigurationError(_("{name}: a part of {member} has no code.", name=name, member=member))
        waiting += _objects(name, part, member)


def _objects(name: str, holder: Resource, member: str) -> list[Resource]:
    found = _list(name, holder, member)
    if not all(isinstance(item, dict) for item in found):
        raise ConfigurationError(_("{name}: {member} has an entry that is not an object.", name=name, member=member))
    return list(found)


def _object(name: str, holder: Resource, member: str) -> Resource:
    found = holder.get(member, {})
    if not isinstance(found, dict):
        raise ConfigurationError(_("{name}: {member} is not an object.", name=name, member=member))
    return found


def _list(name: str, holder: Resource, member: str) -> list[Any]:
    found = holder.get(member, [])
    if not isinstance(found, list):
        raise ConfigurationError(_("{name}: {member} is not a list.", name=name, member=member))
    return found
