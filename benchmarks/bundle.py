"""One Bundle of 1,000, 5,000 and 25,000 entries: processor time an entry, and the memory that checking it takes.

    python -m benchmarks.bundle [--entries 1000 5000 25000]

Printed by kind of Bundle: milliseconds an entry, and the ratio to the smallest; 1.0 is linear. Each size runs in a
process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
TEXT = {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A</div>'}}
REFERRAL = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"
FULFILL = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}


def name(number: int) -> str:
    """The fullUrl of an entry."""
    return f"urn:uuid:{uuid.UUID(int=number + (4 << 76) + (2 << 62) + 1)}"


def patient(_: int, __: int) -> Json:
    return {"resourceType": "Patient", **TEXT, "name": [{"family": "Roe"}]}


def bad_patient(number: int, _: int) -> Json:
    return patient(number, 0) | {"gender": "nonsense"}


def task(number: int, most: int) -> Json:
    """A referral's Task that is part of the next one: a chain through the whole Bundle."""
    made: Json = {"resourceType": "Task", "meta": {"profile": [REFERRAL]}, **TEXT}
    if number + 1 < most:
        made["partOf"] = [{"reference": name(number + 1)}]
    made |= {"status": "requested", "intent": "order", "code": FULFILL, "focus": {"reference": "ServiceRequest/1"}}
    parties = {"for": "Patient/1", "requester": "Organization/1", "owner": "Organization/2"}
    made |= {key: {"reference": value} for key, value in parties.items()}
    return made | {"authoredOn": "2024-01-01T00:00:00Z"}


def document(number: int, most: int) -> Json:
    """A Composition that refers to all Patients."""
    if number:
        return patient(number, most)
    made = {"resourceType": "Composition", **TEXT, "status": "final", "type": {"text": "Letter"}, "date": "2024-01-01"}
    entries = [{"reference": name(other)} for other in range(1, most)]
    return made | {"author": [{"display": "A"}], "title": "A", "section": [{"title": "A", **TEXT, "entry": entries}]}


KINDS: dict[str, Callable[[int, int], Json]] = {
    "collection": patient, "errors": bad_patient, "chain": task, "document": document,
}  # fmt: skip


def bundle(kind: str, entries: int) -> Json:
    """A Bundle of that kind."""
    rows = [{"fullUrl": name(at), "resource": KINDS[kind](at, entries)} for at in range(entries)]
    if kind != "document":
        return {"resourceType": "Bundle", "type": "collection", "entry": rows}
    head = {"identifier": {"system": "urn:ietf:rfc:3986", "value": name(10**9)}, "timestamp": "2024-01-01T00:00:00Z"}
    return {"resourceType": "Bundle", "type": "document", **head, "entry": rows}


def measure(kind: str, entries: int) -> None:
    from footbridge.validation import Validator  # noqa: PLC0415 - the process that prints needs none

    data = json.dumps(bundle(kind, entries)).encode()
    validator = Validator()
    validator.check(bundle(kind, 5))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    outcome = validator.check_text(data)
    took = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(json.dumps([took, grown, len(data) // 1024**2, len(outcome.issues)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", default=[1000, 5000, 25000])
    parser.add_argument("--one", choices=list(KINDS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        measure(given.one, given.entries[0])
        return
    print(f"{'kind':12}{'entries':>9}{'MB':>5}{'seconds':>9}{'ms an entry':>13}{'ratio':>7}{'MB more':>9}{'issues':>8}")
    for kind in KINDS:
        first = None
        for entries in given.entries:
            command = [sys.executable, "-m", "benchmarks.bundle", "--one", kind, "--entries", str(entries)]
            took, grown, size, issues = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            each = took / entries * 1000
            first = first or each
            print(f"{kind:12}{entries:9}{size:5}{took:9.2f}{each:13.4f}{each / first:7.2f}{grown:9}{issues:8}")


if __name__ == "__main__":
    main()
