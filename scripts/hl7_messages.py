"""Asks the HL7 validator about the witnesses of its messages, and stores what it says.

    python scripts/hl7_messages.py verdicts [FAMILY]   # tests/validation/messages/verdicts/*.json anew
    python scripts/hl7_messages.py catalogue           # catalogue.csv: new ids, and which witness shows each
    python scripts/hl7_messages.py uttered IN.ndjson   # the ids that it utters on other resources, one a line

FOOTBRIDGE_TEST_DATA names the folder with ``oracle/`` (Java 17 and Maven; its README says more). All goes through one
Java process, which takes some 20 s to start and 2 GB. The texts of the messages are not stored: ids, severities and
places are.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from hl7_catalogue import Catalogue, read  # noqa: E402 - beside this file
from support.hl7_messages import FOLDER, SIDES, catalogue, definitions, shown_by  # noqa: E402 - needs the path above

Json = dict[str, Any]
Said = list[str]


def main() -> int:
    """Do what the first argument says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("verdicts", "catalogue", "uttered"))
    parser.add_argument("of", nargs="?", default="*", help='a family; or a file, lines of {"id", "resource" or "file"}')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        oracle = Oracle(Path(os.environ["FOOTBRIDGE_TEST_DATA"]) / "oracle", Path(work))
        if arguments.what == "verdicts":
            store(oracle.ask(questions(arguments.of), definitions()))
        elif arguments.what == "catalogue":
            write_catalogue(oracle.catalogue.ids)
        else:
            rows = (json.loads(line) for line in Path(arguments.of).read_text().splitlines())
            print("\n".join(sorted({said[0] for answer in oracle.ask(rows, []) for said in answer["said"]})))
    return 0


class Oracle:
    """The HL7 validator, with every message of every severity."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._work = work
        home = os.environ.get("ORACLE_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "hl7-oracle"
        self._home = Path(home).expanduser()
        if not (self._home / "classpath").is_file():  # its first call builds it
            empty = work / "empty.ndjson"
            empty.touch()
            subprocess.run([folder / "run.sh", empty, work / "none.ndjson"], check=True)
        classpath = (self._home / "classpath").read_text().strip()
        self.catalogue = Catalogue(read(classpath))
        self._classpath = f"{work / 'classes'}:{self._home / 'classes'}:{classpath}"
        source = ROOT / "scripts" / "oracle" / "AllLevels.java"
        subprocess.run(
            ["javac", "-nowarn", "-cp", self._classpath, "-d", work / "classes", source],
            check=True,
        )

    def ask(self, rows: Iterable[Json], loaded: Iterable[Json], options: Iterable[str] = ()) -> Iterator[Json]:
        """The answers in the order of the rows: {"id", "valid", "said": [[id, severity, place]]}.

        ``options`` are more ones of the oracle.
        """
        asked, answered, more = self._work / "in.ndjson", self._work / "out.ndjson", self._work / "definitions"
        asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
        more.mkdir(exist_ok=True)
        for at, one in enumerate(loaded):
            (more / f"{one['resourceType']}-{at}.json").write_text(json.dumps(one))
        command = ["nice", "-n", "10", "java", "-Xmx3g", f"-Duser.home={self._home / 'home'}"]
        command += [f"-Djava.io.tmpdir={self._home / 'tmp'}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
        command += ["-cp", self._classpath, "oracle.AllLevels", str(asked), str(answered), "--reuse"]
        subprocess.run([*command, f"--more={more}", *options], check=True, stdout=subprocess.DEVNULL)
        for line in answered.read_text().splitlines():
            row = json.loads(line)
            if "exception" in row or "missing" in row:
                print(f"{row['id']}: {row.get('exception', '')} {row.get('missing', '')}", file=sys.stderr)
            yield {"id": row["id"], "valid": row["valid"], "said": sorted(self._said(row["messages"]))}

    def _said(self, messages: Iterable[list[str | None]]) -> list[Said]:
        found = set()
        for given, level, place, _, text in messages:
            for one in self.catalogue.utters(given, text or ""):
                found.add((one, level or "", place or ""))
        return [list(one) for one in found]


def questions(family: str) -> Iterator[Json]:
    """Each witness and each neighbour of a family as a row; ``*`` is every family."""
    for path in sorted((FOLDER / "witnesses").glob(f"{family}/*.json")):
        content = json.loads(path.read_text())
        for side in SIDES:
            given = content[side]
            kind = "text" if isinstance(given, str) else "resource"
            profile = {"profile": content["profile"]} if "profile" in content else {}
            yield {"id": f"{path.parent.name}/{path.stem}/{side}", kind: given, **profile}


def store(answers: Iterable[Json]) -> None:
    """Write a file a family, a line a resource."""
    families: dict[str, dict[str, Json]] = {}
    for answer in answers:
        family, name, side = answer.pop("id").split("/")
        families.setdefault(family, {}).setdefault(name, {})[side] = answer
    folder = FOLDER / "verdicts"
    folder.mkdir(exist_ok=True)
    for family, rows in families.items():
        lines = [f"{json.dumps(name)}: {json.dumps(sides, ensure_ascii=False)}" for name, sides in sorted(rows.items())]
        (folder / f"{family}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_catalogue(ids: Iterable[str]) -> None:
    """Keep the scope of known ids, add those that are new as in scope, and name the witness of each.

    A witness brings an id into scope, whatever its class.
    """
    known = {row["id"]: row for row in catalogue()}
    with (FOLDER / "catalogue.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("id", "scope", "reason", "uttered", "witness"), lineterminator="\n")
        writer.writeheader()
        for one in ids:
            row = known.get(one) or {"id": one, "scope": "in", "reason": "", "uttered": ""}
            shown = [witness.key for witness in shown_by().get(one, ())]
            there = {"scope": "in", "reason": "", "witness": shown[0]} if shown else {"witness": ""}
            writer.writerow(row | there)


if __name__ == "__main__":
    sys.exit(main())
