"""Writes profiles/search-parameters.json from the official packages: what each resource type can be searched by.

Usage: python scripts/build_search_parameters.py FOLDER, where FOLDER holds the packages as NAME#VERSION.tgz.

WANTED names the parameters; type, element paths, targets and code system come from the SearchParameter and
StructureDefinition resources of hl7.fhir.r4.core#4.0.1 (CC0) and hl7.fhir.us.sdoh-clinicalcare#3.0.0.
"""

import json
import re
import sys
import tarfile
from collections import Counter, defaultdict
from pathlib import Path

CORE = "hl7.fhir.r4.core#4.0.1"
ANY = 100  # a parameter with so many target types takes any
GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"

# What the CapabilityStatements of SDOHCC ask for, what the exchange itself needs, and what directories are read by.
WANTED = {
    "AuditEvent": "patient date entity",
    "CarePlan": "identifier patient subject status category",
    "CareTeam": "identifier patient subject status",
    "Communication": "identifier patient subject status based-on sent",
    "Condition": "identifier patient subject category clinical-status verification-status code",
    "Consent": "identifier patient status source-reference",
    "Device": "identifier patient",
    "DocumentReference": "identifier patient subject status type category related",
    "Endpoint": "identifier status organization",
    "Goal": "identifier patient subject category lifecycle-status achievement-status target-date",
    "Group": "identifier member managing-entity characteristic value code characteristic-value",
    "HealthcareService": "identifier active name organization location service-category service-type program "
    "characteristic",
    "Location": "identifier status name type organization near address-city address-postalcode address-state",
    "Observation": "identifier patient subject category code status date derived-from focus value-concept "
    "code-value-concept",
    "Organization": "identifier active name type partof",
    "Patient": "identifier name family given birthdate gender",
    "Practitioner": "identifier name family given",
    "PractitionerRole": "identifier practitioner organization role service location",
    "Procedure": "identifier patient subject status code category based-on part-of performer date",
    "Provenance": "target recorded",
    "Questionnaire": "identifier url version status code publisher title date subject-type context "
    "context-type context-type-value",
    "QuestionnaireResponse": "identifier patient subject status author authored questionnaire based-on",
    "RelatedPerson": "identifier patient",
    "ServiceRequest": "identifier patient subject status intent code category priority requester performer based-on "
    "requisition occurrence authored supporting-info",
    "Subscription": "status criteria url",
    "Task": "identifier patient subject status business-status intent code priority owner requester focus based-on "
    "part-of group-identifier authored-on modified output",
}

COMMON = "_profile _tag _security"
"""Of every type."""


def read(package: str, prefix: str) -> list[dict]:
    """Every resource of a package whose file name starts so."""
    place = Path(sys.argv[1]) / f"{package}.tgz"
    with tarfile.open(place) as archive:
        names = sorted(name for name in archive.getnames() if Path(name).name.startswith(prefix))
        return [json.loads(archive.extractfile(name).read()) for name in names]


def paths(expression: str, kind: str) -> tuple[list[str], list[str]]:
    """The simple element paths of one type in a SearchParameter's expression, and the targets that it narrows to."""
    found, targets = [], []
    for part in expression.split("|"):
        text = re.sub(r"^\((.*)\)$", r"\1", part.strip())
        if not text.startswith(f"{kind}."):
            continue
        narrowed = re.fullmatch(r"(.+?)\.where\(resolve\(\) is (\w+)\)", text)
        if narrowed:
            text, target = narrowed.groups()
            targets.append(target)
        typed = re.fullmatch(r"(.+?)(?: as |\.as\(|\.ofType\()(\w+)\)?", text)
        if typed:
            text = typed[1] + typed[2][0].upper() + typed[2][1:]
        if not re.fullmatch(r"[\w.]+", text):
            raise ValueError(f"{expression} has no simple path for {kind}")
        found.append(text.removeprefix(f"{kind}."))
    return found, targets


def elements(definitions: list[dict]) -> dict[str, dict]:
    """Every element by its path."""
    return {element["path"]: element for one in definitions for element in one["snapshot"]["element"]}


def choices(path: str, kind: str, known: dict[str, dict]) -> list[str]:
    """The paths that a polymorphic element is written as: occurrence -> occurrenceDateTime, occurrencePeriod, ..."""
    element = known.get(f"{kind}.{path}[x]")
    if element is None:
        return [path]
    return [path + item["code"][0].upper() + item["code"][1:] for item in element["type"]]


