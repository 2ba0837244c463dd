"""How fast validation is: warm, cold, in bulk, and beside the HL7 validator; and how much memory it holds.

    python -m benchmarks.validation [--rounds N] [--count N] [--oracle]

The resources are the examples of SDOH Clinical Care 3.0.0 (FOOTBRIDGE_TEST_DATA/fhir-packages). ``--oracle`` runs the
HL7 validator of FOOTBRIDGE_TEST_DATA/oracle on the same files (Java 17, Maven; some minutes) and prints the ratio.
Claims: a Task for Referral Management in 0.25 ms once warm; one file from a cold process in 0.35 s; 100 MB with R4,
US Core and SDOHCC loaded; 3,000 resources a second from NDJSON with two processes.
"""

import argparse
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from footbridge.validation import Validator

GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"
REFERRAL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"
COMMAND = [sys.executable, "-c", "from footbridge.cli import main; main()", "validate"]
COLD_RUNS = 15
MEMORY = """
import resource, sys
from footbridge.validation import Validator
validator = Validator()
names = ("hl7.fhir.r4.core", "hl7.fhir.us.core", "hl7.fhir.us.sdoh-clinicalcare")
held = [package for package in validator._engine.definitions.packages if package.name in names]
urls = [entry.url for package in held for entry in package.of_kind("StructureDefinition")]
for url in urls:
    validator.types.profile(url)
for line in open(sys.argv[1], "rb"):
    validator.check_text(line)
pages = int(open("/proc/self/statm").read().split()[1])
print(len(urls), pages * resource.getpagesize() / 1e6)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100, help="validations of each example, warm")
    parser.add_argument("--count", type=int, default=100_000, help="resources of the NDJSON file")
    parser.add_argument("--oracle", action="store_true", help="run the HL7 validator too")
    arguments = parser.parse_args()
    data = Path(os.environ.get("FOOTBRIDGE_TEST_DATA", ""))
    archive = data / "fhir-packages" / f"{GUIDE}.tgz"
    if not archive.is_file():
        print("Skipped: FOOTBRIDGE_TEST_DATA names no folder with the official packages.")
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        examples = unpack(archive, folder)
        referral = warm(examples, arguments.rounds)
        cold(next(path for path, resource in examples.items() if claims(resource)))
        memory(examples, folder)
        bulk(examples, folder, arguments.count)
        if arguments.oracle:
            oracle(examples, folder, data, referral)
    return 0


def unpack(archive: Path, folder: Path) -> dict[Path, dict[str, Any]]:
    """The examples as files."""
    found = {}
    with tarfile.open(archive) as content:
        for member in sorted(content.getmembers(), key=lambda one: one.name):
            file = content.extractfile(member) if "/example/" in member.name else None
            name = Path(member.name).name
            if file and name.endswith(".json") and not name.startswith("."):
                text = file.read()
                (folder / name).write_bytes(text)
                found[folder / name] = json.loads(text)
    return found


def claims(resource: dict[str, Any]) -> bool:
    """Whether a resource is a Task for Referral Management."""
    return any(url.startswith(REFERRAL) for url in resource.get("meta", {}).get("profile", ()))


def warm(examples: dict[Path, dict[str, Any]], rounds: int) -> float:
    """Print medians in one warm process; answers that of the referral Tasks, in milliseconds."""
    validator = Validator()
    times: dict[Path, list[float]] = {path: [] for path in examples}
    for path, resource in examples.items():
        validator.check(resource)
        times[path].clear()
    gc.collect()
    for _ in range(rounds):
        for path, resource in examples.items():
            started = time.perf_counter()
            validator.check(resource)
            times[path].append((time.perf_counter() - started) * 1000)
    medians = {path: statistics.median(row) for path, row in times.items()}
    tasks = [medians[path] for path, resource in examples.items() if claims(resource)]
    referral = statistics.median(tasks)
    print(f"warm, {len(tasks)} referral Tasks      median {referral:8.3f} ms   (claim: 0.25 ms)")
    print(f"warm, {len(medians)} examples          median {statistics.median(medians.values()):8.3f} ms   ", end="")
    print(f"largest {max(medians.values()):.3f} ms")
    return referral


def cold(path: Path) -> None:
    """Print what one file costs from the start of the process to its end."""
    times = []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        subprocess.run([*COMMAND, str(path)], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    print(f"cold `footbridge validate`   median {statistics.median(times):8.3f} s    least {min(times):.3f} s", end="")
    print("   (claim: 0.35 s)")


def memory(examples: dict[Path, dict[str, Any]], folder: Path) -> None:
    """Print the resident memory of a process that has compiled everything and validated every example."""
    lines = folder / "all.ndjson"
    lines.write_text("".join(json.dumps(resource) + "\n" for resource in examples.values()))
    done = subprocess.run([sys.executable, "-c", MEMORY, str(lines)], check=True, capture_output=True, text=True)
    count, megabytes = done.stdout.split()
    print(f"resident, {count} structures         {float(megabytes):8.1f} MB   (claim: 100 MB)")


def bulk(examples: dict[Path, dict[str, Any]], folder: Path, count: int) -> None:
    """Print how many resources of an NDJSON file are validated in a second, by one process and by two."""
    tasks = [json.dumps(resource) for resource in examples.values()]
    path = folder / "bulk.ndjson"
    with path.open("w") as file:
        file.writelines(f"{tasks[number % len(tasks)]}\n" for number in range(count))
    for jobs in (1, 2):
        started = time.perf_counter()
        command = [*COMMAND, str(path), "--format", "ndjson", "--jobs", str(jobs)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        print(
            f"NDJSON, {count} resources, {jobs} process{'es' if jobs > 1 else '  '}  {count / seconds:8.0f} a second",
            end="",
        )
        print("   (claim: 3,000)" if jobs == 2 else "")


def oracle(examples: dict[Path, dict[str, Any]], folder: Path, data: Path, ours: float) -> None:
    """Print the HL7 validator's medians on the same files, with one validator reused and with a new one for each."""
    cases = folder / "cases.ndjson"
    rows = [
        {"id": path.stem, "file": str(path), "profile": resource.get("meta", {}).get("profile", [])}
        for path, resource in examples.items()
    ]
    cases.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, option in (("reused", ["--reuse"]), ("made anew", [])):
        command = [str(data / "oracle" / "run.sh"), str(cases), str(folder / "none"), "--bench", "--passes=3", *option]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = re.search(r"referral tasks: n=\d+ median ([\d.]+) ms", done.stdout)
        if found:
            theirs = float(found[1])
            print(f"HL7 validator, {name:<10}     median {theirs:8.3f} ms   {theirs / ours:.1f} x ours")


if __name__ == "__main__":
    sys.exit(main())
