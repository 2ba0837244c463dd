"""Is anything that is not FHIR, or means harm, told as such, soon and in little memory?

    python -m benchmarks.fuzz [--count N] [--seed N] [--hostile] [--only PART]

N random JSON values and mutated resources (JSON and XML; the examples of SDOH Clinical Care in FOOTBRIDGE_TEST_DATA,
else those of ``examples/``), then every input of ``benchmarks.hostile`` in a process of its own. Claims: never an
exception, never more than 2 s of the processor or 200 MB more for an input under 1 MB. Exit code 1 where one fails.
"""

import argparse
import json
import os
import random
import resource
import signal
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

from benchmarks.hostile import Hostile, everything
from benchmarks.hostile.by_chance import made

from footbridge.validation import Validator

Json = Any
SECONDS, MEGABYTES = 2.0, 200.0
PATIENCE = 30  # seconds until an input is given up
GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0.tgz"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hostile", action="store_true", help="the hostile inputs alone")
    parser.add_argument("--only", help="a part of the names of the hostile inputs to run")
    arguments = parser.parse_args()
    faults = 0
    if not arguments.hostile and not arguments.only:
        faults += by_chance_alone(arguments.count, arguments.seed)
    return 1 if faults + hostile(arguments.only or "") else 0


def by_chance_alone(count: int, seed: int) -> int:
    """Validate inputs by chance in this process; how many broke a claim."""
    chance = random.Random(seed)
    validator = Validator()
    sources = resources()
    for one in sources:
        validator.check(one)
    before, started, slowest, faults = peak(), time.process_time(), 0.0, 0
    for number in range(count):
        data = made(chance, sources, validator)
        begun = time.process_time()
        try:
            validator.check_text(data)
        except Exception as error:  # noqa: BLE001 - that there is none is what is looked at
            faults += 1
            print(f"input {number}: {type(error).__name__}: {str(error)[:200]}  {data[:300]!r}")
        took = time.process_time() - begun
        slowest = max(slowest, took)
        if took > SECONDS:
            faults += 1
            print(f"input {number}: {took:.1f} s for {len(data)} bytes")
    grown = peak() - before
    print(
        f"{count} inputs by chance: {faults} faults, slowest {slowest * 1e3:.0f} ms, {grown:.0f} MB more, "
        f"{time.process_time() - started:.0f} s in all"
    )
    return faults + (grown > MEGABYTES)


def resources() -> list[Json]:
    """Good resources to spoil."""
    archive = Path(os.environ.get("FOOTBRIDGE_TEST_DATA", "")) / "fhir-packages" / GUIDE
    if not archive.is_file():
        return [json.loads(path.read_bytes()) for path in sorted(Path("examples").glob("*.json"))]
    with tarfile.open(archive) as package:
        files = [package.extractfile(one) for one in package if "/example/" in one.name and one.name.endswith(".json")]
        read = [json.loads(file.read()) for file in files if file is not None]
    return [one for one in read if "resourceType" in one]


def hostile(part: str) -> int:
    """Validate each hostile input in a process of its own; how many broke a claim."""
    warm = Validator()
    for one in resources()[:3]:
        warm.check(one)
    count = faults = 0
    slowest, largest = (0.0, ""), (0.0, "")
    for one in everything():
        if part not in one.name:
            continue
        count += 1
        took, grown, fault = alone(one, warm)
        slowest, largest = max(slowest, (took, one.name)), max(largest, (grown, one.name))
        if fault or took > SECONDS or grown > MEGABYTES:
            faults += 1
            print(f"{one.name}: {took:.2f} s, {grown:.0f} MB {fault}", flush=True)
    print(
        f"{count} hostile inputs: {faults} faults; slowest {slowest[0]:.2f} s ({slowest[1]}), "
        f"largest {largest[0]:.0f} MB ({largest[1]})"
    )
    return faults


def alone(one: Hostile, warm: Validator) -> tuple[float, float, str]:
    """Seconds, megabytes and the fault, if any, of one input in a forked process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(PATIENCE)
        text = _measured(one, warm)
        os.write(writing, text.encode("utf-8", "replace")[:4_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if not told:
        return float(PATIENCE), 0.0, f"ended by signal {os.WTERMSIG(status)}"
    took, grown, fault = json.loads(told)
    return took, grown, fault


def _measured(one: Hostile, warm: Validator) -> str:
    validator = Validator(definitions=one.definitions) if one.definitions else warm
    fault, before, begun = "", peak(), time.process_time()
    try:
        validator.check_text(one.data, one.profiles)
    except BaseException as error:  # noqa: BLE001 - as above
        fault = f"{type(error).__name__}: {str(error)[:200]}"
    return json.dumps([time.process_time() - begun, peak() - before, fault])


def peak() -> float:
    """The most memory that this process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
