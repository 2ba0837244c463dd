"""Extract the embedded definitions from the official packages: ``profiles/ID#VERSION/``.

Usage: python scripts/build_profiles.py PACKAGES_FOLDER [OUT_FOLDER]

PACKAGES_FOLDER holds the archives that ``profiles/SOURCES.md`` names, ``ID#VERSION.tgz``; OUT_FOLDER is
``profiles/`` when left out. StoredResources are facts only, as ``footbridge.validation.definitions`` describes them:

- every StructureDefinition, except one that a later package of the set supersedes (the extensions of R4 core
  that the extensions pack carries on) and those of example packages;
- every CodeSystem with its codes, displays and hierarchy, and of its properties only those that a kept value
  set filters on or that say whether a code is usable;
- every ValueSet; of HL7 Terminology those that a kept StructureDefinition binds, and what they import;
- of the Questionnaires that a guide has among its examples, what a response can break: no texts.
"""

import json
import shutil
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.term_facts import code_system_facts, value_set_facts
from footbridge.validation.packages import Entry, open_package
from footbridge.validation.packages.archive import ArchivePackage
from footbridge.validation.packages.package import facts_for

Facts = dict[str, Any]

# Later ones supersede earlier ones; the last column says whether value sets are kept only where something binds them.
PACKAGES = (
    ("hl7.fhir.uv.tools.r4#1.1.2", False),
    ("hl7.fhir.r4.core#4.0.1", False),
    ("hl7.terminology.r4#7.2.0", True),
    ("hl7.fhir.uv.extensions.r4#5.3.0", False),
    ("hl7.fhir.us.core#7.0.0", False),
    ("hl7.fhir.uv.sdc#3.0.0", False),
    ("hl7.fhir.uv.subscriptions-backport.r4#1.1.0", False),
    ("hl7.fhir.us.davinci-hrex#1.2.0", False),
    ("hl7.fhir.us.sdoh-clinicalcare#2.3.0", False),
    ("hl7.fhir.us.sdoh-clinicalcare#3.0.0", False),
)
KINDS = {"StructureDefinition": "structures", "ValueSet": "valuesets", "CodeSystem": "codesystems"}
# Guides whose example Questionnaires their example responses answer.
WITH_FORMS = frozenset({"hl7.fhir.us.sdoh-clinicalcare"})
FORM_FACTS = frozenset(
    {"linkId", "type", "required", "repeats", "maxLength", "readOnly", "enableWhen", "enableBehavior", "answerValueSet"}
)
# Code systems that a package uses and only another version of it holds.
BORROWED = {"hl7.fhir.us.core#7.0.0": ("hl7.fhir.us.core#3.1.1", "CodeSystem-cdcrec.json")}
USABILITY = frozenset({"notSelectable", "status", "inactive", "parent", "child", "subsumedBy"})
# Registers of tables and of domains, that no instance is coded with.
NOT_CODED_WITH = frozenset({"CodeSystem-conceptdomains.json", "CodeSystem-v2-tables.json"})
THO = "http://terminology.hl7.org/"
ONE_LINE = 120


class Source:
    """One official package, its resources by kind, and those of them that are kept."""

    def __init__(self, path: Path, *, only_bound: bool) -> None:
        package = open_package(path)
        assert isinstance(package, ArchivePackage)
        self.package, self.only_bound = package, only_bound
        self.entries = [entry for entry in package.entries() if entry.kind in KINDS and entry.url]

    def resource(self, entry: Entry) -> Facts:
        """The whole resource of an entry."""
        return self.package.resource(entry)


def main(packages: Path, out: Path) -> None:
    """Write every package's folder anew."""
    sources = [Source(packages / f"{name}.tgz", only_bound=only_bound) for name, only_bound in PACKAGES]
    drop_superseded(sources)
    structures = [
        facts_of(source.resource(entry))
        for source in sources
        for entry in source.entries
        if entry.kind == "StructureDefinition"
    ]
    value_sets = {
        entry.url: value_set_facts(source.resource(entry))
        for source in sources
        for entry in source.entries
        if entry.kind == "ValueSet"
    }
    wanted = closure({url for facts in structures for url in bound(facts)} | guides(sources), value_sets)
    kept_properties = USABILITY | filtered(value_sets[url] for url in wanted if url in value_sets)
    for source in sources:
        write_package(source, out / str(source.package), wanted, kept_properties, dict(beside(source, packages)))


