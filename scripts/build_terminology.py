"""Builds the tables of terminology/ from reference facts and the official packages, and checks every code.

    python scripts/build_terminology.py FOLDER [--out terminology]

FOLDER holds reference/facts/gravity_*.json, reference/facts/taxonomy_to_gravity.json and fhir-packages/*.tgz.
What people decide is in terminology/authored/, defaults.json, retired.json, systems.json and maps/: the build
reads it, and writes categories.json, gravity/, packs/, codesystems/ (not own/) and maps/211-gravity.json.
It writes nothing and exits with 1 when a code is bad.
"""

import argparse
import json
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from footbridge.terminology import loinc, sctid

Table = dict[str, Any]
SNOMED = "http://snomed.info/sct"
SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
AUTHORITIES = ("vsac-member", "ig-example", "reference-client", "inferred")
ROLES = {"serviceRequest": "service-request", "observationQuestion": "observation-question"}
ROLES |= {"observationAnswer": "observation-answer"}
# The reference implementation of 2023 kept these two categories as one.
JOINED = {"housing-instability-homelessness": ("housing-instability", "homelessness")}
GENERAL_SET = "2.16.840.1.113762.1.4.1247.5"


class Build:
    """One run: the inputs, the outputs by path, and the faults found."""

    def __init__(self, data: Path, tables: Path) -> None:
        self.data = data
        self.tables = tables
        self.faults: list[str] = []
        self.out: dict[str, str] = {}
        self.systems: dict[str, Table] = {}
        self.spelling: dict[str, str] = {}
        for system in self.table("systems.json")["systems"]:
            self.systems[system["uri"]] = system
            self.spelling |= {alias["uri"]: system["uri"] for alias in system.get("aliases", [])}
        self.sources = self.table("authored/sources.json")["sources"]
        retired = {(row["system"], row["code"]): row for row in self.table("retired.json")["codes"]}
        self.refused = set(retired)
        self.misprints = {key: row["replacedBy"][0] for key, row in retired.items() if row["why"] == "misprint"}
        self.editions = {n["namespace"]: n for n in self.systems[SNOMED]["namespaces"]}

    def table(self, path: str) -> Any:  # noqa: ANN401 - JSON is any value
        """One table of terminology/."""
        return json.loads((self.tables / path).read_bytes())

    def facts(self, name: str) -> Any:  # noqa: ANN401 - JSON is any value
        """One file of the reference facts."""
        return json.loads((self.data / "reference" / "facts" / name).read_bytes())

    def source_id(self, text: str) -> str:
        """The short id of a source that the facts spell out."""
        for source in self.sources:
            if text.startswith(source["match"]):
                return str(source["id"])
        self.faults.append(f"authored/sources.json lacks a source that starts like {text[:60]!r}")
        return "unknown"

    def check(self, system: str, code: str, where: str) -> None:
        """Note a fault for a code that does not have the form or the check digit of its system."""
        rules = self.systems.get(system)
        if rules is None:
            self.faults.append(f"{where}: unknown code system {system}")
        elif not re.fullmatch(rules["form"], code):
            self.faults.append(f"{where}: {code} has not the form of {rules['name']}")
        elif rules.get("check") == "loinc" and not loinc.is_loinc(code):
            self.faults.append(f"{where}: {code} fails the check digit of LOINC")
        elif rules.get("check") == "snomed":
            found = sctid.parse(code)
            if found is None or not found.is_concept:
                self.faults.append(f"{where}: {code} is no sound SNOMED CT concept id")
            elif found.namespace not in self.editions:
                self.faults.append(f"{where}: {code} is of an edition that systems.json does not name")

    def edition(self, system: str, code: str) -> str | None:
        """The edition that a SNOMED CT id is from; None for other systems."""
        found = sctid.parse(code) if system == SNOMED else None
        if found is None or found.namespace not in self.editions:
            return None
        return str(self.editions[found.namespace]["edition"])


