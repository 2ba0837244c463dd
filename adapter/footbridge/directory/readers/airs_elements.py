"""Looks into elements of AIRS XML by local name, whatever the namespace, and tolerantly where privacy hangs on it."""

import functools
from collections.abc import Iterator
from typing import Any

from lxml import etree

from footbridge.data import read_json

Element = etree._Element  # noqa: SLF001 - the type of lxml's elements has no public name


@functools.cache
def table() -> dict[str, Any]:
    """``mappings/directory/airs.json``."""
    read: dict[str, Any] = read_json("mappings", "directory", "airs.json")
    return read


@functools.lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def local(element: Element) -> str:
    """The local name of an element."""
    return _local(str(element.tag))


def children(element: Element, *names: str) -> Iterator[Element]:
    """Child elements with one of these local names, all without names."""
    for child in element:
        if not names or _local(str(child.tag)) in names:
            yield child


def first(element: Element, *names: str) -> Element | None:
    """The first child element with one of these local names."""
    return next(children(element, *names), None)


def text(element: Element | None) -> str | None:
    """All text in an element without the blanks around it; None for an empty one."""
    if element is None:
        return None
    if not len(element):
        return (element.text or "").strip() or None
    return "".join(str(part) for part in element.itertext()).strip() or None


def value(element: Element, *names: str) -> str | None:
    """What a child element or an attribute of one of these names holds, the first that holds anything."""
    for name in names:
        for child in element:
            if _local(str(child.tag)) == name and (found := text(child)):
                return found
        if found := attribute(element, name):
            return found
    return None


def attribute(element: Element, name: str) -> str | None:
    """An attribute by local name; None when it is empty."""
    for key, found in element.attrib.items():
        if _local(str(key)) == name and str(found).strip():
            return str(found).strip()
    return None


def flags(element: Element) -> dict[str, list[str]]:
    """The raw values of an element's flags, by name in small letters; a flag is an attribute or a child element."""
    known = _flag_names()
    said = [(_plain(str(key)), str(found)) for key, found in element.attrib.items()]
    said += [(name, child.text or "") for child in element if (name := _plain(str(child.tag))) in known]
    found: dict[str, list[str]] = {}
    for name, content in said:
        if name in known and (word := content.strip()):
            found.setdefault(name, []).append(word)
    return found


def flag(element: Element, name: str) -> list[str]:
    """The raw values of one flag; where they differ, the caller takes the safe one."""
    return flags(element).get(name.casefold(), [])


@functools.cache
def _flag_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in table()["flagNames"])


def is_true(word: str) -> bool | None:
    """Whether a flag's value is a yes or a no; None for what is neither."""
    plain = word.strip().casefold()
    if plain in table()["flags"]["true"]:
        return True
    return False if plain in table()["flags"]["false"] else None


def is_no(words: list[str]) -> bool:
    """Whether a flag says no, clearly and each time."""
    return bool(words) and all(is_true(word) is False for word in words)


def withheld(element: Element) -> str | None:
    """Why the values of an element may not be shown, one of ``records.WITHHELD``; None: they may.

    A ``Confidential`` that is not a clear no counts as one. In 3.x a ``ReasonWithheld`` is enough; in 4.0 it is a note
    beside a ``Confidential`` that decides.
    """
    said = flag(element, "Confidential")
    if said and not is_no(said):
        return "confidential"
    decided = bool(said) and first(element, "Confidential") is not None
    return "reason-withheld" if value(element, "ReasonWithheld") and not decided else None


def public(element: Element, *names: str) -> str | None:
    """``value``, unless the element that holds it says that it may not be shown."""
    found = first(element, *names)
    return None if found is not None and withheld(found) else value(element, *names)


def line_of(element: Element) -> int | None:
    """The line in its file that an element begins in."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def empty(element: Element) -> None:
    """Drop all that an element holds; what comes after it stays, for the parser may be writing there."""
    element.clear(keep_tail=True)  # type: ignore[call-arg]  # not in the stubs


@functools.lru_cache(maxsize=4096)
def _plain(tag: str) -> str:
    return tag.rpartition("}")[2].casefold()
