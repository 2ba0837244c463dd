"""Makes mappings/directory/taxonomy-gravity.json, a FHIR ConceptMap, from a crosswalk of 211 codes to SDOH categories.

Run ``python scripts/build_directory_crosswalk.py FACTS.json LABELS.csv`` (columns code, en, fr) to make it; since then
the ConceptMap is the original, and people edit it. Only codes come from the facts, never a name: the labels are ours.
https://hl7.org/fhir/R4/conceptmap.html
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "mappings" / "directory" / "taxonomy-gravity.json"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
HEAD = {
    "resourceType": "ConceptMap",
    "id": "taxonomy-gravity",
    "url": "urn:footbridge:ConceptMap/taxonomy-gravity",
    "version": "1.0.0",
    "name": "TaxonomyGravity",
    "title": "211 taxonomy to SDOH categories",
    "status": "draft",
    "experimental": False,
    "date": "2026-11-29",
    "description": "PROPOSAL of this project: nobody has published a crosswalk from the 211 taxonomy to the SDOH "
    "categories. A row holds for its code and for all codes below it; the longest code that fits decides, with all of "
    "its targets. Comment `primary`: a plain case of the category. A target without a code (`unmatched`): the code is "
    "known and serves no category of its own. Rows under Y name populations: no service gets a category by them.",
    "copyright": "Codes as met in public data of 211s, without their names and definitions, which are 211 LA's. The "
    "labels and the assignments are ours: Apache-2.0.",
}


def label(texts: dict[str, str]) -> dict[str, Any]:
    """A display in English, with its French translation."""
    parts = [{"url": "lang", "valueCode": "fr"}, {"url": "content", "valueString": texts["fr"]}]
    return {"display": texts["en"], "_display": {"extension": [{"url": TRANSLATION, "extension": parts}]}}


def rows(facts: dict[str, Any]) -> dict[str, dict[str, bool]]:
    """Code -> category -> whether it is a plain case; a code that serves every need has no category."""
    found: dict[str, dict[str, bool]] = {}
    for category, entry in facts["categories"].items():
        for code in entry["prefixes"]:
            found.setdefault(code, {}).setdefault(category, False)
        for term in entry["terms"]:
            found.setdefault(term["code"], {})[category] = term["primary"]
    for term in facts["cross_cutting"]:
        found.setdefault(term["code"], {})
    return found


def element(code: str, categories: dict[str, bool], texts: dict[str, str], names: dict[str, Any]) -> dict[str, Any]:
    """One row of the ConceptMap."""
    targets: list[dict[str, Any]] = [
        {"code": name, "display": names[name]["text"]["en"], "equivalence": "relatedto"}
        | ({"comment": "primary"} if primary else {})
        for name, primary in sorted(categories.items(), key=lambda item: (not item[1], item[0]))
    ]
    nothing = [{"equivalence": "unmatched", "comment": "Serves every need, or leads to other services."}]
    return {"code": code, **label(texts), "target": targets or nothing}


def main() -> None:
    """Write the file."""
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Path(sys.argv[2]).open(encoding="utf-8", newline="") as stream:
        labels = {row["code"]: row for row in csv.DictReader(stream)}
    known = json.loads((ROOT / "terminology" / "categories.json").read_text(encoding="utf-8"))
    names = {row["code"]: row for row in known["categories"]}
    found = rows(facts)
    if unlabelled := sorted(found.keys() - labels.keys()):
        sys.exit(f"These codes have no label: {', '.join(unlabelled)}")
    elements = [element(code, found[code], labels[code], names) for code in sorted(found)]
    group = {"source": "http://211hsis.org", "target": known["system"]}
    lines = ",\n".join("        " + json.dumps(row, ensure_ascii=False) for row in elements)
    head = json.dumps(HEAD, ensure_ascii=False, indent=2)[:-2]
    start = ",\n".join(f"      {json.dumps(name)}: {json.dumps(value)}" for name, value in group.items())
    RESULT.write_text(
        f'{head},\n  "group": [\n    {{\n{start},\n      "element": [\n{lines}\n      ]\n    }}\n  ]\n}}\n',
        encoding="utf-8",
    )
    print(f"{RESULT}: {len(elements)} codes")


if __name__ == "__main__":
    main()
