"""Finds where our verdicts differ from those of the HL7 validator: good examples, one fault each, both asked.

    python -m benchmarks.differential [--package ID#VERSION] [--per-kind N] [--chance SEED] [--json OUT]
    python -m benchmarks.differential --examples FOLDER --package ID#VERSION

The examples are those of the package (of all that FOOTBRIDGE_TEST_DATA/fhir-packages has), unless a folder of JSON
files is given. Prints agreement by kind of fault, then every disagreement, grouped by what one validator alone found.
The HL7 validator is that of FOOTBRIDGE_TEST_DATA/oracle (Java 17 and Maven); it is called once. Its verdicts are kept
beside OUT, so that ``--again`` asks ours alone.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.mutants import (
    Mutant,
    by_bundle,
    by_chance,
    by_datatype,
    by_narrative,
    by_profile,
    by_shape,
    by_target,
    by_value,
    sample,
)

from footbridge.validation import Outcome, Validator
from footbridge.validation.definitions.registry import Registry

USUAL = (
    "hl7.terminology.r4#7.2.0", "hl7.fhir.uv.extensions.r4#5.2.0", "hl7.fhir.uv.extensions.r4#5.3.0",
    "us.nlm.vsac#0.24.0", "hl7.fhir.us.core#3.1.1", "hl7.fhir.us.core#6.1.0", "hl7.fhir.us.core#7.0.0",
    "hl7.fhir.uv.sdc#3.0.0", "hl7.fhir.uv.subscriptions-backport.r4#1.1.0", "hl7.fhir.us.davinci-hrex#1.2.0",
)  # fmt: skip
GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"
R4 = "http://hl7.org/fhir/StructureDefinition/"
Row = dict[str, Any]
Reasons = Callable[[Row], list[str]]
_QUOTED = re.compile(r"'[^']*'")


def main() -> int:
    arguments = parse()
    data = Path(os.environ.get("FOOTBRIDGE_TEST_DATA", ""))
    if not (data / "oracle" / "run.sh").is_file():
        sys.exit("FOOTBRIDGE_TEST_DATA names no folder with the HL7 validator (oracle/run.sh).")
    packages = () if arguments.package == GUIDE else (arguments.package,)
    if arguments.again:
        mutants = list(kept(files(arguments)[0]))
    else:
        examples = dict(in_folder(arguments.examples) if arguments.examples else in_package(data, arguments.package))
        mutants = list(make(examples, Registry.default(packages), arguments))
        if arguments.most and arguments.most < len(mutants):
            mutants = random.Random(arguments.chance).sample(mutants, arguments.most)
    print(f"{len(mutants)} mutants, each with one fault", flush=True)
    theirs = ask_oracle(mutants, data, arguments)
    rows = list(compare(mutants, theirs, Validator(packages=packages)))
    report(rows, arguments.show)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1, default=str))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", default=GUIDE, help="whose examples, and what to validate with")
    parser.add_argument("--examples", type=Path, help="a folder of examples in place of the package's")
    parser.add_argument("--per-kind", type=int, default=3, help="mutants of each kind of fault for each example")
    parser.add_argument("--most", type=int, help="of all mutants, only so many, picked by chance")
    parser.add_argument("--chance", type=int, default=1, help="the seed")
    parser.add_argument("--only", default="", help="only kinds of fault with this in their name")
    parser.add_argument("--show", type=int, default=4, help="mutants shown for each group")
    parser.add_argument("--json", type=Path, help="where to write every verdict")
    parser.add_argument(
        "--work", type=Path, default=Path("build/differential"), help="where questions and verdicts stay"
    )
    parser.add_argument("--again", action="store_true", help="the mutants and verdicts of the last run")
    return parser.parse_args()


def in_package(data: Path, name: str) -> Iterator[tuple[str, Row]]:
    """The examples of a package, by file name."""
    with tarfile.open(data / "fhir-packages" / f"{name}.tgz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            stem = Path(member.name).name
            if "example/" in member.name and stem.endswith(".json") and not stem.startswith("."):
                file = archive.extractfile(member)
                resource = json.loads(file.read()) if file else {}
                if "resourceType" in resource:
                    yield stem.removesuffix(".json"), resource


def in_folder(folder: Path) -> Iterator[tuple[str, Row]]:
    """The resources of a folder's JSON files."""
    for path in sorted(folder.rglob("*.json")):
        resource = json.loads(path.read_bytes())
        if isinstance(resource, dict) and "resourceType" in resource:
            yield path.stem, resource


