"""Places in a prescription: paths of member names and indices, and their JSON Pointers (RFC 6901)."""

import functools
from collections.abc import Mapping
from typing import Any, get_args

from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.values import Part

Path = tuple[str | int, ...]
_LONGEST_NAME = 64


def pointer_to(path: Path) -> str:
    """The JSON Pointer of a path: ``("needs", 0, "category")`` gives ``/needs/0/category``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def sayable_name(name: str) -> bool:
    """Whether a member's name can be repeated to the caller: short, printable."""
    return len(name) <= _LONGEST_NAME and name.isprintable()


def at(document: Any, path: Path) -> Any:  # noqa: ANN401 - JSON is any value
    """What stands at the path in a JSON value; None when there is nothing."""
    for step in path:
        if isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        elif isinstance(step, str) and isinstance(document, Mapping):
            document = document.get(step)
        else:
            return None
    return document


def members_at(path: Path) -> tuple[str, ...]:
    """The names of the members that the part at this path may have; empty where no part stands."""
    part: type[Part] | None = Prescription
    for step in path:
        if isinstance(step, str) and part is not None:
            part = _member_part(part, step)
    return tuple(_name(part, field) for field in part.model_fields) if part else ()


def parts_in(part: Part) -> list[tuple[Path, Part]]:
    """The part itself and every part in it, each with its path; what holds a part comes before it."""
    found: list[tuple[Path, Part]] = [((), part)]
    for path, holder in found:
        values = vars(holder)  # a fraction of what getattr takes; this runs for every prescription
        for field, name in _holders(type(holder)):
            value = values[field]
            if value.__class__ is tuple:
                found += [((*path, name, index), item) for index, item in enumerate(value)]
            elif value is not None:
                found.append(((*path, name), value))
    return found


@functools.cache
def members_by_field(part: type[Part]) -> dict[str, str]:
    """The name in a document of each field of a part."""
    return {field: _name(part, field) for field in part.model_fields}


@functools.cache
def _holders(part: type[Part]) -> tuple[tuple[str, str], ...]:
    """Fields that may hold parts, with their names in a document."""
    fields = part.model_fields.items()
    return tuple((field, _name(part, field)) for field, info in fields if _part_in(info.annotation) is not None)


def _name(part: type[Part], field: str) -> str:
    return part.model_fields[field].alias or field


def _member_part(part: type[Part], name: str) -> type[Part] | None:
    for field, info in part.model_fields.items():
        if _name(part, field) == name:
            return _part_in(info.annotation)
    return None


def _part_in(annotation: Any) -> type[Part] | None:  # noqa: ANN401 - an annotation has no narrower type
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for inner in get_args(annotation) if (part := _part_in(inner))), None)
