"""FHIR datatypes read back into the prescription's small values (as its JSON has them)."""

from collections.abc import Iterator
from typing import Any

from footbridge.mapping.elements import ABSENT_URL, COMMENT_URL, LANGUAGE_URL
from footbridge.mapping.tracked_reader import Cursor

Json = dict[str, Any]


def extension(source: Cursor, url: str) -> Cursor | None:
    """The first extension of that url."""
    return next((one for one in source.each("extension") if one.peek("url") == url), None)


def read_text(source: Cursor, name: str) -> tuple[str | None, str | None]:
    """A text element and the language of its own, which stands on the element or on what holds it."""
    text = source.text(name)
    return text, read_language(source.child("_" + name))


def read_language(source: Cursor | None) -> str | None:
    """The core extension *language* of an element."""
    found = None if source is None else extension(source, LANGUAGE_URL)
    if found is None:
        return None
    found.take()
    code = found.peek("valueCode")
    return code if isinstance(code, str) else None


def entry_language(source: Cursor, told: str | None, general: str | None) -> str | None:
    """The language of a resource's words when it is not the prescription's.

    Args:
        source: the resource.
        told: language that stands on the words themselves.
        general: the prescription's language.
    """
    whole = source.text("language")
    return told or (whole if whole != general else None)


def said(text: str, language: str | None, key: str = "text") -> Json:
    """Words with their language, as a prescription has them."""
    return {key: text} if language is None else {key: text, "language": language}


def read_identifiers(source: Cursor, *, own: str) -> list[Json]:
    """Identifiers that have system and value, without those that we gave."""
    found = []
    for index, one in enumerate(source.each("identifier")):
        if index == 0 and one.peek("system") == own:
            one.take()
        elif (pair := read_identifier(one)) is not None:
            one.pass_over("use", "official", "usual")
            found.append(pair)
    return found


def read_identifier(source: Cursor | None) -> Json | None:
    """An Identifier that has system and value."""
    if source is None or not isinstance(source.peek("system"), str) or not isinstance(source.peek("value"), str):
        return None
    return {"system": source.get("system"), "value": source.get("value")}


def read_coding(source: Cursor) -> Json | None:
    """A Coding that has system and code."""
    if not isinstance(source.peek("system"), str) or not isinstance(source.peek("code"), str):
        return None
    found = {"system": source.get("system"), "code": source.get("code")}
    if (display := source.text("display")) is not None:
        found["display"] = display
    source.get("userSelected")
    return found


def chosen_coding(concept: Cursor | None) -> Json | None:
    """The coding that somebody chose: the one marked so, else the first that nothing marks as standing in."""
    if concept is None:
        return None
    places = list(concept.each("coding"))
    marked = [one for one in places if one.peek("userSelected") is True]
    open_ones = [one for one in places if one.peek("userSelected") is None]
    for one in places:
        if one.peek("userSelected") is False:
            one.take()
    return next((coding for one in marked or open_ones if (coding := read_coding(one)) is not None), None)


def codings_of(*concepts: Any) -> Iterator[Json]:  # noqa: ANN401 - JSON
    """Every Coding in CodeableConcepts, or lists of them, whatever else stands there."""
    for concept in concepts:
        if isinstance(concept, list):
            yield from codings_of(*concept)
        elif isinstance(concept, dict) and isinstance(concept.get("coding"), list):
            yield from (one for one in concept["coding"] if isinstance(one, dict))


def code_in(concept: Cursor | None, system: str) -> str | None:
    """The code that a concept has in one code system; it then counts as read, our words for it too."""
    if concept is None:
        return None
    for one in concept.each("coding"):
        if one.peek("system") == system and one.peek("code") is not None:
            one.take()
            return str(one.peek("code"))
    return None


def read_contacts(source: Cursor) -> list[Json]:
    """ContactPoints that have system and value."""
    found = []
    for one in source.each("telecom"):
        if (pair := read_identifier(one)) is None:
            if one.child("_value") is not None:
                one.take()
            continue
        point: Json = pair
        if use := one.text("use"):
            point["use"] = use
        if one.peek("rank") == 1:
            point["preferred"] = one.get("rank") == 1
        found.append(point)
    return found


def comment(point: Cursor) -> str | None:
    """The comment of a ContactPoint."""
    found = extension(point, COMMENT_URL)
    return None if found is None else found.peek("valueString")


def read_name(source: Cursor) -> Json | None:
    """The names of a person: the full one, and what the person likes to be called."""
    places = list(source.each("name"))
    for one in places:
        if (absent := extension(one, ABSENT_URL)) is not None:
            absent.take()
        if (family := one.child("_family")) is not None and extension(family, ABSENT_URL) is not None:
            family.take()
    usual = next((one for one in places if one.peek("use") == "usual"), None)
    full = [one for one in places if one is not usual]
    found = _full_name(full[0]) if full else {}
    if usual is not None:
        usual.get("use")
        if preferred := _first_given(usual):
            found["preferred"] = preferred
    return found or None


def _full_name(source: Cursor) -> Json:
    source.pass_over("use", "official")
    found: Json = {}
    if (family := source.text("family")) is not None:
        found["family"] = family
    if given := source.texts("given"):
        found["given"] = given
    text = source.at("text")
    if text is not None and not found:
        found["family"] = text.take()
    return found


def _first_given(source: Cursor) -> str | None:
    return next(iter(source.texts("given")), None)


def read_address(source: Cursor) -> Json | None:
    """The first address."""
    place = next(source.each("address"), None)
    if place is None:
        return None
    found: Json = {}
    if line := place.texts("line"):
        found["line"] = line
    for key in ("city", "state", "postalCode", "country"):
        if (value := place.text(key)) is not None:
            found[key] = value
    return found or None


def day(value: Any) -> str | None:  # noqa: ANN401 - JSON
    """The day of a date or dateTime that has one."""
    return value[:10] if isinstance(value, str) and len(value) >= 10 else None
