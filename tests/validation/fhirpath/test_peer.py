"""Agreement with fhirpathpy on the published invariants, where it can evaluate them."""

import fhirpathpy
from fhirpathpy.models import models

from footbridge.validation.fhirpath import Context, Undecided, compile  # noqa: A004 - the library's name


def theirs(expression, resource):
    """Its verdict on an invariant; None where it cannot evaluate it."""
    try:
        found = fhirpathpy.evaluate(
            resource,
            expression,
            {"resource": resource, "rootResource": resource},
            models["r4"],
            {"traceFn": lambda *_: None},
        )
    except Exception:  # noqa: BLE001 - it raises many kinds for what it does not implement
        return None
    return found == [True]


def test_same_verdicts_on_the_examples(invariants, examples):
    compared, different = 0, set()
    for resource in examples:
        for expression, path, _ in invariants:
            if path != resource["resourceType"] or "resolve()" in expression:
                continue
            verdict = theirs(expression, resource)
            if verdict is None:
                continue
            try:
                own = compile(expression, root_type=path).holds(resource, Context(resource=resource))
            except Undecided:
                continue
            compared += 1
            if own is not verdict:
                different.add((resource["id"], expression))
    assert compared > 500
    assert different == set()
