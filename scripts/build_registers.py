"""Take the codes of countries and currencies out of the ISO registers: ``profiles/registers.json``.

Usage: python scripts/build_registers.py FOLDER [OUT_FILE]

FOLDER has ``iso_3166-1.json`` and ``iso_4217.json`` as the project iso-codes
(https://salsa.debian.org/iso-codes-team/iso-codes) gives them out; Debian's package puts them into
``/usr/share/iso-codes/json``. Stored are the codes alone: they are facts, the names are not taken over.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[1] / "profiles" / "registers.json"
SOURCE = "ISO 3166-1 (two letters, three letters, digits), ISO 4217: codes alone"


def registers(folder: Path) -> dict[str, Any]:
    """The content of the file."""
    forms = ("alpha_2", "alpha_3", "numeric")
    return {
        "source": SOURCE,
        "countries": sorted(row[form] for row in rows(folder, "3166-1") for form in forms),
        "currencies": sorted(row["alpha_3"] for row in rows(folder, "4217")),
    }


def rows(folder: Path, part: str) -> Iterator[dict[str, str]]:
    """The rows of one register."""
    yield from json.loads((folder / f"iso_{part}.json").read_text(encoding="utf-8"))[part]


def written(content: dict[str, Any]) -> str:
    """JSON with a line for each member."""
    lines = (f" {json.dumps(name)}: {json.dumps(value)}" for name, value in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else OUT
    target.write_text(written(registers(Path(sys.argv[1]))), encoding="utf-8")
