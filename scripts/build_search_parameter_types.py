"""Writes profiles/search-parameter-types.json: the type of each search parameter that R4 defines.

Usage: python scripts/build_search_parameter_types.py FOLDER, where FOLDER holds hl7.fhir.r4.core#4.0.1.tgz (CC0).
"""

import json
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

CORE = "hl7.fhir.r4.core#4.0.1"
BASE = "http://hl7.org/fhir/SearchParameter/"
OUT = Path(__file__).resolve().parents[1] / "profiles" / "search-parameter-types.json"


def main(folder: Path) -> None:
    """Read every SearchParameter of the package; names by type, without what their URLs have in common."""
    names: dict[str, list[str]] = defaultdict(list)
    with tarfile.open(folder / f"{CORE}.tgz") as archive:
        for member in archive:
            held = archive.extractfile(member) if Path(member.name).name.startswith("SearchParameter-") else None
            if held is not None:
                parameter = json.loads(held.read())
                if parameter["url"].startswith(BASE):
                    names[parameter["type"]].append(parameter["url"].removeprefix(BASE))
    rows = [f"  {json.dumps(kind)}: {json.dumps(sorted(found))}" for kind, found in sorted(names.items())]
    source = f"{CORE}; written by scripts/build_search_parameter_types.py"
    head = f'{{\n "source": "{source}",\n "base": "{BASE}",\n "types": {{\n'
    OUT.write_text(head + ",\n".join(rows) + "\n }\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
