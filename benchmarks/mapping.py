"""How long one prescription takes to map, and to read back, beside parsing and writing its Bundle as JSON.

Usage: python benchmarks/mapping.py [--rounds N]

Times are medians in milliseconds of a prescription with every kind of part. The claim: mapping takes at most 1 ms.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable

from footbridge.data import folder
from footbridge.mapping import from_bundle, to_bundle, typed
from footbridge.model.prescription import Prescription


def median(work: Callable[[], object], rounds: int) -> float:
    """Median milliseconds of one call."""
    times = []
    gc.collect()
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args().rounds
    texts = [entry.read_bytes() for entry in folder("examples").iterdir() if entry.name.endswith(".json")]
    prescriptions = [Prescription.model_validate_json(text) for text in texts if "needs" in json.loads(text)]
    largest = max(prescriptions, key=lambda one: len(to_bundle(one).bundle["entry"]))
    bundle = to_bundle(largest).bundle
    size = len(json.dumps(bundle)) / 1024
    print(f"largest of {len(prescriptions)} examples: {len(bundle['entry'])} resources, {size:.0f} KB")
    plain = median(lambda: json.loads(json.dumps(bundle)), rounds)
    mapped = median(lambda: to_bundle(largest), rounds)
    read = median(lambda: from_bundle(bundle), rounds // 5)
    parsed = median(lambda: typed(bundle), max(5, rounds // 50))
    print(f"to_bundle           {mapped:8.3f} ms   {mapped / plain:6.2f} x JSON there and back   (claim: 1 ms)")
    print(f"from_bundle         {read:8.3f} ms   {read / plain:6.2f} x")
    print(f"fhir.resources      {parsed:8.3f} ms   {parsed / plain:6.2f} x")
    print(f"JSON there and back {plain:8.3f} ms")


if __name__ == "__main__":
    main()
