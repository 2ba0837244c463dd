"""How fast FHIRPath invariants compile and evaluate, beside fhirpathpy in the same run.

Usage: FOOTBRIDGE_TEST_DATA=<folder> python benchmarks/fhirpath.py [--rounds N]

Every invariant of R4, US Core 7.0.0 and SDOHCC 3.0.0 is evaluated on every element of the SDOHCC examples
that it constrains. Times are medians over distinct pairs of expression and element; the ratio is taken over
the pairs that fhirpathpy can evaluate, resources alone (it has no focus within a resource).
"""

import argparse
import json
import os
import statistics
import tarfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

from footbridge.validation.fhirpath import Context, FHIRPathError, Node, Undecided, compile, fhir_type  # noqa: A004
from footbridge.validation.fhirpath.engine import _compiled
from footbridge.validation.fhirpath.nodes import all_children, resource_node

PACKAGES = (
    "hl7.fhir.r4.core#4.0.1",
    "hl7.fhir.us.core#7.0.0",
    "hl7.fhir.us.sdoh-clinicalcare#3.0.0",
)
EXAMPLES = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"

Json = dict[str, Any]


def members(package: Path, prefix: str) -> Iterator[Json]:
    """The JSON files of a package whose path starts so."""
    with tarfile.open(package) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.startswith(prefix) else None
            if stream and member.name.endswith(".json"):
                yield json.load(stream)


def invariants(folder: Path) -> dict[str, set[str]]:
    """Expressions by the path of the element that they constrain."""
    found: dict[str, set[str]] = {}
    for name in PACKAGES:
        for definition in members(folder / f"{name}.tgz", "package/StructureDefinition-"):
            if definition["type"] == "Extension" and definition.get("derivation") == "constraint":
                continue
            for element in definition.get("snapshot", {}).get("element", []):
                for constraint in element.get("constraint", []):
                    if constraint.get("expression"):
                        found.setdefault(element["path"], set()).add(constraint["expression"])
    return found


def elements(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Every element below a node, under its path and under its type's name."""
    yield path, node
    if node.type.name != path:
        yield node.type.name, node
    for name, element in node.type.elements.items():
        kinds = {choice.kind.name for choice in element.choices}
        for child in all_children(node):
            if child.type.name in kinds and (name in node.value or len(kinds) > 1):
                yield from elements(child, f"{path}.{name}") if child.type.kind != "resource" else ()


def pairs(folder: Path) -> list[tuple[str, str, Node, Json]]:
    """Distinct (expression, root type, element, its resource)."""
    rules = invariants(folder)
    found: dict[tuple[str, int], tuple[str, str, Node, Json]] = {}
    for resource in members(folder / f"{EXAMPLES}.tgz", "package/example/"):
        if fhir_type(resource.get("resourceType", "")) is None:
            continue
        for path, node in elements(resource_node(resource), resource["resourceType"]):
            for expression in rules.get(path, ()):
                found.setdefault((expression, id(node.value)), (expression, node.type.name, node, resource))
    return list(found.values())


def median_time(work: Callable[[], object], rounds: int) -> float:
    """The median time of one call, in microseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


def compile_times(expressions: list[str]) -> list[float]:
    """Microseconds to compile each expression, uncached, after one for the type facts."""
    times = []
    for expression in expressions:
        start = time.perf_counter()
        _compiled(expression, root_type=None, strict=False)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def peer_time(expression: str, node: Node, rounds: int) -> float | None:
    """Give the median of fhirpathpy for an expression on a resource; None where it cannot evaluate it."""
    try:
        run = fhirpathpy.compile(expression, models["r4"], {"traceFn": lambda *_: None})
        run(node.value, {"resource": node.value, "rootResource": node.value})
    except Exception:  # noqa: BLE001 - whatever it raises, the pair is out of the comparison
        return None
    return median_time(lambda: run(node.value, {"resource": node.value, "rootResource": node.value}), rounds)


def main() -> None:
    """Print the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    folder = Path(os.environ["FOOTBRIDGE_TEST_DATA"]) / "fhir-packages"
    work = pairs(folder)
    ours, own, peers = [], [], []
    for expression, root_type, node, resource in work:
        context = Context(resource=resource)
        try:
            compiled = compile(expression, root_type=root_type)
            compiled.holds(node, context)
        except (FHIRPathError, Undecided):
            continue
        ours.append(median_time(partial(compiled.holds, node, context), rounds))
        if node.type.kind == "resource" and (other := peer_time(expression, node, rounds)) is not None:
            own.append(ours[-1])
            peers.append(other)
    times = compile_times(sorted({expression for expression, *_ in work}))
    print(f"compile   median {statistics.median(times):8.1f} us over {len(times)} expressions")
    print(f"evaluate  median {statistics.median(ours):8.2f} us, sum {sum(ours) / 1000:.1f} ms, {len(ours)} pairs")
    print(f"on resources: ours {statistics.median(own):.2f} us, fhirpathpy {statistics.median(peers):.2f} us,")
    ratio = statistics.median(theirs / mine for theirs, mine in zip(peers, own, strict=True))
    print(f"  {len(own)} pairs, median ratio {ratio:.0f}, ratio of sums {sum(peers) / sum(own):.0f}")


if __name__ == "__main__":
    main()
