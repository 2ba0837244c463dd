"""What strict mode leaves out: a finding for each record that its official schema refuses, and for those inside it.

An organization that is refused takes its services with it. A directory's manager sees each of them by its name's id,
and an import counts them as services that the source has and the directory does not show.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from footbridge.directory.readers.shapes import Json, native_id
from footbridge.directory.records import Finding, Kind

RULE: Final = "strict.refused"
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_DEPTH: Final = 8


def refused(kind: str, value: Json, path: str, line: int | None) -> Iterator[Finding]:
    """The record of ``kind`` that was refused, then the services inside it."""
    known: Kind | None = next((one for one in _KINDS if one == kind), None)
    yield Finding(RULE, path, line, known, _id_of(value))
    for at, service in _services(value, "", 0):
        yield Finding(RULE, f"{path}{at}", line, "service", _id_of(service))


def _services(value: Json, path: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, Mapping) or depth > _DEPTH:
        return
    for member, inner in value.items():
        for at, item in enumerate(inner if isinstance(inner, list) else [inner]):
            if not isinstance(item, Mapping):
                continue
            place = f"{path}/{member}/{at}" if isinstance(inner, list) else f"{path}/{member}"
            if member in {"service", "services"}:
                yield place, item
            yield from _services(item, place, depth + 1)


def _id_of(value: Json) -> str | None:
    return native_id(value.get("id")) if isinstance(value, Mapping) else None
