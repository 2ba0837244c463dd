"""Slices that are told by what a slice within them fixes, and slices that nothing tells.

Where a verdict is told here it is the HL7 validator's, with an issue at the same place, but for what nothing tells:
there it refuses every value, and Footbridge notes that it could not check.
"""

import pytest

from footbridge.validation import Validator

SYSTEM = "https://acme.org/fhir/cs"
OTHER = "https://acme.org/fhir/other"
COMPONENT = "Observation.component"
CODING = COMPONENT + ".code.coding"
ITEM = "Observation.component[0]"


def element(identity, **facts):
    return {"id": identity, "path": identity.replace(":a", "").replace(":l", "").replace(":m", ""), **facts}


def inner(name, code, system=SYSTEM, least=1):
    own = f"Observation.component:a.code.coding:{name}"
    return [
        element(own, sliceName=name, min=least, max="1"),
        element(own + ".system", min=1, fixedUri=system),
        element(own + ".code", min=1, **code),
    ]


A = {"fixedCode": "A"}
B = {"fixedCode": "B"}


@pytest.fixture
def sliced(profile_of):
    def make(*rows, path="code.coding.code", rules="open"):
        slicing = {"discriminator": [{"type": "value", "path": path}], "rules": rules}
        by_system = {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}
        within = [element("Observation.component:a.code.coding", slicing=by_system), *rows] if rows else []
        return profile_of(
            "Observation",
            element(COMPONENT, slicing=slicing),
            element("Observation.component:a", sliceName="a", min=1, max="1"),
            *within,
            *([element("Observation.component:a.value[x]", min=1, type=[{"code": "string"}])] if rows else []),
        )

    return make


def observation(*codes, **more):
    rows = [
        {"code": {"coding": [{"system": s, "code": c} for s, c in row]}, "valueString": "v", **more} for row in codes
    ]
    code = {"coding": [{"system": "http://loinc.org", "code": "1-8"}]}
    resource = {"resourceType": "Observation", "status": "final", "code": code}
    return resource | ({"component": rows} if rows else {})


VALUES = {
    "A": [[(SYSTEM, "A")]],
    "B": [[(SYSTEM, "B")]],
    "AA": [[(SYSTEM, "A")], [(SYSTEM, "A")]],
    "AB": [[(SYSTEM, "A")], [(SYSTEM, "B")]],
    "other B": [[(OTHER, "B")]],
    "A and other B": [[(SYSTEM, "A"), (OTHER, "B")]],
    "none": [],
}
FEW, MANY = ("slicing.min", "Observation"), ("slicing.max", "Observation")
ONE = {"A": set(), "B": {FEW}, "AA": {MANY}, "AB": set(), "other B": {FEW}, "A and other B": set(), "none": {FEW}}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "rows",
    [
        inner("l", A),
        inner("l", A, least=0),
        inner("l", A) + inner("m", B, OTHER, least=0),
        inner("l", A, least=0) + inner("m", B, OTHER, least=0),
        [element("Observation.component:a.code.coding.code", min=1), *inner("l", A)],
    ],
    ids=["required", "optional", "and another", "both optional", "a code is required anyway"],
)
def test_what_an_inner_slice_fixes_decides(found, sliced, rows, value):
    assert found(observation(*VALUES[value]), sliced(*rows)) == ONE[value]


@pytest.mark.parametrize("value", ["A", "B", "AA", "other B", "none"])
def test_of_the_values_that_the_path_meets_only_its_own_decides(found, sliced, value):
    expected = {"A": set(), "B": set(), "AA": {MANY}, "other B": {FEW}, "none": {FEW}}
    rows = inner("l", A)[:2]
    assert found(observation(*VALUES[value]), sliced(*rows, path="code.coding.system")) == expected[value]


def test_the_values_of_the_slice_are_checked_by_it(found, sliced):
    resource = observation([(SYSTEM, "A")])
    del resource["component"][0]["valueString"]
    assert found(resource, sliced(*inner("l", A))) == {("profile.min", ITEM)}
    resource["component"][0]["valueInteger"] = 1
    assert found(resource, sliced(*inner("l", A))) == {("profile.type", f"{ITEM}.value.ofType(integer)")}


@pytest.mark.parametrize("value", VALUES)
def test_a_closed_slicing_knows_them_too(found, sliced, value):
    closed = ("slicing.closed", ITEM)
    expected = ONE | {"B": {FEW, closed}, "other B": {FEW, closed}, "AB": {("slicing.closed", f"{COMPONENT}[1]")}}
    assert found(observation(*VALUES[value]), sliced(*inner("l", A), rules="closed")) == expected[value]


def test_a_value_set_of_an_inner_slice_decides(found, sliced):
    statuses = {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/task-status"}
    profile = sliced(*inner("l", {"binding": statuses}))
    assert found(observation([(SYSTEM, "A")]), profile) == {FEW}
    assert FEW not in found(observation([(SYSTEM, "requested")]), profile)


@pytest.mark.parametrize("rules", ["open", "closed", "openAtEnd"])
def test_a_slice_that_nothing_tells_is_the_profiles_mistake(found, sliced, rules):
    profile = sliced(rules=rules)
    outcome = Validator(definitions=[profile]).check(observation([(SYSTEM, "A")]), [profile["url"]])
    assert [issue.rule for issue in outcome.issues if issue.severity == "error"] == ["slicing.discriminator"]
    assert "slicing.match" in {row.rule for row in outcome.unchecked}
    assert found(observation(), profile) == {FEW}


def test_an_undecided_value_says_nothing_of_the_next(found, profile_of):
    """Whether the first value is in the value set cannot be told here; the second is certainly in no slice."""
    unknown = {"strength": "required", "valueSet": "https://acme.org/fhir/ValueSet/nobody-has-it"}
    profile = profile_of(
        "Observation",
        element(COMPONENT, slicing={"discriminator": [{"type": "exists", "path": "interpretation"},
                                                      {"type": "value", "path": "code"}], "rules": "closed"}),
        element("Observation.component:a", sliceName="a"),
        element("Observation.component:a.interpretation", min=1),
        element("Observation.component:a.code", binding=unknown),
    )  # fmt: skip
    resource = observation([(SYSTEM, "A")], [(SYSTEM, "A")])
    resource["component"][0]["interpretation"] = [{"text": "high"}]
    assert found(resource, profile) == {("slicing.closed", f"{COMPONENT}[1]")}


def test_an_undecided_value_is_not_the_default_slices(found, profile_of):
    unknown = {"strength": "required", "valueSet": "https://acme.org/fhir/ValueSet/nobody-has-it"}
    profile = profile_of(
        "Observation",
        element(COMPONENT, slicing={"discriminator": [{"type": "value", "path": "code"}], "rules": "closed"}),
        element("Observation.component:a", sliceName="a"),
        element("Observation.component:a.code", binding=unknown),
        {"id": "Observation.component:@default", "path": COMPONENT, "sliceName": "@default"},
        {"id": "Observation.component:@default.interpretation", "path": COMPONENT + ".interpretation", "min": 1},
    )
    assert found(observation([(SYSTEM, "A")]), profile) == set()
