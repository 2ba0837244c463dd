"""Extract the R4 type facts that the FHIRPath compiler needs: ``profiles/r4-types.json``.

Usage: python scripts/build_fhirpath_types.py hl7.fhir.r4.core#4.0.1.tgz

Reads the StructureDefinitions of the official core package and keeps, for every type and every nested
element with children of its own (``Task.input``), its base type, its kind and the elements that it adds:
the type's name, a ``*`` when it repeats, choices joined by ``|``, ``open`` for the open list of choices.
No prose is taken over. The package is in the public domain (CC0).
"""

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

SYSTEM = "http://hl7.org/fhirpath/System."
KINDS = {"resource": "resource", "complex-type": "complex", "primitive-type": "primitive"}
OPEN_LIST_FROM = "Extension.value[x]"

Definition = dict[str, Any]


def definitions(package: Path) -> dict[str, Definition]:
    """The StructureDefinitions of types (not profiles, not logical models), by type name."""
    found: dict[str, Definition] = {}
    with tarfile.open(package) as archive:
        for member in archive:
            if not member.name.startswith("package/StructureDefinition-"):
                continue
            stream = archive.extractfile(member)
            content = json.load(stream) if stream else {}
            if content.get("derivation") != "constraint" and content.get("kind") in KINDS:
                found[content["type"]] = content
    return found


def type_names(element: Definition) -> list[str]:
    """The element's types; ``id`` and ``url``, which R4 gives as System.String, as their FHIR types."""
    names = []
    for kind in element.get("type", []):
        code = kind["code"]
        if code.startswith(SYSTEM):
            resource_id = element["base"]["path"] == "Resource.id"
            code = "id" if resource_id else {"Extension.url": "uri"}.get(element["path"], "string")
        names.append(code)
    return names


def spell(element: Definition, nested: set[str], open_list: list[str]) -> str:
    """One element's types as the file writes them."""
    path = element["path"]
    if path in nested:
        text = path
    elif "contentReference" in element:
        text = element["contentReference"].removeprefix("#")
    else:
        names = type_names(element)
        text = "open" if names == open_list else "|".join(names)
    return text + ("*" if element["max"] not in {"0", "1"} else "")


def facts(name: str, definition: Definition, open_list: list[str]) -> dict[str, Definition]:
    """The entries of one definition: its type, and one for each element that holds elements."""
    rows = definition["snapshot"]["element"]
    nested = {row["path"].rpartition(".")[0] for row in rows} - {"", name}
    base = definition.get("baseDefinition", "").rpartition("/")[2]
    entries: dict[str, Definition] = {name: {"base": base, "kind": KINDS[definition["kind"]], "elements": {}}}
    for row in rows[1:]:
        parent, _, element = row["path"].rpartition(".")
        if row["path"] in nested:
            kind = type_names(row)[0]
            entries[row["path"]] = {"base": kind, "kind": "nested", "elements": {}}
        own = row["base"]["path"].rpartition(".")[0] == parent
        if own and not (definition["kind"] == "primitive-type" and element == "value"):
            entries[parent]["elements"][element] = spell(row, nested, open_list)
    return entries


def main() -> None:
    """Write ``profiles/r4-types.json`` with one line for each type."""
    package = Path(sys.argv[1])
    found = definitions(package)
    rows = found["Extension"]["snapshot"]["element"]
    open_list = next(type_names(row) for row in rows if row["path"] == OPEN_LIST_FROM)
    types: dict[str, Definition] = {}
    for name in sorted(found):
        types.update(facts(name, found[name], open_list))
    head = {"source": "hl7.fhir.r4.core#4.0.1", "licence": "CC0-1.0", "open": "|".join(open_list)}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in types.items())
    text = json.dumps(head, indent=0)[:-2] + ',\n"types": {\n' + lines + "\n}\n}\n"
    json.loads(text)
    target = Path(__file__).resolve().parents[1] / "profiles" / "r4-types.json"
    target.write_text(text, encoding="utf-8")
    print(f"{len(types)} types, {len(text):,} bytes")


if __name__ == "__main__":
    main()
