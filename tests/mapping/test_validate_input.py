"""The one door: examples come in, bad documents are told every fault of all three stages at once."""

import copy
import json

import pytest

from footbridge.data import folder, read_json
from footbridge.errors import PrescriptionError
from footbridge.mapping.validate_input import accept

EXAMPLES = sorted(entry.name for entry in folder("examples").iterdir() if entry.name[:2].isdigit())
EXPECTED = read_json("examples", "bad", "expected.json")
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


def raw(*path):
    return folder("examples").joinpath(*path).read_bytes()


@pytest.fixture
def document():
    return copy.deepcopy(read_json("examples", "01-good-food-box.json"))


def faults(document, **options):
    with pytest.raises(PrescriptionError) as refused:
        accept(document, **options)
    return {(issue.rule, issue.pointer) for issue in refused.value.issues if issue.is_error}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_accepted_without_a_warning(name):
    accepted = accept(raw(name))
    assert accepted.warnings == ()
    assert accepted.jurisdiction == accepted.prescription.jurisdiction


def test_every_example_has_its_journey_and_every_journey_its_example():
    journeys = read_json("examples", "journeys.json")["journeys"]
    assert [journey["file"] for journey in journeys] == EXAMPLES
    for journey in journeys:
        goals = accept(raw(journey["file"])).prescription.goals
        for goal in journey.get("followUp", {}).get("goals", []):
            assert goal["goal"] < len(goals)


def test_expected_faults_name_every_bad_file():
    files = {entry.name for entry in folder("examples").joinpath("bad").iterdir()} - {"expected.json"}
    assert files == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bad_examples_are_refused_with_their_faults(name):
    wanted = {(fault["rule"], fault["pointer"]) for fault in EXPECTED[name]["faults"]}
    assert faults(raw("bad", name)) == wanted


def test_the_sample_is_accepted(test_data):
    assert accept((test_data / "samples" / "prescription.json").read_bytes()).warnings == ()


def test_all_stages_answer_together(document):
    document["extra"] = 1
    document["followUp"]["due"] = "2026-01-01"
    document["needs"][1]["category"] = "finance-insecurity"
    document["goals"][0]["code"]["code"] = "1078229008"
    assert faults(document) == {
        ("prescription.unknown-member", "/extra"),
        ("prescription.before-authored", "/followUp/due"),
        ("prescription.category-unknown", "/needs/1/category"),
        ("terminology.snomed-check-digit", "/goals/0/code/code"),
    }


def test_nothing_is_said_about_what_could_not_be_read(document):
    document["needs"][0] |= {"statement": 1, "category": "none", "code": {"system": SNOMED, "code": "1"}}
    assert faults(document) == {("prescription.type", "/needs/0/statement")}


def test_warnings_come_with_the_faults_after_them(document):
    del document["followUp"]
    document["kind"] = "x"
    with pytest.raises(PrescriptionError) as refused:
        accept(document)
    assert [issue.severity for issue in refused.value.issues] == ["error", "warning"]


@pytest.mark.parametrize(
    ("member", "coding", "pointer"),
    [
        ("strengths", {"system": SNOMED, "code": "733423003"}, "/strengths/0/code/code"),
        ("interests", {"system": SNOMED, "code": "733423004"}, "/interests/0/code/code"),
        ("barriers", {"system": LOINC, "code": "88122-7"}, "/barriers/0/code/system"),
    ],
)
def test_every_coding_is_checked_at_its_place(document, member, coding, pointer):
    document[member][0]["code"] = coding
    assert pointer in {place for _, place in faults(document)}


def test_a_211_code_may_stand_alone_for_a_service(document):
    document["service"]["code"] = {"system": "http://211hsis.org", "code": "BD-1800.2000"}
    accept(document)


def test_a_service_code_may_answer_any_of_the_needs(document):
    document["needs"].reverse()
    document["goals"][0]["need"] = 1
    assert accept(document).warnings == ()


def test_the_tenants_jurisdiction_rules_where_the_prescription_names_none(document):
    del document["jurisdiction"]
    document["consent"]["basis"] = "implied"
    assert accept(document, jurisdiction="us").jurisdiction == "us"
    assert faults(document) == faults(document, jurisdiction="ca")
    assert accept(document, jurisdiction="us").prescription.jurisdiction is None


def test_the_limit_is_the_callers_or_the_settings():
    with pytest.raises(PrescriptionError):
        accept(raw(EXAMPLES[0]), limit=100)
    assert accept(json.dumps(json.loads(raw(EXAMPLES[0]))).encode(), limit=100_000)
