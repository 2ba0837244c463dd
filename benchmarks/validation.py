"""Measures validation: warm, cold, in memory, in bulk; beside the HL7 validator where that is at hand.

    python -m benchmarks.validation --package SDOHCC.tgz [--oracle RUN.sh] [--bulk 100000] [--jobs 2]

Warm times are medians of repeated calls over the examples of the package. The HL7 validator runs over the same
examples, with one validator reused, by a script that takes NDJSON in and gives NDJSON out with "ms" for each line.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from footbridge.validation import Validator

Resource = dict[str, Any]
REFERRAL = "SDOHCC-TaskForReferralManagement"
REPEATS = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True, help="a FHIR package with an example folder")
    parser.add_argument("--oracle", type=Path, help="a script that runs the HL7 validator")
    parser.add_argument("--bulk", type=int, default=20_000, help="resources to validate in bulk")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    examples = read_examples(arguments.package)
    referrals = [one for one in examples if any(REFERRAL in url for url in one.get("meta", {}).get("profile", []))]
    print(f"cold process, one Task:   {cold(referrals[0]) * 1e3:8.0f} ms wall")
    everything, tasks = warm(examples), warm(referrals)
    print(f"warm, {len(examples)} examples:        {everything:8.3f} ms median")
    print(f"warm, {len(referrals)} referral Tasks:    {tasks:8.3f} ms median")
    print(f"resident memory:          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
    rate = bulk(examples, arguments.bulk, arguments.jobs)
    print(f"bulk, {arguments.jobs} jobs:             {rate:8.0f} resources/s")
    if arguments.oracle:
        theirs = oracle(arguments.oracle, referrals)
        print(f"HL7 validator, reused:    {theirs:8.3f} ms median for a referral Task: {theirs / tasks:.1f} times ours")
    return 0


def read_examples(package: Path) -> list[Resource]:
    """The example resources of a package."""
    with tarfile.open(package) as archive:
        names = [name for name in archive.getnames() if "/example/" in name and name.endswith(".json")]
        rows = [json.load(archive.extractfile(name)) for name in names]  # type: ignore[arg-type] - they are files
    return [row for row in rows if "resourceType" in row]


def warm(examples: list[Resource]) -> float:
    """The median over examples of the median time of one call, in milliseconds."""
    validator = Validator()
    medians = []
    for example in examples:
        validator.check(example)
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            validator.check(example)
            times.append(time.perf_counter() - started)
        medians.append(statistics.median(times))
    return statistics.median(medians) * 1e3


def cold(example: Resource) -> float:
    """The seconds that a fresh process takes to validate one file; the best of three."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.json"
        path.write_text(json.dumps(example))
        command = [str(Path(sys.executable).with_name("footbridge")), "validate", str(path)]
        times = []
        for _ in range(3):
            started = time.perf_counter()
            subprocess.run(command, check=False, capture_output=True)
            times.append(time.perf_counter() - started)
    return min(times)


def bulk(examples: list[Resource], count: int, jobs: int) -> float:
    """Resources a second over NDJSON lines, by that many processes."""
    lines = [json.dumps(example) for example in examples]
    work = [lines[at % len(lines)] for at in range(count)]
    chunks = [work[at : at + 500] for at in range(0, count, 500)]
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        pool.map(judge_lines, [lines] * jobs)
        started = time.perf_counter()
        pool.map(judge_lines, chunks)
        return count / (time.perf_counter() - started)


def judge_lines(lines: list[str]) -> int:
    """How many lines are valid."""
    validator = Validator()
    return sum(validator.check_text(line.encode()).valid for line in lines)


def oracle(script: Path, examples: list[Resource]) -> float:
    """The HL7 validator's median, in milliseconds, over enough repeats to warm it."""
    with tempfile.TemporaryDirectory() as folder:
        given, answers = Path(folder) / "in.ndjson", Path(folder) / "out.ndjson"
        rows = [{"id": str(at), "resource": one} for at, one in enumerate(examples * REPEATS)]
        given.write_text("\n".join(map(json.dumps, rows)))
        subprocess.run([str(script), str(given), str(answers), "--reuse"], check=True, capture_output=True)
        times = [json.loads(line)["ms"] for line in answers.read_text().splitlines()]
    return statistics.median(times[len(times) // 2 :])


if __name__ == "__main__":
    sys.exit(main())
