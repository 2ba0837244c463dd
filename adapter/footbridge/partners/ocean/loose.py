"""Takes values out of JSON that may have any form: what has another form than the guide's counts as missing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

Json = Any
Object = Mapping[str, Any]

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
EMPTY: Final[Object] = {}


def obj(value: Json) -> Object:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else EMPTY


def objects(value: Json) -> list[Object]:
    """The objects of a list; one object that has no list around it counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Json) -> str | None:
    """A string that says something, without blanks around it; a whole number counts as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def texts(value: Json) -> list[str]:
    """The strings of a list that say something; one string counts as a list of one."""
    rows = value if isinstance(value, list) else [value]
    return [found for row in rows if (found := text(row))]


def last_part(uri: Json) -> str:
    """The last part of a URI, without a version: of ``.../NamingSystem/id-site-number`` it is ``id-site-number``.

    Real messages have the wrong base in many systems, or none at all: the last part is what they agree on.
    """
    plain = (text(uri) or "").split("|", 1)[0].rstrip("/")
    return plain.replace("#", "/").replace(":", "/").rsplit("/", 1)[-1]


def extension(element: Object, *names: str) -> Object | None:
    """The first extension whose URL ends with one of the names."""
    for name in names:
        for row in objects(element.get("extension")):
            if last_part(row.get("url")) == name:
                return row
    return None


def value_of(extension_or_answer: Object) -> Json:
    """The value of an extension or an answer, whatever its type; None without one."""
    for name, value in extension_or_answer.items():
        if name.startswith("value") and not name.startswith("valueSet"):
            return value
    return None


def instant(value: Json) -> datetime | None:
    """A time with offset; None for what has none, or lies outside of 1900 to 2199."""
    found = text(value)
    if found is None or "T" not in found:
        return None
    try:
        read = datetime.fromisoformat(found)
    except ValueError:
        return None
    if read.utcoffset() is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        return None
    return read


def identifiers(element: Object) -> Iterator[tuple[str, str]]:
    """Last part of the system, and value, of each identifier that has a value."""
    for row in objects(element.get("identifier")):
        if value := text(row.get("value")):
            yield last_part(row.get("system")), value


def identifier(element: Object, *names: str) -> str | None:
    """The value of the first identifier whose system ends with one of the names."""
    for name in names:
        for system, value in identifiers(element):
            if system == name:
                return value
    return None