def package(data: Path, name: str) -> Iterator[Table]:
    """The CodeSystems of one official package."""
    with tarfile.open(data / "fhir-packages" / f"{name}.tgz") as tar:
        for member in tar:
            if member.isfile() and re.fullmatch(r"package/CodeSystem-[^/]*\.json", member.name):
                content = tar.extractfile(member)
                if content is not None:
                    yield json.load(content)


def concepts(resource: Table) -> Iterator[Table]:
    """Every concept of a CodeSystem, at any depth."""
    waiting = list(resource.get("concept", []))
    while waiting:
        concept = waiting.pop(0)
        yield concept
        waiting = concept.get("concept", []) + waiting


def external_code_systems(build: Build) -> None:
    """Copy the selected codes of other code systems: code, display, version."""
    selected = build.table("authored/external-selection.json")["systems"]
    for name in sorted({entry["package"] for entry in selected}):
        wanted = {entry["url"]: entry for entry in selected if entry["package"] == name}
        for resource in package(build.data, name):
            entry = wanted.pop(resource.get("url", ""), None)
            if entry is None:
                continue
            known = {concept["code"]: concept.get("display") for concept in concepts(resource)}
            missing = [code for code in entry["codes"] if code not in known]
            build.faults += [f"{name}: {entry['url']} has no code {code}" for code in missing]
            rows = [{"code": code, "display": known.get(code)} for code in entry["codes"]]
            write_code_system(build, entry["file"], resource, rows, "fragment")
        build.faults += [f"{name} lacks {url}" for url in wanted]


def write_code_system(build: Build, file: str, resource: Table, rows: list[Table], content: str) -> None:
    """Put one CodeSystem of another publisher among the outputs."""
    head = {
        "resourceType": "CodeSystem",
        "url": resource["url"],
        "version": resource.get("version"),
        "name": resource.get("name"),
        "status": "active",
        "description": "Codes and displays as facts, from the published package; licence: CC0 1.0 (HL7).",
        "content": content,
    }
    build.out[f"codesystems/{file}.json"] = dump(head, "concept", rows)


def sdohcc_codes(build: Build) -> dict[str, Table]:
    """The temporary codes of the guide, with the version that first has each."""
    versions: dict[str, dict[str, Table]] = {}
    resource: Table = {}
    for version in ("2.3.0", "3.0.0"):
        resource = next(
            r for r in package(build.data, f"hl7.fhir.us.sdoh-clinicalcare#{version}") if r["url"] == SDOHCC
        )
        versions[version] = {concept["code"]: concept for concept in concepts(resource)}
    old, new = versions["2.3.0"], versions["3.0.0"]
    build.faults += [f"SDOHCC 3.0.0 dropped {code}" for code in old.keys() - new.keys()]
    rows = []
    for code, concept in new.items():
        row: Table = {"code": code, "display": concept["display"]}
        row["property"] = [{"code": "since", "valueString": "2.3.0" if code in old else "3.0.0"}]
        if code in old and old[code]["display"] != concept["display"]:
            row["property"].append({"code": "display-2.3.0", "valueString": old[code]["display"]})
        rows.append(row)
    write_code_system(build, "sdohcc-temporary-codes", resource, rows, "complete")
    return {row["code"]: row for row in rows}


def categories(build: Build, codes: dict[str, Table]) -> list[str]:
    """The SDOH categories with their value sets by role and our own words; returns their codes."""
    texts = build.table("authored/category-texts.json")["texts"]
    rows = []
    for fact in build.facts("gravity_categories.json")["categories"]:
        code = fact["code"]
        sets = {}
        for role, found in fact["valueSets"].items():
            if found.get("canonical"):
                keep = {key: found[key] for key in ("canonical", "oid", "strength") if found.get(key)}
                sets[ROLES.get(role, role)] = keep
        facts = {p["code"]: p["valueString"] for p in codes[code]["property"]}
        row = {"code": code, "since": facts["since"], "display": codes[code]["display"], "text": texts.pop(code)}
        if "display-2.3.0" in facts:
            row["displayIn2.3.0"] = facts["display-2.3.0"]
        rows.append(row | {"valueSets": sets})
    build.faults += [f"authored/category-texts.json: {code} is no category" for code in texts]
    head = {
        "about": "SDOH categories of the SDOH Clinical Care guide 3.0.0. Leave the display out of a coding: the "
        "two versions differ, and a validator compares it. Value sets by role; VSAC content is not here.",
        "system": SDOHCC,
    }
    build.out["categories.json"] = dump(head, "categories", rows)
    return [row["code"] for row in rows]