def drop_superseded(sources: list[Source]) -> None:
    """Leave out of each package the structures and the HL7 terminology that a later one carries on by the same URL."""
    seen: set[tuple[str, str, str]] = set()
    for source in reversed(sources):
        name = source.package.name
        taken = {(kind, url) for kind, url, owner in seen if owner != name}
        source.entries = [
            entry
            for entry in source.entries
            if (entry.kind, entry.url) not in taken or not (entry.about or entry.url.startswith(THO))
        ]
        seen |= {(entry.kind, entry.url, name) for entry in source.entries}


def bound(facts: Facts) -> Iterator[str]:
    """The URLs of the value sets that a definition's elements bind."""
    for element in facts.get("snapshot", facts.get("differential", ())):
        binding = element.get("binding", {})
        for row in (binding, *binding.get("additional", ())):
            if "valueSet" in row:
                yield row["valueSet"].partition("|")[0]


def guides(sources: list[Source]) -> set[str]:
    """The URLs of the value sets of packages that keep all of them."""
    return {
        entry.url for source in sources if not source.only_bound for entry in source.entries if entry.kind == "ValueSet"
    }


def closure(urls: set[str], value_sets: dict[str, Facts]) -> set[str]:
    """Those URLs and every value set that theirs import."""
    waiting, found = list(urls), set[str]()
    while waiting:
        url = waiting.pop()
        if url not in found:
            found.add(url)
            waiting.extend(
                imported.partition("|")[0]
                for row in includes(value_sets.get(url, {}))
                for imported in row.get("valueSet", ())
            )
    return found


def includes(value_set: Facts) -> Iterator[Facts]:
    """The include and exclude rows of a value set."""
    compose = value_set.get("compose", {})
    yield from (*compose.get("include", ()), *compose.get("exclude", ()))


def filtered(value_sets: Iterable[Facts]) -> set[str]:
    """The concept properties that value sets filter on."""
    return {one["property"] for facts in value_sets for row in includes(facts) for one in row.get("filter", ())}


def beside(source: Source, packages: Path) -> Iterator[tuple[str, Facts]]:
    """The facts that are not among a package's own definitions, each with the file to write them to."""
    package = source.package
    if package.name in WITH_FORMS:
        with tarfile.open(packages / f"{package}.tgz") as archive:
            for name in sorted(archive.getnames()):
                if Path(name).parent.name == "example" and Path(name).name.startswith("Questionnaire-"):
                    form = json.load(archive.extractfile(name))  # type: ignore[arg-type]
                    yield f"questionnaires/{Path(name).name.removeprefix('Questionnaire-')}", form_facts(form)
    if str(package) in BORROWED:
        owner, file = BORROWED[str(package)]
        lender = open_package(packages / f"{owner}.tgz")
        assert isinstance(lender, ArchivePackage)
        system = json.loads(lender.read(file))
        facts = usable({"url": system["url"], "version": system["version"], **code_system_facts(system, USABILITY)})
        yield f"codesystems/{file.removeprefix('CodeSystem-')}", facts


def form_facts(form: Facts) -> Facts:
    """What a response to a Questionnaire can break; answers by their codes."""
    kept = {name: form[name] for name in ("resourceType", "url", "version", "status", "subjectType") if name in form}
    return kept | {"item": [item_facts(item) for item in form.get("item", ())]}


def item_facts(item: Facts) -> Facts:
    """One item of ``form_facts``, with those in it."""
    kept = {name: value for name, value in item.items() if name in FORM_FACTS}
    if options := item.get("answerOption"):
        kept["answerOption"] = [option_facts(option) for option in options]
    if inner := item.get("item"):
        kept["item"] = [item_facts(one) for one in inner]
    return kept


