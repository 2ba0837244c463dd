"""Members that services of AIRS XML have: taxonomy codes, area served, eligibility, documents, steps."""

from typing import Any, Final

from footbridge.directory.readers import codes_211
from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import (
    Element,
    children,
    is_true,
    line_of,
    local,
    table,
    value,
)
from footbridge.directory.readers.airs_elements import (
    attribute as attribute_of,
)
from footbridge.directory.readers.airs_elements import (
    text as text_of,
)

Row = dict[str, Any]


def taxonomy(draft: Draft, element: Element) -> None:
    """One ``Taxonomy``: its first code, linked with its others. Words are given as a name, never as a code."""
    codes: list[str] = []
    written = [(element, said)] if (said := attribute_of(element, "Code")) else []
    for child, found in [*written, *((child, text_of(child)) for child in children(element, "Code", "TaxonomyCode"))]:
        if found in table()["noTaxonomy"]:
            draft.tally.count("airs.no-taxonomy", found or "", line_of(child))
        elif found:
            codes.append(found)
    rows, words = codes_211.attributes(codes, value(element, "TaxonomyTerm"), draft.taxonomy_version)
    draft.add("attributes", *rows)
    for raw in words:
        draft.tally.report("airs.words-as-code", line_of(element), draft.owner, member="attributes", found=raw)


def area(draft: Draft, element: Element) -> None:
    """``GeographicAreaServed``: one place with what it lies in, or a list of places.

    A single state or country beside smaller places says where they are; alone or among several it is an area itself.
    """
    kinds: dict[str, str] = table()["area"]
    found: dict[str, list[str]] = {}
    for child in element:
        if content := text_of(child):
            if local(child) in kinds:
                listed = found.setdefault(kinds[local(child)], [])
                listed.extend([content] if content not in listed else [])
            elif local(child) != "Description":
                draft.tally.count("airs.unknown-element", f"{local(child)} in {local(element)}", line_of(child))
    around = _around(found)
    within: Row = {_MEMBER[kind]: content for kind, content in around.items()}
    names = [around[kind] for kind in _OUTER if kind in around]
    rows: list[Row] = [
        {"name": ", ".join([place, *names]), "area_type": kind, **_in(kind, place), **within}
        for kind, places in found.items()
        if kind not in around
        for place in places
    ]
    description = value(element, "Description")
    if description and len(rows) == 1:
        rows[0]["description"] = description
    elif description:
        rows.append({"description": description})
    elif not len(element) and (content := text_of(element)):
        rows.append({"name": content})
    draft.add("service_areas", *rows)


_OUTER: Final = ("county", "state", "country")
_SMALL: Final = frozenset({"postal-code", "census-tract", "community", "city"})
_MEMBER: Final = {"city": "city", "county": "county", "state": "state_province", "country": "country"}


def _in(kind: str, place: str) -> Row:
    return {_MEMBER[kind]: place} if kind in _MEMBER else {}


def _around(found: dict[str, list[str]]) -> dict[str, str]:
    """The larger places that only say where the smaller ones are."""
    small = bool(_SMALL & found.keys())
    around: dict[str, str] = {}
    only_city = len(found.get("city", ())) == 1 and not (_SMALL - {"city"}) & found.keys()
    if only_city and len(found.get("county", ())) == 1:
        around["county"] = found["county"][0]
    if len(found.get("state", ())) == 1 and (small or "county" in found):
        around["state"] = found["state"][0]
    if len(found.get("country", ())) == 1 and (small or "county" in found or "state" in found):
        around["country"] = found["country"][0]
    return around


def document(draft: Draft, element: Element) -> None:
    """A document that is required, with what is said of it."""
    name = value(element, "DocumentsRequired", "Title") or (None if len(element) else text_of(element))
    words = [word for word in (name, value(element, "Description")) if word]
    if words:
        draft.add("required_documents", {"document": ": ".join(words)})


def step(draft: Draft, element: Element) -> None:
    """A step of the application; a bare number for its name says nothing."""
    name = value(element, "Step", "Title") or (None if len(element) else text_of(element))
    description = value(element, "Description")
    if name and description and name.isdigit():
        name = None
    words = ": ".join(word for word in (name, description) if word)
    known = draft.data.get("application_process")
    if words:
        draft.data["application_process"] = f"{known}\n{words}" if known else words


def age(draft: Draft, element: Element, label: str) -> None:
    """Ages: the widest of all goes into minimum_age and maximum_age, each with its words into the eligibility."""
    low, high = value(element, "MinimumAge"), value(element, "MaximumAge")
    gender = value(element, "Gender")
    content = None if len(element) else text_of(element)
    span = "-".join(word or "" for word in (low, high)) if low or high else None
    words = "; ".join(word for word in (gender, span, content) if word)
    draft.paragraph("eligibility_description", words or None, label)
    if low or high:
        draft.add("_ages", {"minimum": low, "maximum": high})


def not_always(draft: Draft, element: Element, *, content: str | None = None) -> None:
    """``ServiceNotAlwaysAvailable``, as an alert."""
    said = content or text_of(element)
    if said and is_true(said) is not False:
        draft.data.setdefault("alert", table()["notAlwaysAvailable"])


def groups(element: Element) -> dict[str, Row]:
    """The service groups of an agency by key, as programs."""
    found: dict[str, Row] = {}
    for group in children(element, "ServiceGroup"):
        key = value(group, "Key", "ID")
        if key:
            found[key] = program(group, key)
    return found


def program(group: Element, key: str) -> Row:
    """One service group as a program."""
    name, other = value(group, "ProgramName"), value(group, "Name")
    row: Row = {"id": key, "name": name or other, "description": value(group, "Description")}
    if name and other and name != other:
        row["alternate_name"] = other
    return {member: found for member, found in row.items() if found}