def merged_rows(build: Build) -> list[Table]:
    """One row per system, code, category and role, from the facts and the general intervention set."""
    merged: dict[tuple[str, str, str, str], Table] = {}
    extra = build.table("authored/extra-terms.json")
    displays = {(term["system"], term["code"]): term["display"] for term in extra["terms"]}
    for fact in [*build.facts("gravity_codes.json")["rows"], *general_rows(build), *extra["rows"]]:
        system = build.spelling.get(fact["system"], fact["system"])
        code = build.misprints.get((system, fact["code"]), fact["code"])
        if not build.systems[system]["shipped"] or (system, code) in build.refused:
            continue
        display = fact.get("display")
        if display and len(display) > len(displays.get((system, code), "")):
            displays[system, code] = display
        for category in JOINED.get(fact["category"], (fact["category"],)):
            key = (system, code, category or "", fact["role"])
            row = merged.setdefault(
                key, {"system": system, "code": code, "category": category, "role": fact["role"], "display": None}
            )
            best = min(row.get("authority", "inferred"), fact["authority"], key=AUTHORITIES.index)
            row |= {"edition": build.edition(system, code), "authority": best}
            row["sources"] = sorted({*row.get("sources", ()), *map(build.source_id, fact["sources"])})
            row["valueSets"] = sorted({*row.get("valueSets", ()), *fact["valueSets"]})
            row["licence"] = build.systems[system]["licence"]
    for (system, code, _, _), row in merged.items():
        build.check(system, code, f"{row['category']}, {row['role']}")
        row["display"] = displays.get((system, code))
    return [row for _, row in sorted(merged.items())]


def general_rows(build: Build) -> Iterator[Table]:
    """The general interventions: proven for food, inferred for every category, so their category is null."""
    versions = build.facts("gravity_vsac_members.json")[GENERAL_SET]
    for code in versions[max(versions)]["codes"][SNOMED]:
        for role in ("service-request", "procedure"):
            row = {"system": SNOMED, "code": code, "category": None, "role": role, "authority": "inferred"}
            yield row | {"sources": ["footbridge"], "valueSets": [GENERAL_SET]}


def code_tables(build: Build, known: list[str]) -> list[Table]:
    """Write the rows: a file per category, and extension ids in a pack of their own, without displays."""
    shipped, pack = [], []
    for row in merged_rows(build):
        found = sctid.parse(row["code"]) if row["system"] == SNOMED else None
        if found is None or found.is_international:
            shipped.append({key: value for key, value in row.items() if value is not None or key == "category"})
        elif "us" in build.editions.get(found.namespace, {}).get("jurisdictions", []) or row["valueSets"]:
            pack.append({k: v for k, v in row.items() if k != "display"})
    for category in [*known, None]:
        rows = [row for row in shipped if row["category"] == category]
        head: Table = {"about": "Codes by role; see SOURCES.md for what the columns mean.", "category": category}
        build.out[f"gravity/{category or 'general'}.json"] = dump(head, "rows", rows)
    head = {
        "about": "SNOMED CT ids of the US Edition that are not International: ids only, no terms. Using them "
        "needs a UMLS licence.",
        "jurisdictions": ["us"],
    }
    build.out["packs/snomed-us-extension.json"] = dump(head, "rows", pack)
    strange = {row["category"] for row in [*shipped, *pack]} - {*known, None}
    build.faults += [f"a row names the unknown category {name}" for name in strange]
    return [*shipped, *pack]


