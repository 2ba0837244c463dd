"""The engine as a whole: nothing raises, nothing is told, one engine for all threads."""

import json
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footbridge.validation import Options, Validator

NAMES = (
    "id",
    "url",
    "code",
    "coding",
    "system",
    "valueString",
    "reference",
    "extension",
    "contained",
    "meta",
    "div",
    "item",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
KINDS = ("Task", "Bundle", "Patient", "QuestionnaireResponse", "ValueSet", "CodeSystem", "Observation", "Parameters")
FIELDS = (
    "type",
    "entry",
    "status",
    "code",
    "text",
    "contained",
    "extension",
    "item",
    "compose",
    "concept",
    "name",
    "meta",
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_any_json_is_judged_and_never_raises(kind, fields):
    outcome = Validator().check({"resourceType": kind, **fields})
    assert all(issue.expression and issue.message for issue in outcome.issues)


@pytest.mark.parametrize("resource", [None, 5, [], '"x"', {}, {"resourceType": []}])
def test_what_is_no_resource_is_told_so(resource):
    assert [issue.rule for issue in Validator().check(resource).issues] == ["structure.resource-type"]


@pytest.mark.parametrize(
    ("name", "versions"),
    [("ActorDefinition", "R5"), ("SubscriptionStatus", "R4B and R5"), ("MedicationOrder", "DSTU2")],
)
def test_a_resource_of_another_version_of_fhir_is_told_as_such(name, versions):
    inside = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": name}}]}
    for resource in ({"resourceType": name, "status": "draft"}, inside):
        told = [issue for issue in Validator().check(resource).issues if issue.rule == "structure.resource-type"]
        assert [f"of FHIR {versions}, not of R4" in issue.message for issue in told] == [True]


def test_issues_have_a_limit_and_one_says_so():
    outcome = Validator(options=Options(max_issues=10)).check(
        {"resourceType": "Task", "status": "requested", "intent": "order", "note": [{}] * 50}
    )
    assert [issue.rule for issue in outcome.issues][10:] == ["validation.too-many-issues"]


def test_one_engine_serves_all_validators_and_threads():
    resources = [{"resourceType": "Patient", "gender": "bogus" if at % 2 else "male"} for at in range(60)]
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda resource: Validator().check(resource).valid, resources))
    assert verdicts == [at % 2 == 0 for at in range(60)]


@pytest.mark.parametrize("version", ["3.0.0", "2.3.0"])
def test_the_examples_of_the_guide_conform(test_data, version):
    name = f"hl7.fhir.us.sdoh-clinicalcare#{version}"
    with tarfile.open(test_data / "fhir-packages" / f"{name}.tgz") as archive:
        rows = [
            json.load(archive.extractfile(member))
            for member in archive
            if "/example/" in member.name and member.name.endswith(".json")
        ]
    validator = Validator(packages=[name])
    examples = [row for row in rows if "resourceType" in row]
    errors = [(row["id"], issue) for row in examples for issue in validator.check(row).issues if issue.is_error]
    assert len(examples) >= 58
    assert errors == []


def test_warnings_do_not_crowd_out_errors():
    people = [{"resource": {"resourceType": "Patient", "active": True}} for _ in range(30)]
    wrong = [{"resource": {"resourceType": "Patient", "colour": "red"}}]
    outcome = Validator(options=Options(max_issues=10)).check(
        {"resourceType": "Bundle", "type": "batch", "entry": people + wrong}
    )
    assert [issue.rule for issue in outcome.issues if issue.rule == "structure.unknown-element"]
    told = [issue for issue in outcome.issues if issue.rule == "validation.too-many-issues"]
    assert [issue.severity for issue in told] == ["warning"]


def test_many_warnings_do_not_make_a_resource_invalid():
    entries = [{"resource": {"resourceType": "Patient", "id": str(at)}} for at in range(1200)]
    for at, entry in enumerate(entries):
        entry["fullUrl"] = f"https://clinic.test/fhir/Patient/{at}"
    assert Validator().check({"resourceType": "Bundle", "type": "collection", "entry": entries}).valid