def make(examples: dict[str, Row], registry: Registry, arguments: argparse.Namespace) -> Iterator[Mutant]:
    """The examples themselves, then the mutants of each; the same for the same seed."""
    by_type: dict[str, list[Row]] = defaultdict(list)
    for resource in examples.values():
        by_type[resource["resourceType"]].append(resource)
    by_id = {f"{row['resourceType']}/{row.get('id')}": row for row in examples.values()}
    for name, resource in examples.items():
        chance = random.Random(f"{arguments.chance} {name}")
        yield Mutant(name, "none", (), resource)
        families = [by_shape.faults(resource), by_value.faults(resource), by_bundle.faults(resource)]
        families += [by_datatype.faults(resource), by_narrative.faults(resource)]
        families.append(by_target.faults(resource, by_id, chance))
        families += [by_profile.faults(resource, facts) for facts in structures(resource, registry)]
        families.append(by_chance.faults(resource, by_type[resource["resourceType"]], chance))
        for family in families:
            found = (fault for fault in family if arguments.only in fault[0])
            yield from sample(name, resource, found, per_kind=arguments.per_kind, chance=chance)


def structures(resource: Row, registry: Registry) -> Iterator[Row]:
    """The facts of what a resource claims to be; of its type, when it claims nothing."""
    claims = resource.get("meta", {}).get("profile") or [R4 + resource["resourceType"]]
    for claim in claims:
        facts = registry.nearest(claim)
        if facts is not None:
            yield facts


def ask_oracle(mutants: list[Mutant], data: Path, arguments: argparse.Namespace) -> list[Row]:
    """The HL7 validator's verdicts, in order."""
    sent, answered = files(arguments)
    if not arguments.again:
        arguments.work.mkdir(parents=True, exist_ok=True)
        with sent.open("w") as lines:
            for mutant in mutants:
                lines.write(json.dumps({"id": mutant.name, "resource": mutant.resource}) + "\n")
        wanted = [arguments.package] if arguments.package not in USUAL else []
        command = [str(data / "oracle" / "run.sh"), str(sent), str(answered), "--reuse", "--threads=2"]
        started = time.perf_counter()
        environment = {"JOPTS": "-Xmx3g", **os.environ}
        command.append(f"--igs={','.join((*USUAL, *wanted))}")
        done = subprocess.run(command, env=environment, check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"The HL7 validator failed: {done.stderr[-2000:]}")
        print(f"The HL7 validator took {time.perf_counter() - started:.0f} s", flush=True)
    found = [json.loads(line) for line in answered.open()]
    if [row["id"] for row in found] != [mutant.name for mutant in mutants]:
        sys.exit("The kept verdicts are of other mutants: run without --again.")
    return found


