"""The four questions of a terminology service, answered from the shipped tables and the user's own.

$lookup, $validate-code, $translate, $expand: https://hl7.org/fhir/R4/terminology-service.html. The shipped
tables are a part of each value set, so that they can say yes and never no; a loaded value set says both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.i18n import _
from footbridge.terminology.codesystems import code_systems, concept, designation, flat_concepts, sdohcc_system
from footbridge.terminology.crosswalk import categories_of_211
from footbridge.terminology.defaults import display
from footbridge.terminology.loaded import Loaded, Resource
from footbridge.terminology.rows import TAXONOMY_211, CodeRow, all_rows, categories, code_rows
from footbridge.uris import own_uri

MAP_211 = "ConceptMap/211-to-sdoh-category"


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a code. `rows` are its rows in the tables, `display` None where no term is known."""

    system: str
    code: str
    display: str | None
    rows: tuple[CodeRow, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether a value set holds a code: True, False, or None where that cannot be told; and why."""

    result: bool | None
    message: str
    display: str | None


@dataclass(frozen=True, slots=True)
class Expansion:
    """The codings of a value set; `complete` False when there are, or may be, others."""

    codings: tuple[Resource, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Translation:
    """One target of a translation, with the map that gives it."""

    system: str
    code: str
    equivalence: str
    map_url: str


def lookup(system: str, code: str, *, language: str = "en", loaded: Loaded | None = None) -> Found | None:
    """What is known of a code; None when neither the tables nor the user's own have it."""
    rows = code_rows(system, code)
    if rows:
        return Found(system, code, display(system, code), rows)
    if concept(system, code) is not None:
        return Found(system, code, designation(system, code, language), ())
    resource = loaded.code_systems.get(system) if loaded else None
    for found in flat_concepts(resource) if resource else ():
        if found["code"] == code:
            return Found(system, code, found.get("display"), ())
    return None


def validate_code(value_set: str, system: str, code: str, *, loaded: Loaded | None = None) -> Validation:
    """Whether a value set, named by canonical or OID, holds a code."""
    term = display(system, code)
    if loaded is not None and (answer := loaded.member(value_set, system, code)) is not None:
        said = _("is") if answer else _("is not")
        return Validation(answer, _("{code} {said} in the loaded value set.", code=code, said=said), term)
    for row in _rows_of(value_set):
        if (row.system, row.code) == (system, code):
            return Validation(
                result=True,
                message=_("{code} is listed ({authority}).", code=code, authority=row.authority),
                display=term,
            )
    return Validation(
        None,
        _("It is not known whether {code} is in {value_set}: load the value set.", code=code, value_set=value_set),
        term,
    )


def expand(value_set: str, *, loaded: Loaded | None = None) -> Expansion | None:
    """The codings of a value set, or of a whole shipped CodeSystem; None when nothing is known of it."""
    if loaded is not None and (enumerated := loaded.codes(value_set)) is not None:
        return Expansion(tuple(enumerated[0]), enumerated[1])
    if resource := code_systems().get(value_set):
        codings = (_coding(value_set, c["code"], c.get("display")) for c in flat_concepts(resource))
        return Expansion(tuple(codings), resource["content"] == "complete")
    rows = {(row.system, row.code): row.display for row in _rows_of(value_set)}
    if not rows:
        return None
    return Expansion(tuple(_coding(system, code, term) for (system, code), term in rows.items()), complete=False)


def translate(system: str, code: str, *, target: str, loaded: Loaded | None = None) -> list[Translation]:
    """A code's targets in another code system: the user's maps first, then our proposals."""
    found = list(_loaded_targets(system, code, target, loaded)) if loaded else []
    if not found and system == TAXONOMY_211 and target == sdohcc_system():
        url = own_uri(MAP_211)
        found = [Translation(target, m.category, "relatedto", url) for m in categories_of_211(code)]
    return found


def _loaded_targets(system: str, code: str, target: str, loaded: Loaded) -> Iterator[Translation]:
    for url, resource in loaded.concept_maps.items():
        for group in resource.get("group", []):
            if group.get("source") != system or group.get("target") != target:
                continue
            for element in group.get("element", []):
                for answer in element.get("target", []) if element.get("code") == code else []:
                    if "code" in answer and answer.get("equivalence") not in {"unmatched", "disjoint"}:
                        yield Translation(target, answer["code"], answer.get("equivalence", "relatedto"), url)


def _rows_of(value_set: str) -> Iterator[CodeRow]:
    """The shipped rows of a value set: those that name its OID, and those of its category and role."""
    plain = value_set.partition("|")[0]
    places = {
        (found.code, role)
        for found in categories()
        for role, link in found.value_sets.items()
        if plain in {link.canonical.partition("|")[0], link.oid} and link.oid
    }
    oid = plain.rpartition("/")[2].removeprefix("urn:oid:")
    for row in all_rows():
        if oid in row.value_sets or (row.category, row.role) in places:
            yield row


def _coding(system: str, code: str, term: str | None) -> Resource:
    return {"system": system, "code": code} | ({"display": term} if term else {})
