"""The witnesses with values of odd types put anywhere: an issue is found, and nothing is raised."""

import copy
import random

import pytest
from support.hl7_messages import SIDES, validator, witnesses
from support.soak import count, ran

ODD = (
    None,
    1,
    1.5,
    True,
    "",
    " ",
    "#",
    "|",
    [],
    {},
    [None],
    [{}],
    [[]],
    {"a": 1},
    ["a"],
    "{",
    "\u00e9",
    {"coding": [1]},
)
SEED = 20261129


def places(value, found):
    """Every place in a JSON value, as what holds it and its key, but for the type of a resource."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        if key != "resourceType":
            found.append((value, key))
        places(inner, found)
    return found


@pytest.mark.soak
def test_a_resource_with_odd_values_raises_nothing():
    chance = random.Random(SEED)
    given = [one.content[side] for one in witnesses() for side in SIDES if isinstance(one.content[side], dict)]
    for _ in range(count(quick=1_500, soak=100_000)):
        ran()
        resource = copy.deepcopy(chance.choice(given))
        for _ in range(chance.randint(1, 3)):
            if found := places(resource, []):
                holder, key = chance.choice(found)
                holder[key] = copy.deepcopy(chance.choice(ODD))
        validator().check(resource)