def files(arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Where the questions and the HL7 validator's verdicts are kept."""
    stem = arguments.package.replace("#", "-") + (f"-{arguments.only}" if arguments.only else "")
    return arguments.work / f"{stem}-sent.ndjson", arguments.work / f"{stem}-answered.ndjson"


def kept(sent: Path) -> Iterator[Mutant]:
    """The mutants of an earlier run."""
    if not sent.is_file():
        sys.exit(f"There is no earlier run in {sent.parent}: run without --again.")
    for line in sent.open():
        row = json.loads(line)
        source, _, rest = row["id"].partition("/")
        kind, _, steps = rest.rpartition("@")
        yield Mutant(source, kind, tuple(steps.split(".")) if steps else (), row["resource"])


def compare(mutants: list[Mutant], theirs: list[Row], validator: Validator) -> Iterator[Row]:
    """Both verdicts on each mutant."""
    for mutant, their in zip(mutants, theirs, strict=True):
        text = json.dumps(mutant.resource).encode()
        started = time.perf_counter()
        outcome, crash = asked(validator, text)
        yield {
            "id": mutant.name, "kind": mutant.kind, "source": mutant.source, "hl7": their["valid"],
            "ours": outcome.valid if outcome else None, "crash": crash, "ms": (time.perf_counter() - started) * 1000,
            "hl7_errors": [{"id": row.get("inv") or row.get("id"), "at": row.get("expr"), "text": row.get("msg")}
                           for row in their["errors"]],
            "our_errors": [{"rule": row.rule, "at": row.expression, "text": row.message}
                           for row in (outcome.issues if outcome else ()) if row.is_error],
            "unchecked": sorted({f"{row.rule}: {row.why}" for row in outcome.unchecked}) if outcome else [],
        }  # fmt: skip


def asked(validator: Validator, text: bytes) -> tuple[Outcome | None, str | None]:
    """Our outcome, or the exception that should not have been."""
    try:
        return validator.check_text(text), None
    except Exception as error:  # noqa: BLE001 - that none comes is what is looked for
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return None, f"{type(error).__name__} at {place}"


def report(rows: list[Row], show: int) -> None:
    """Agreement by kind of fault, then the disagreements by what one validator alone found."""
    agreed = sum(row["hl7"] == row["ours"] for row in rows)
    print(f"\nAgreement {agreed}/{len(rows)} = {agreed / max(1, len(rows)):.2%}; ", end="")
    print(
        f"HL7 refuses {sum(not row['hl7'] for row in rows)}, ours {sum(row['ours'] is False for row in rows)}; ", end=""
    )
    print(f"slowest of ours {max((row['ms'] for row in rows), default=0):.0f} ms")
    kinds = Counter(row["kind"] for row in rows)
    wrong = Counter(row["kind"] for row in rows if row["hl7"] != row["ours"])
    for kind, count in sorted(wrong.items(), key=lambda pair: -pair[1]):
        print(f"  {count:5} of {kinds[kind]:5}  {kind}")
    grouped([row for row in rows if row["crash"]], "crashed", lambda row: [str(row["crash"])], show)
    missed = [row for row in rows if row["ours"] is True and not row["hl7"]]
    grouped(missed, "accepted by ours, refused by HL7", their_reasons, show)
    alone = [row for row in rows if row["ours"] is False and row["hl7"]]
    grouped(alone, "refused by ours, accepted by HL7", our_reasons, show)


def their_reasons(row: Row) -> list[str]:
    return sorted({str(error["id"] or _QUOTED.sub("'...'", str(error["text"]))) for error in row["hl7_errors"]})


def our_reasons(row: Row) -> list[str]:
    return sorted({error["rule"] for error in row["our_errors"]})


def grouped(rows: list[Row], title: str, reasons: Reasons, show: int) -> None:
    """One group for each set of reasons, the largest first, each with a few mutants."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[" + ".join(reasons(row))].append(row)
    if not groups:
        return
    print(f"\n## {title}: {sum(map(len, groups.values()))} in {len(groups)} groups")
    for reason, found in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        kinds = ", ".join(f"{kind} {count}" for kind, count in Counter(row["kind"] for row in found).most_common(4))
        print(f"\n### {reason}: {len(found)} ({kinds})")
        for row in found[:show]:
            errors = row["hl7_errors"] if row["ours"] else row["our_errors"]
            for error in errors[:2]:
                print(f"- {row['id']}\n    at {error['at']}: {str(error['text'])[:220]}")
            for note in row["unchecked"][:3] if row["ours"] else ():
                print(f"    unchecked here: {note[:160]}")


if __name__ == "__main__":
    sys.exit(main())