def composite(parameter: dict, kind: str, known: dict[str, dict]) -> dict:
    """A parameter of parts: where their common element is, and below it the paths of each part."""
    root = parameter["expression"].removeprefix(kind).strip(".")
    parts = []
    for component in parameter["component"]:
        found = []
        for one in component["expression"].split("|"):
            typed = re.fullmatch(r"(.+?)\.as\((\w+)\)", one.strip())
            if typed:
                found.append(typed[1] + typed[2][0].upper() + typed[2][1:])
            else:
                found += choices(one.strip(), f"{kind}.{root}".strip("."), known)
        parts.append(found)
    return {"type": "composite", "paths": [root], "parts": parts, "definition": parameter["url"]}


def entry(parameter: dict, kind: str, known: dict[str, dict], systems: dict[str, str]) -> dict:
    """What the store needs to know of one parameter of one type."""
    if parameter["type"] == "composite":
        return composite(parameter, kind, known)
    found, targets = paths(parameter["expression"], kind)
    spread = [choice for path in found for choice in choices(path, kind, known)]
    result = {"type": parameter["type"], "paths": spread, "definition": parameter["url"]}
    if parameter["type"] == "reference":
        allowed = sorted(set(targets or parameter.get("target", [])))
        result["targets"] = allowed if len(allowed) < ANY else []  # empty: any type
    element = known.get(f"{kind}.{found[0]}", {})
    if [item["code"] for item in element.get("type", [])] == ["code"]:
        result["system"] = systems.get(element["binding"]["valueSet"].partition("|")[0], "")
    return result


def code_systems(package: str) -> dict[str, str]:
    """The single code system that a value set is made of."""
    found = {}
    for one in read(package, "ValueSet-"):
        systems = {item.get("system") for item in one.get("compose", {}).get("include", [])}
        if len(systems) == 1:
            found[one["url"]] = systems.pop()
    return found


def links(known: dict[str, dict]) -> list[str]:
    """Names of elements whose values a transaction rewrites: of type uri, url, oid or uuid in most of their places.

    Most, because a name such as ``url`` is a canonical here and there; only a value that equals the fullUrl of an
    entry is ever rewritten, and no canonical does.
    """
    kinds = defaultdict(Counter)
    for path, element in known.items():
        for item in element.get("type", []):
            name = path.rpartition(".")[2]
            code = item["code"].rpartition("/")[2]
            if code != "System.String":  # Extension.url and element ids
                kinds[name.replace("[x]", code[0].upper() + code[1:])][code in {"uri", "url", "oid", "uuid"}] += 1
    return sorted(name for name, used in kinds.items() if used[True] > used[False])


def summaries(known: dict[str, dict], types: list[str]) -> dict[str, dict[str, list[str]]]:
    """The members of each type that a summary has, and those that a resource may not be without."""
    found: dict[str, dict[str, list[str]]] = {}
    for path, element in known.items():
        kind, _, name = path.partition(".")
        if kind in types and name and "." not in name:
            row = found.setdefault(kind, {"summary": [], "required": []})
            stem = name.removesuffix("[x]")
            if element.get("isSummary"):
                row["summary"].append(stem)
            if element["min"]:
                row["required"].append(stem)
    return {kind: found[kind] for kind in sorted(found)}


def main() -> None:
    """Write the file."""
    definitions = [one for one in read(CORE, "StructureDefinition-") if one.get("derivation") != "constraint"]
    known = elements([one for one in definitions if "snapshot" in one])
    concrete = [one["name"] for one in definitions if one["kind"] == "resource" and not one["abstract"]]
    by_key = {
        (base, one["code"]): one
        for package in (CORE, GUIDE)
        for one in read(package, "SearchParameter-")
        for base in one.get("base", [])
        if not one["id"].startswith("example")
    }
    systems = code_systems(CORE)
    common = {
        name: {
            "type": by_key["Resource", name]["type"],
            "paths": [by_key["Resource", name]["expression"].removeprefix("Resource.")],
            "definition": by_key["Resource", name]["url"],
        }
        for name in COMMON.split()
    }
    resources = {
        kind: {name: entry(by_key[kind, name], kind, known, systems) for name in WANTED.get(kind, "").split()}
        for kind in sorted(concrete)
    }
    result = {
        "source": f"{CORE}, {GUIDE}; written by scripts/build_search_parameters.py",
        "licence": "CC0-1.0",
        "links": links(known),
        "common": common,
        "summaries": summaries(known, concrete),
        "resources": resources,
    }
    place = Path(__file__).parents[1] / "profiles" / "search-parameters.json"
    text = json.dumps(result, indent=1)
    text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]", text)
    place.write_text(text + "\n")


if __name__ == "__main__":
    main()
