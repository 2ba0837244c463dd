"""The rows of the shipped tables, typed: code systems, categories, codes, and how they are read.

Every table is read when it is first asked for, and kept. Nothing here judges a code; see ``check``.
"""

import functools
from dataclasses import dataclass
from typing import Any, Literal

from footbridge.data import folder, read_json

Jurisdiction = Literal["us", "ca"]
Kind = Literal["signpost", "warm-connection", "navigator"]
Role = Literal[
    "condition",
    "goal",
    "service-request",
    "procedure",
    "observation",
    "observation-question",
    "observation-answer",
]
Authority = Literal["vsac-member", "ig-example", "reference-client", "inferred"]

SNOMED = "http://snomed.info/sct"
TAXONOMY_211 = "http://211hsis.org"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code in one role for one category (`terminology/gravity/`, `terminology/packs/`).

    Attributes:
        category: SDOH category code; None for a code that fits every category.
        role: where in FHIR the code belongs, a `Role`, or a narrower place such as `program`.
        display: the system's own term, None where it is not known or not ours to ship.
        edition: of a SNOMED CT id, e.g. `International`; None for other systems.
        authority: how well the row is known; `vsac-member` is best.
        sources: ids of `terminology/authored/sources.json`.
        value_sets: OIDs of value sets that hold the code.
        licence: key of the licences of `terminology/systems.json`.
    """

    system: str
    code: str
    category: str | None
    role: str
    display: str | None
    edition: str | None
    authority: Authority
    sources: tuple[str, ...]
    value_sets: tuple[str, ...]
    licence: str


@dataclass(frozen=True, slots=True)
class ValueSetLink:
    """The value set that the guide names for one category and role."""

    canonical: str
    oid: str | None
    strength: str | None


@dataclass(frozen=True, slots=True)
class Category:
    """One SDOH category of the guide.

    Attributes:
        code: code of the guide's temporary code system.
        system: that code system.
        since: first version of the guide that has it, `2.3.0` or `3.0.0`.
        display: as in 3.0.0; 2.3.0 differs in one, so that a coding best carries none.
        text: our own words by language, `en` and `fr`.
        value_sets: the guide's value set by role.
    """

    code: str
    system: str
    since: str
    display: str
    text: dict[str, str]
    value_sets: dict[str, ValueSetLink]


@dataclass(frozen=True, slots=True)
class Namespace:
    """A SNOMED CT namespace that we know, and where its ids may be used."""

    namespace: str
    edition: str
    jurisdictions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class System:
    """One code system of `terminology/systems.json`.

    Attributes:
        check: `snomed` or `loinc` where a check digit applies, else None.
        form: regular expression for a whole code.
        form_text: the same in words.
        roles: roles whose required binding one coding of this system meets.
        jurisdictions: where the system may be used; None is everywhere.
        aliases: other spellings of the uri, each with the reason why it is not taken.
        namespaces: of SNOMED CT, by namespace.
    """

    uri: str
    name: str
    check: str | None
    form: str
    form_text: str
    roles: tuple[str, ...]
    jurisdictions: tuple[str, ...] | None
    aliases: dict[str, str]
    namespaces: dict[str, Namespace]
    licence: str
    shipped: bool
    spec: str | None


def _code_row(raw: dict[str, Any]) -> CodeRow:
    return CodeRow(
        system=raw["system"],
        code=raw["code"],
        category=raw["category"],
        role=raw["role"],
        display=raw.get("display"),
        edition=raw.get("edition"),
        authority=raw["authority"],
        sources=tuple(raw["sources"]),
        value_sets=tuple(raw["valueSets"]),
        licence=raw["licence"],
    )


@functools.cache
def all_rows() -> tuple[CodeRow, ...]:
    """Every code row, shipped tables first, then the packs."""
    rows: list[CodeRow] = []
    for name in ("gravity", "packs"):
        files = sorted(entry.name for entry in folder("terminology").joinpath(name).iterdir())
        for file in files:
            rows += [_code_row(raw) for raw in read_json("terminology", name, file)["rows"]]
    return tuple(rows)


@functools.cache
def _rows_by_code() -> dict[tuple[str, str], tuple[CodeRow, ...]]:
    found: dict[tuple[str, str], list[CodeRow]] = {}
    for row in all_rows():
        found.setdefault((row.system, row.code), []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def code_rows(system: str, code: str) -> tuple[CodeRow, ...]:
    """Every row of one code: one a category and role; empty when no table has it."""
    return _rows_by_code().get((system, code), ())


@functools.cache
def _categories() -> dict[str, Category]:
    table = read_json("terminology", "categories.json")
    found = {}
    for raw in table["categories"]:
        links = {
            role: ValueSetLink(link["canonical"], link.get("oid"), link.get("strength"))
            for role, link in raw["valueSets"].items()
        }
        found[raw["code"]] = Category(
            raw["code"], table["system"], raw["since"], raw["display"], dict(raw["text"]), links
        )
    return found


def categories() -> tuple[Category, ...]:
    """The SDOH categories, in the guide's order."""
    return tuple(_categories().values())


def category(code: str) -> Category | None:
    """One SDOH category, None when the guide has none of that code."""
    return _categories().get(code)


@functools.cache
def _systems() -> dict[str, System]:
    found = {}
    for raw in read_json("terminology", "systems.json")["systems"]:
        namespaces = [
            Namespace(item["namespace"], item["edition"], tuple(item["jurisdictions"]))
            for item in raw.get("namespaces", [])
        ]
        jurisdictions = raw.get("jurisdictions")
        found[raw["uri"]] = System(
            uri=raw["uri"],
            name=raw["name"],
            check=raw.get("check"),
            form=raw["form"],
            form_text=raw["formText"],
            roles=tuple(raw["roles"]),
            jurisdictions=None if jurisdictions is None else tuple(jurisdictions),
            aliases={alias["uri"]: alias["why"] for alias in raw.get("aliases", [])},
            namespaces={item.namespace: item for item in namespaces},
            licence=raw["licence"],
            shipped=raw["shipped"],
            spec=raw.get("spec"),
        )
    return found


def systems() -> tuple[System, ...]:
    """The code systems whose codes are checked."""
    return tuple(_systems().values())


def system(uri: str) -> System | None:
    """One code system by its exact uri, None when the table lacks it."""
    return _systems().get(uri)


@functools.cache
def aliases() -> dict[str, System]:
    """Spellings of a system's uri that are not taken, with the system that is meant."""
    return {alias: found for found in systems() for alias in found.aliases}


@functools.cache
def retired() -> dict[tuple[str, str], tuple[str, ...]]:
    """Codes that are refused, by system and code, with the codes that take their place."""
    rows = read_json("terminology", "retired.json")["codes"]
    return {(row["system"], row["code"]): tuple(row["replacedBy"]) for row in rows}
