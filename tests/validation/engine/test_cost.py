"""What a validation costs: it grows with the size of a document, and ends when its time is over."""

import json
import time

import pytest

from footbridge.validation import Budget, Validator
from footbridge.validation.fhirpath import Context, compile, evaluate  # noqa: A004
from footbridge.validation.reading.document import MOST_ISSUES
from footbridge.validation.sure.certain import FIRST, HOT

LIMIT = "validation.time-limit"


def as_bytes(resource):
    return json.dumps(resource).encode()


def definition(count):
    elements = [{"id": f"Patient.a{at}", "path": f"Patient.a{at}"} for at in range(count)]
    base = "http://hl7.org/fhir/StructureDefinition/Patient"
    return {
        "resourceType": "StructureDefinition", "url": "http://clinic.test/x", "name": "X", "status": "draft",
        "kind": "resource", "abstract": False, "type": "Patient", "baseDefinition": base, "derivation": "constraint",
    } | {"differential": {"element": elements}, "snapshot": {"element": [{"id": "Patient", "path": "Patient"}, *elements]}}  # fmt: skip


def guide(count):
    groups = [{"id": f"g{at}", "name": "x"} for at in range(count)]
    rows = [{"reference": {"reference": "Patient/1"}, "groupingId": f"g{count - 1}"}] * count
    return {"resourceType": "ImplementationGuide", "definition": {"grouping": groups, "resource": rows}}


def observation(count):
    part = {"code": {"coding": [{"code": "x"}]}}
    code = {"coding": [{"code": str(at)} for at in range(10)]}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "valueInteger": 1,
        "component": [part] * count,
    }


def document(count):
    """Every entry refers to every other one, as all have the same fullUrl."""
    entry = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Basic", "subject": {"reference": "urn:uuid:1"}}}
    return {"resourceType": "Bundle", "type": "document", "entry": [entry] * count}


