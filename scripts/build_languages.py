"""Take the subtags out of IANA's register of languages: ``terminology/language-subtags.json``.

Usage: python scripts/build_languages.py FOLDER [OUT_FILE]

FOLDER has ``registry.json`` and ``meta.json`` as the npm package language-subtag-registry (CC0-1.0) gives them out: the
register itself (https://www.iana.org/assignments/language-subtag-registry) as JSON. Stored are the subtags, and what
IANA prefers to those that are deprecated; the names are not taken over.
"""

import json
import string
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[1] / "terminology" / "language-subtags.json"
SOURCE = "IANA Language Subtag Registry, https://www.iana.org/assignments/language-subtag-registry"
LICENCE = "CC0-1.0 (npm: language-subtag-registry 0.4.2); the subtags are facts"
KINDS = {
    "languages": "language",
    "extended": "extlang",
    "scripts": "script",
    "regions": "region",
    "variants": "variant",
    "tags": "grandfathered",
}
Row = dict[str, Any]


def register(folder: Path) -> dict[str, Any]:
    """The content of the file."""
    rows: list[Row] = json.loads((folder / "registry.json").read_text(encoding="utf-8"))
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {"source": SOURCE, "licence": LICENCE, "fileDate": meta["File-Date"]}
    for name, kind in KINDS.items():
        found[name] = sorted({one for row in rows if row["Type"] == kind for one in expanded(key(row).lower())})
    found["deprecated"] = {
        name: {key(row).lower(): preferred(row) for row in rows if row["Type"] == kind and "Deprecated" in row}
        for name, kind in KINDS.items()
    }
    return found


def key(row: Row) -> str:
    """What a row registers: a subtag, or a whole tag."""
    found: str = row["Subtag"] if "Subtag" in row else row["Tag"]
    return found


def preferred(row: Row) -> str | None:
    """What IANA prefers in the place of a subtag or a tag, where it says so."""
    value = row.get("Preferred-Value")
    return value[0] if isinstance(value, list) else value


def expanded(subtag: str) -> Iterator[str]:
    """A subtag, or each one of a range for private use such as ``qaa..qtz``."""
    first, _, last = subtag.partition("..")
    if not last:
        yield first
        return
    yield from (one for one in map("".join, product(string.ascii_lowercase, repeat=len(first))) if first <= one <= last)


def written(content: dict[str, Any]) -> str:
    """JSON with a line for each member."""
    lines = (f" {json.dumps(name)}: {json.dumps(value)}" for name, value in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else OUT
    target.write_text(written(register(Path(sys.argv[1]))), encoding="utf-8")
