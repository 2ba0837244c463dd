"""Contained resources that refer to each other: what a resource contains is gathered once, however many ask."""

from unittest.mock import patch

from footbridge.validation import Validator
from footbridge.validation.core import references

ASKERS = ("footbridge.validation.core.references.contained_in", "footbridge.validation.rules.invariant.contained_in")


def ring(count):
    rows = [
        {
            "resourceType": "Organization",
            "id": f"o{at}",
            "name": "x",
            "partOf": {"reference": f"#o{(at + 1) % count}"},
        }
        for at in range(count)
    ]
    return {
        "resourceType": "Patient",
        "active": True,
        "contained": rows,
        "managingOrganization": {"reference": "#o0"},
    }


def test_each_run_on_the_side_takes_what_was_gathered():
    kept, given = references.contained_in, []

    def note(root, scope):
        given.append(kept(root, scope))
        return given[-1]

    with patch(ASKERS[0], note), patch(ASKERS[1], note):
        assert Validator(packages=()).check(ring(400)).valid
    assert len(given) >= 400
    assert len({id(one) for one in given}) == 1
