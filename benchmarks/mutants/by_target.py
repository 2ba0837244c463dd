"""Puts the targets of references within reach, contained or in a Bundle: right ones, wrong ones, some with a fault."""

import copy
import random
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.mutants import Edit, Fault, Json, Steps, at, places

BASE = "https://fhir.hospital.test/"
INNER: tuple[dict[str, Any], ...] = (
    {"resourceType": "Patient", "active": True},
    {"resourceType": "Patient", "identifier": [{"system": "https://hospital.test/ids", "value": "1"}],
     "name": [{"family": "x"}], "gender": "female"},
    {"resourceType": "Organization", "name": "x"},
    {"resourceType": "Organization", "active": True, "name": "x"},
    {"resourceType": "Organization", "identifier": [{"value": "x"}]},
    {"resourceType": "Practitioner", "name": [{"family": "x"}]},
    {"resourceType": "PractitionerRole", "active": True},
    {"resourceType": "RelatedPerson", "active": True, "patient": {"reference": "Patient/1"},
     "relationship": [{"text": "x"}]},
    {"resourceType": "Device", "patient": {"reference": "Patient/1"}},
    {"resourceType": "Group", "type": "person", "actual": True},
    {"resourceType": "Location", "name": "x"},
    {"resourceType": "Location", "description": "x"},
    {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "x"},
     "subject": {"reference": "Patient/1"}},
    {"resourceType": "Observation", "status": "final", "code": {"text": "x"}},
    {"resourceType": "Condition", "code": {"text": "x"}, "subject": {"reference": "Patient/1"}},
    {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"}},
    {"resourceType": "Task", "status": "requested", "intent": "order"},
    {"resourceType": "Basic", "code": {"text": "x"}},
)  # fmt: skip


def faults(resource: Json, others: Mapping[str, Json], chance: random.Random) -> Iterator[Fault]:
    """Every reference led to something at hand; ``others`` are the examples by ``Type/id``."""
    found = [steps for steps, value in places(resource) if isinstance(value, dict) and "reference" in value]
    for steps in found:
        if not steps:
            continue
        for inner in INNER:
            yield f"contained {inner['resourceType']}", steps, _containing(steps, inner)
        meant = others.get(str(at(resource, steps)["reference"]))
        if meant is not None:
            yield "contained, the one meant", steps, _containing(steps, {k: v for k, v in meant.items() if k != "text"})
            yield "contained, a faulty one", steps, _containing(steps, _without_one(meant, chance))
            yield "Bundle: with the target", steps, _bundling([meant])
            yield "Bundle: with a faulty target", steps, _bundling([_without_one(meant, chance)])
            other = chance.choice(list(others.values()))
            swapped = other | {"id": meant["id"], "resourceType": meant["resourceType"]}
            yield "Bundle: with another's content", steps, _bundling([swapped])
    held = [others[url] for steps in found if (url := str(at(resource, steps)["reference"])) in others]
    yield "Bundle: with all targets", (), _bundling(held)


def _without_one(resource: Json, chance: random.Random) -> Json:
    """A copy that lacks one element."""
    changed = copy.deepcopy(resource)
    changed.pop("text", None)
    keys = [key for key in changed if key not in {"resourceType", "id"}]
    if keys:
        del changed[chance.choice(keys)]
    return changed


def _containing(steps: Steps, inner: Json) -> Edit:
    def edit(resource: Json) -> None:
        held = {"resourceType": inner["resourceType"], **copy.deepcopy(inner), "id": "inner"}
        held.pop("contained", None)
        resource.setdefault("contained", []).append(held)
        at(resource, steps)["reference"] = "#inner"

    return edit


def _bundling(targets: list[Json]) -> Edit:
    def edit(resource: Json) -> None:
        own = copy.deepcopy(resource)
        resource.clear()
        rows = {f"{row['resourceType']}/{row['id']}": row for row in (own, *copy.deepcopy(targets))}
        entries = [{"fullUrl": BASE + name, "resource": row} for name, row in rows.items()]
        resource.update({"resourceType": "Bundle", "type": "collection", "entry": entries})

    return edit
