"""Writes profiles/r4-invariants.json: the invariants of R4's own types and resources, by key.

Usage: python scripts/build_invariants.py FOLDER, where FOLDER holds hl7.fhir.r4.core#4.0.1.tgz (CC0).
"""

import json
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

CORE = "hl7.fhir.r4.core#4.0.1"
OUT = Path(__file__).resolve().parents[1] / "profiles" / "r4-invariants.json"


def main(folder: Path) -> None:
    """Read every type of the package; a key may have several expressions, as some differ from type to type."""
    found: dict[str, set[str]] = defaultdict(set)
    with tarfile.open(folder / f"{CORE}.tgz") as archive:
        for member in archive:
            held = archive.extractfile(member) if Path(member.name).name.startswith("StructureDefinition-") else None
            definition = json.loads(held.read()) if held is not None else {}
            if definition.get("derivation") == "specialization" or definition.get("kind") == "complex-type":
                for element in definition.get("snapshot", {}).get("element", ()):
                    for one in element.get("constraint", ()):
                        if definition.get("type") != "Extension" or definition["id"] == "Extension":
                            found[one["key"]].add(one.get("expression", ""))
    rows = [f"  {json.dumps(key)}: {json.dumps(sorted(rows))}" for key, rows in sorted(found.items())]
    head = f'{{\n "source": "{CORE}; written by scripts/build_invariants.py",\n "expressions": {{\n'
    OUT.write_text(head + ",\n".join(rows) + "\n }\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
