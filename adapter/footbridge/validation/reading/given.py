"""Takes a resource in the forms that programs have it in: a dict, a text, or an object of a library of models."""

import datetime as dt
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Json = Any
_OF_JSON = frozenset({dict, list, str, int, float, bool, Decimal, type(None)})
WANTED = (
    "a FHIR resource as a dict, as JSON or XML in str or bytes, or as an object with model_dump() or dict(), "
    "such as those of fhir.resources"
)


def resource_bytes(text: str | bytes | bytearray | memoryview) -> bytes:
    """A text as UTF-8; a lone surrogate stays, for the reader to refuse. Raises TypeError for what is no text."""
    if isinstance(text, str):
        return text.encode(errors="surrogatepass")
    if isinstance(text, bytes | bytearray | memoryview):
        return bytes(text)
    raise TypeError(f"check_text() takes JSON or XML as str or bytes, not {_named(text)}.")


def plain_resource(resource: Any) -> Json:  # noqa: ANN401 - what a caller may have
    """A resource as JSON's own types; what JSON has already, is given back as it is.

    Raises TypeError, with what to hand in, for what cannot be JSON: a path, a file, an object that makes no dict.
    """
    if resource is None or resource.__class__ in _OF_JSON or isinstance(resource, list):
        return resource  # what JSON can be; that a list or a number is no resource is an issue
    if isinstance(resource, Mapping):
        return _plain(resource)
    if isinstance(resource, type):
        raise TypeError(f"A class is no resource: hand in {WANTED}.")
    made = _dumped(resource)
    if not isinstance(made, dict):
        raise TypeError(f"{_named(resource)} is no resource: hand in {WANTED}.")
    plain = {name: _plain(value) for name, value in made.items() if value is not None}
    kind = _type_name(resource)
    return plain if kind is None or "resourceType" in plain else {"resourceType": kind, **plain}


def all_plain(resource: Json) -> Json | None:
    """A dict in JSON's own types (``model_dump()`` leaves dates in it); None where it has these already."""
    waiting, met = [resource], set[int]()
    while waiting:
        value = waiting.pop()
        if value.__class__ not in _OF_JSON:
            return _plain(resource)
        if value.__class__ in {dict, list} and id(value) not in met:
            met.add(id(value))
            waiting += value.values() if value.__class__ is dict else value
    return None


def _dumped(resource: Any) -> Any:  # noqa: ANN401 - whatever it makes
    """What an object makes of itself: by alias and without what is not set, as FHIR writes it."""
    dump = getattr(resource, "model_dump", None)
    if callable(dump):
        return dump(mode="python", by_alias=True, exclude_none=True)
    dump = getattr(resource, "dict", None)
    return dump() if callable(dump) else None


def _type_name(resource: Any) -> str | None:  # noqa: ANN401 - as above
    """The type that an object says it is, where what it makes does not say so."""
    for name in ("__resource_type__", "fhir_type_name", "resource_type", "resourceType"):
        found = getattr(resource, name, None)
        if isinstance(found, str):
            return found
    getter = getattr(type(resource), "get_resource_type", None)
    found = getter() if callable(getter) else None
    return found if isinstance(found, str) else None


def _plain(value: Any) -> Json:  # noqa: ANN401 - as above
    """A value as JSON has it; numbers keep their digits."""
    match value:
        case enum.Enum():
            return _plain(value.value)
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(map(_plain, value), key=str)
        case None | bool() | int() | float() | Decimal():
            return value
        case str():
            return str(value)
        case bytes():
            return value.decode(errors="replace")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            made = _dumped(value)
            return _plain(made) if isinstance(made, Mapping) else str(value)


def _named(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