def crosswalk(build: Build, known: list[str]) -> None:
    """The 211 codes with the categories that we propose: codes only."""
    facts = build.facts("taxonomy_to_gravity.json")
    found: dict[str, dict[str, Table]] = {}
    for category, entry in facts["categories"].items():
        if category not in known:
            build.faults.append(f"crosswalk: unknown category {category}")
        for code in entry["prefixes"]:
            found.setdefault(code, {})[category] = {"category": category, "primary": False}
        for term in entry["terms"]:
            found.setdefault(term["code"], {})[category] = {"category": category, "primary": term["primary"]}
    rows = []
    for code, targets in sorted(found.items()):
        build.check("http://211hsis.org", code, "crosswalk")
        rows.append({"code": code, "targets": [targets[name] for name in sorted(targets)]})
    head = {
        "about": "PROPOSAL of this project: nobody has published a crosswalk from the 211 taxonomy to the SDOH "
        "categories. Codes met in public 211 data, no names, no definitions. A code serves itself and all below "
        "it; the longest one that fits decides. Codes under Y are populations, never a service.",
        "status": "draft",
        "source": "http://211hsis.org",
        "target": SDOHCC,
        "equivalence": "relatedto",
    }
    build.out["maps/211-gravity.json"] = dump(head, "map", rows)


def check_authored(build: Build, known: list[str], rows: list[Table]) -> None:
    """Check what people decided: defaults are known codes in their role, and every code is sound."""
    roles = {(row["system"], row["code"], row["role"], row["category"]) for row in rows}
    defaults = build.table("defaults.json")
    build.faults += [f"defaults.json: {code} is no category" for code in defaults["categories"].keys() ^ set(known)]
    for category, by_role in [*defaults["categories"].items(), ("any", defaults["fallback"])]:
        for role, tree in by_role.items():
            for jurisdiction, entry in leaves(tree):
                where = f"defaults.json, {category}, {role}, {jurisdiction}"
                check_default(build, where, entry, jurisdiction)
                if entry["code"] and not any(
                    (entry["system"], entry["code"], role, name) in roles for name in {*known, None}
                ):
                    build.faults.append(f"{where}: {entry['code']} is in no table under this role")
    for row in build.table("retired.json")["codes"]:
        for code in row["replacedBy"]:
            build.check(row["system"], code, "retired.json")


def check_default(build: Build, where: str, entry: Table, jurisdiction: str) -> None:
    """One default: a reason, a sound code, and one that the jurisdiction may use."""
    if not entry.get("reason"):
        build.faults.append(f"{where}: no reason")
    if entry["code"] is None:
        return
    build.check(entry["system"], entry["code"], where)
    found = sctid.parse(entry["code"]) if entry["system"] == SNOMED else None
    if jurisdiction != "us" and not (found and found.is_international):
        build.faults.append(f"{where}: {entry['code']} is not International")


def leaves(tree: Table) -> Iterator[tuple[str, Table]]:
    """The (jurisdiction, entry) pairs of one role, below its kinds if it has any."""
    for key, value in tree.items():
        if "reason" in value:
            yield key, value
        else:
            yield from leaves(value)


def dump(head: Table, name: str, rows: list[Table]) -> str:
    """JSON that a person can read: the head, then one row a line."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    body = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return "{\n" + "\n".join(lines) + f'\n  "{name}": [\n{body}\n  ]\n}}\n'


def run(data: Path, tables: Path) -> Build:
    """Build everything in memory; the faults say what is wrong."""
    build = Build(data, tables)
    external_code_systems(build)
    known = categories(build, sdohcc_codes(build))
    rows = code_tables(build, known)
    crosswalk(build, known)
    check_authored(build, known, rows)
    return build


def main() -> int:
    """Read the arguments, build, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with reference/facts and fhir-packages")
    parser.add_argument("--out", type=Path, default=Path("terminology"), help="folder with the tables")
    arguments = parser.parse_args()
    build = run(arguments.data, arguments.out)
    for fault in build.faults:
        print(fault, file=sys.stderr)
    if build.faults:
        return 1
    for path, text in build.out.items():
        target = arguments.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    print(f"{len(build.out)} tables written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
