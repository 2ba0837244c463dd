"""Asks the HL7 validator about the resources of ``tests/validation/verdicts`` again, and stores what it says.

    python scripts/hl7_verdicts.py [AREA]        # compare: prints each row whose verdict is another one; exit code 1
    python scripts/hl7_verdicts.py [AREA] --write   # the verdicts of the files anew

FOOTBRIDGE_TEST_DATA names the folder with ``oracle/`` (Java 17 and Maven; its README says more). Rows whose definitions
do not contradict each other are asked in one Java process, which takes some 20 s to start and 2 GB.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hl7_messages import ROOT, Oracle

FOLDER = ROOT / "tests" / "validation" / "verdicts"
_VALID = re.compile(r'("valid":\s*)(?:true|false)')

Json = dict[str, Any]


class Batch:
    """Rows that one process can be asked about: definitions of one URL are the same one."""

    def __init__(self, examples: bool) -> None:
        self.examples = examples
        self.rows: dict[str, Json] = {}
        self.definitions: dict[str, Json] = {}

    def takes(self, row: Json, definitions: list[Json]) -> bool:
        """Whether a row can be asked here too."""
        known = self.definitions
        return row.get("examples", False) is self.examples and all(
            known.get(key_of(one), one) == one for one in definitions
        )

    def add(self, name: str, row: Json, definitions: list[Json]) -> None:
        """Ask a row here."""
        self.rows[name] = {"id": name, "resource": row["resource"]}
        self.definitions |= {key_of(one): one for one in definitions}


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("area", nargs="?", default="*", help="a file of the folder, without .json")
    parser.add_argument("--write", action="store_true", help="store the verdicts")
    arguments = parser.parse_args()
    stored = {path.stem: path for path in sorted(FOLDER.glob(f"{arguments.area}.json"))}
    said = dict(verdicts({name: json.loads(path.read_text()) for name, path in stored.items()}))
    others = 0
    for name, path in stored.items():
        for at, row in enumerate(json.loads(path.read_text())):
            valid = said[f"{name}/{at}"]
            if valid is not row["valid"]:
                others += 1
                print(f"{name}: {row['name']}: {'valid' if valid else 'invalid'}, stored: the other one")
        if arguments.write:
            write(path, [said[f"{name}/{at}"] for at in range(len(json.loads(path.read_text())))])
    print(f"{len(said):,} rows asked, {others:,} with another verdict than the stored one.")
    return 1 if others and not arguments.write else 0


def verdicts(areas: dict[str, list[Json]]) -> Iterator[tuple[str, bool]]:
    """Each row, named by its area and place, with what the HL7 validator says of it."""
    batches: list[Batch] = []
    for area, rows in areas.items():
        for at, row in enumerate(rows):
            definitions = definitions_of(row)
            batch = next((one for one in batches if one.takes(row, definitions)), None)
            if batch is None:
                batch = Batch(row.get("examples", False))
                batches.append(batch)
            batch.add(f"{area}/{at}", row, definitions)
    for number, batch in enumerate(batches, 1):
        print(f"{number} of {len(batches)}: {len(batch.rows):,} rows", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as work:
            oracle = Oracle(Path(os.environ["FOOTBRIDGE_TEST_DATA"]) / "oracle", Path(work))
            options = ["--allow-examples=true"] if batch.examples else []
            for answer in oracle.ask(batch.rows.values(), batch.definitions.values(), options):
                yield answer["id"], answer["valid"]


def definitions_of(row: Json) -> list[Json]:
    """The definitions that a row needs."""
    given = row.get("definitions", [])
    if isinstance(given, str):
        given = json.loads((FOLDER / "definitions" / f"{given}.json").read_text())
    found: list[Json] = given
    return found


def key_of(definition: Json) -> str:
    """What a definition is asked for by."""
    return str(definition.get("url") or f"{definition['resourceType']}/{definition.get('id')}")


def write(path: Path, said: list[bool]) -> None:
    """Put the verdicts into a file, whose lines are rows; nothing else of it changes."""
    lines = path.read_text().splitlines(keepends=True)
    rows = [at for at, line in enumerate(lines) if line.startswith('{"name"')]
    for at, valid in zip(rows, said, strict=True):
        line = lines[at]
        own = next(hit for hit in _VALID.finditer(line) if _is_of_the_row(line, hit.start()))
        lines[at] = f"{line[: own.end(1)]}{json.dumps(valid)}{line[own.end() :]}"
    path.write_text("".join(lines))


def _is_of_the_row(line: str, place: int) -> bool:
    """Whether a member at a place is one of the row itself: one brace is open there."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', lambda hit: "_" * len(hit.group()), line[:place])
    return plain.count("{") - plain.count("}") == 1


if __name__ == "__main__":
    sys.exit(main())