def option_facts(option: Facts) -> Facts:
    """One answer of ``item_facts``: a coding without its display, or another value."""
    return {
        name: {part: value[part] for part in ("system", "code") if part in value} if name == "valueCoding" else value
        for name, value in option.items()
        if name.startswith("value")
    }


def write_package(
    source: Source, place: Path, wanted: set[str], properties: frozenset[str], more: dict[str, Facts]
) -> None:
    """Write one package's folder: its manifest, its index, a file for every definition kept."""
    shutil.rmtree(place, ignore_errors=True)
    package = source.package
    index: dict[str, list[list[str]]] = {}
    for entry in sorted(source.entries, key=lambda entry: (entry.kind, entry.url)):
        facts = kept_facts(source, entry, wanted, properties)
        if facts is None:
            continue
        file = f"{KINDS[entry.kind]}/{entry.file.removeprefix(entry.kind + '-')}"
        write(place / file, facts)
        assert all(entry.url != other[0] for other in index.get(entry.kind, [])[-1:]), entry.url
        row = [entry.url, file, entry.version, entry.about, entry.role]
        index.setdefault(entry.kind, []).append(row if entry.about else row[: 2 + (entry.version != package.version)])
    for file, facts in more.items():
        kind = facts.get("resourceType", "CodeSystem")
        write(place / file, facts)
        version = facts.get("version", package.version)
        row = [facts["url"], file, version]
        index.setdefault(kind, []).append(row[: 2 + (version != package.version)])
    manifest = json.loads(package.read("package.json"))
    names = ("name", "version", "license", "canonical", "fhirVersions", "dependencies")
    write(place / "package.json", {name: manifest[name] for name in names if name in manifest})
    write(place / "index.json", index)


def kept_facts(source: Source, entry: Entry, wanted: set[str], properties: frozenset[str]) -> Facts | None:
    """The facts to write for one resource, None for one that is left out."""
    if entry.kind == "StructureDefinition":
        return facts_for(entry, source.resource(entry))
    if entry.kind == "ValueSet":
        return without_displays(facts_for(entry, source.resource(entry))) if entry.url in wanted else None
    if entry.file in NOT_CODED_WITH:
        return None
    return usable({"url": entry.url, "version": entry.version, **code_system_facts(source.resource(entry), properties)})


def without_displays(facts: Facts) -> Facts:
    """Leave the displays to the code systems, and the expansion to the rules that made it."""
    if "compose" in facts:
        facts.pop("expansion", None)
    for row in includes(facts):
        if "concept" in row:
            row["concept"] = dict.fromkeys(row["concept"], "")
    return facts


def usable(facts: Facts) -> Facts:
    """Leave out what says only that a code is active, and texts in other words."""
    facts["concept"] = {code: usable_concept(concept) for code, concept in facts.get("concept", {}).items()}
    return {name: value for name, value in facts.items() if value != {}}


def usable_concept(concept: Facts | str) -> Facts | str:
    """One concept of ``usable``."""
    if isinstance(concept, str):
        return concept
    rows = [row for row in concept.pop("property", []) if row not in (["status", "active"], ["notSelectable", False])]
    if rows:
        concept["property"] = rows
    concept.pop("designation", None)
    if children := concept.pop("concept", None):
        concept["concept"] = {code: usable_concept(child) for code, child in children.items()}
    return str(concept["display"]) if list(concept) == ["display"] else concept


def write(path: Path, content: Facts) -> None:
    """Write JSON that a person can read: what fits on a line stands on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(spell(content, 0) + "\n", encoding="utf-8")


def spell(value: object, indent: int) -> str:
    """One JSON value, on one line where that is short or it is deep."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(line) + indent <= ONE_LINE or indent >= 2:
        return line
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(name)}: {spell(part, indent + 1)}" for name, part in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + spell(part, indent + 1) for part in value) + "\n" + " " * indent + "]"


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parents[1] / "profiles"
    )