def linked(count):
    return {"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "next", "url": "urn:a"}] * count}


def cost(text):
    """Processor time of the best of two tries."""
    found = []
    for _ in range(2):
        start = time.process_time()
        Validator().check_text(text)
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize(
    ("make", "count"),
    [(definition, 800), (observation, 1500), (document, 1000), (linked, 4000)],
    ids=["definition", "observation", "document", "links"],
)
def test_four_times_the_size_takes_no_more_than_some_four_times_as_long(make, count):
    Validator().check(make(2))
    small, large = cost(as_bytes(make(count))), cost(as_bytes(make(4 * count)))
    assert large < 8 * small + 0.05, (small, large)


def test_comments_and_names_that_stand_twice_are_counted_in_time():
    for text in [b"/**/" * 200_000 + b"{}", b"{" + b",".join([b'"a":1'] * 150_000) + b"}"]:
        start = time.process_time()
        outcome = Validator().check_text(text)
        assert time.process_time() - start < 3
        found = [issue.rule for issue in outcome.issues if issue.rule.startswith("json.")]
        assert len(found) == MOST_ISSUES
        assert [issue.rule for issue in outcome.issues].count("validation.too-many-issues") == 1


def expressions(expression, count):
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
    when = [{"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}}]
    questions = [{"linkId": str(at), "type": "string", "extension": when} for at in range(count)]
    form = {"resourceType": "Questionnaire", "id": "q", "status": "draft", "item": questions}
    answers = [{"linkId": str(at), "answer": [{"valueString": "x"}]} for at in range(count)]
    return {
        "resourceType": "QuestionnaireResponse", "questionnaire": "#q", "status": "completed", "contained": [form],
        "item": answers,
    }  # fmt: skip


def options(count):
    question = {"linkId": "a", "type": "choice", "answerOption": [{"valueString": f"o{at}"} for at in range(count)]}
    form = {"resourceType": "Questionnaire", "id": "q", "status": "draft", "item": [question]}
    answered = [{"linkId": "a", "answer": [{"valueString": "x"}] * count}]
    return {
        "resourceType": "QuestionnaireResponse", "questionnaire": "#q", "status": "completed", "contained": [form],
        "item": answered,
    }  # fmt: skip


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Bundle", "type": "collection", "entry": [{}] * 100_000},
        guide(6000),
        options(5000),
        expressions("%resource.descendants() ~ %resource.descendants().tail()", 800),
        expressions("item.all(item.linkId in %context.item.linkId and %context.item.all(linkId = 'a'))", 1500),
        expressions("item.where(linkId.matches('^(a+)+$') or true).select(%context.item.linkId).count() = 0", 1500),
    ],
    ids=["entries", "guide", "options", "equivalence", "membership", "select"],
)
def test_a_validation_stops_when_its_time_is_over(resource):
    Validator().check({"resourceType": resource["resourceType"]})
    start = time.process_time()
    outcome = Validator().check_text(as_bytes(resource), budget=Budget(0.2))
    assert time.process_time() - start < 2
    last = outcome.issues[-1]
    assert (last.rule, last.severity, last.code) == (LIMIT, "fatal", "too-costly")
    assert not outcome.valid


def test_what_was_found_till_then_is_told():
    bundle = {"resourceType": "Bundle", "type": "nonsense", "entry": [{}] * 50_000}
    rules = [issue.rule for issue in Validator().check(bundle, budget=Budget(0.1)).issues]
    assert rules[-1] == LIMIT
    assert "binding.required" in rules


def test_enough_time_changes_nothing():
    resource = {"resourceType": "Task", "status": "nonsense"}
    assert Validator().check(resource, budget=Budget(60)) == Validator().check(resource)


def test_what_no_package_knows_is_not_remembered():
    validator = Validator()
    profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
    known = {"resourceType": "Patient", "meta": {"profile": [profile, profile]}, "contained": [{"resourceType": "X"}]}
    for _ in range(FIRST + 2 * HOT):  # what is met often loads a few more types, all of them known
        validator.check(known)
    held = len(validator.types._profiles), len(validator.types._types)
    for at in range(50):
        claims = [f"{profile}|0.{at}", f"http://clinic.test/{at}"]
        validator.check(
            {"resourceType": "Patient", "meta": {"profile": claims}, "contained": [{"resourceType": f"X{at}"}]}
        )
    assert (len(validator.types._profiles), len(validator.types._types)) == held


RESOURCE = {
    "resourceType": "Patient",
    "name": [{"family": "A"}, {"family": "B"}],
    "contact": [{"name": {"family": "B"}}],
}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("name.all(%resource.name.first().family = family)", [False]),
        ("name.where(%resource.contact.name.family = family).count()", [1]),
        ("name.select(%resource.name.where(family = 'B').family)", ["B", "B"]),
        ("name.select(%context.name[1].family)", ["B", "B"]),
        ("name.select($this.family & %resource.name[0].family)", ["AA", "BA"]),
        ("name.where(%resource.photo.exists()).empty()", [True]),
        ("name.where(%resource.contact.exists()).count()", [2]),
        ("name.select(%resource.name[$index].family)", ["A", "B"]),
        ("name.select(%resource.name.where(family = %context.name[1].family).family)", ["B", "B"]),
        ("name.select(family.replaceMatches('A', 'C'))", ["C", "B"]),
        ("name.select(defineVariable('f', family).select(%resource.name.where(family = %f).family))", ["A", "B"]),
    ],
)
def test_what_is_worked_out_once_is_the_same_everywhere(expression, result):
    assert evaluate(RESOURCE, expression) == result


def test_what_is_kept_in_a_context_belongs_to_its_resource():
    asked = compile("%resource.name.first().family = family")
    for family in ("A", "B"):
        own = {"resourceType": "Patient", "name": [{"family": family}]}
        assert asked.holds({"resourceType": "Patient", "family": family}, Context(resource=own)) is False
    one, other = ({"resourceType": "Patient", "name": [{"family": name}]} for name in ("A", "B"))
    named = compile("%resource.name.first().family")
    assert [named(one, Context(resource=each, kept={}))[0].value for each in (one, other)] == ["A", "B"]
