"""FHIR's own functions, the context's hooks, and what stays undecided."""

import threading
from decimal import Decimal

import pytest

from footbridge.validation.fhirpath import Context, FHIRPathError, Node, Undecided, compile, evaluate, fhir_type  # noqa: A004 - the library's name

T, F, NONE = [True], [False], []


def test_extensions_of_complex_and_primitive_elements(patient):
    assert evaluate(patient, "birthDate.extension('urn:x:time').value") == ["1974-12-25T14:35:45-05:00"]
    assert evaluate(patient, "birthDate.extension.url") == ["urn:x:time"]
    assert evaluate(patient, "birthDate.id") == ["b"]
    assert evaluate(patient, "birthDate.extension('urn:other')") == NONE
    patient["extension"] = [{"url": "urn:e", "valueQuantity": {"value": 3}}]
    assert evaluate(patient, "extension('urn:e').value.value") == [3]


def test_a_primitive_with_extensions_alone_has_no_value():
    patient = {"resourceType": "Patient", "_birthDate": {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}}
    assert evaluate(patient, "birthDate.exists()") == T
    assert evaluate(patient, "birthDate.hasValue()") == F
    assert evaluate(patient, "birthDate.getValue()") == NONE
    assert evaluate(patient, "birthDate") == [patient["_birthDate"]]
    assert evaluate(patient, "birthDate < today()") == NONE


def test_lists_of_primitives_meet_their_companions():
    patient = {
        "resourceType": "Patient",
        "name": [{"given": ["A", None], "_given": [None, {"extension": [{"url": "urn:x", "valueString": "s"}]}]}],
    }
    assert evaluate(patient, "name.given.count()") == [2]
    assert evaluate(patient, "name.given.where(hasValue())") == ["A"]
    assert evaluate(patient, "name.given[1].extension('urn:x').value") == ["s"]


def test_results_are_plain_values():
    observation = {
        "resourceType": "Observation",
        "valueQuantity": {"value": 1.50, "unit": "kg"},
        "effectiveDateTime": "2020",
    }
    assert evaluate(observation, "value.value") == [Decimal("1.5")]
    assert evaluate(observation, "effective") == ["2020"]
    assert evaluate(observation, "value") == [{"value": 1.50, "unit": "kg"}]
    assert evaluate(observation, "value.type()") == [{"namespace": "FHIR", "name": "Quantity"}]


def test_contained_resources_resolve_without_a_hook(patient):
    assert evaluate(patient, "managingOrganization.resolve().name") == ["Food bank"]
    assert evaluate(patient, "'#'.resolve().id") == ["p1"]
    assert evaluate(patient, "'#nobody'.resolve()") == NONE


def test_other_references_resolve_by_the_context(patient):
    known = {"Organization/2": {"resourceType": "Organization", "id": "2"}}
    patient["managingOrganization"]["reference"] = "Organization/2"
    holds = compile("managingOrganization.resolve() is Organization", root_type="Patient").holds
    assert holds(patient, Context(resource=patient, resolve=known.get)) is True
    assert holds(patient, Context(resource=patient)) is False


def test_membership_asks_the_context_and_unknown_membership_is_undecided(patient):
    asked = []

    def member_of(concept, type_name, value_set):
        asked.append((concept, type_name, value_set))
        return {"urn:yes": True, "urn:no": False}.get(value_set)

    context = Context(resource=patient, member_of=member_of)
    assert compile("gender.memberOf('urn:yes')").holds(patient, context) is True
    assert compile("gender.memberOf('urn:no')").holds(patient, context) is False
    assert asked[0] == ("female", "code", "urn:yes")
    with pytest.raises(Undecided, match="urn:maybe"):
        compile("gender.memberOf('urn:maybe')").holds(patient, context)
    with pytest.raises(Undecided):
        compile("gender.memberOf('urn:yes')").holds(patient, Context())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("gender.memberOf('urn:v') or active", True),
        ("active or gender.memberOf('urn:v')", True),
        ("gender.memberOf('urn:v') and active.not()", False),
        ("gender.memberOf('urn:v') implies active", True),
        ("active.not() implies gender.memberOf('urn:v')", True),
    ],
)
def test_what_the_other_operand_decides_is_decided(patient, expression, expected):
    assert compile(expression).holds(patient) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "gender.memberOf('urn:v') or active.not()",
        "gender.memberOf('urn:v') and active",
        "active implies gender.memberOf('urn:v')",
        "name.where(use.memberOf('urn:v')).exists()",
        "gender.memberOf('urn:v').not()",
        "name.first().subsumes(name.first())",
        "elementDefinition().exists()",
    ],
)
def test_what_hangs_on_an_unknown_answer_is_undecided(patient, expression):
    with pytest.raises(Undecided):
        compile(expression).holds(patient)


def test_subsumption_asks_the_context():
    condition = {"resourceType": "Condition", "code": {"coding": [{"system": "urn:s", "code": "1"}]}}
    context = Context(subsumes=lambda general, special: general["code"] <= special["code"])
    assert compile("code.coding.subsumes(%context.code.coding)").holds(condition, context) is True
    assert compile("code.coding.subsumedBy(%context.code.coding)").holds(condition, context) is True


def test_conformance_to_a_base_type_needs_no_context(patient):
    base = "http://hl7.org/fhir/StructureDefinition/"
    assert evaluate(patient, f"conformsTo('{base}Patient')") == T
    assert evaluate(patient, f"conformsTo('{base}Person')") == F
    with pytest.raises(FHIRPathError):
        evaluate(patient, "conformsTo('urn:profile')")
    with pytest.raises(Undecided):
        compile("conformsTo('urn:profile')").holds(patient, Context(conforms_to=lambda *_: None))
    assert compile("conformsTo('urn:profile')").holds(patient, Context(conforms_to=lambda *_: True)) is True


def test_trace_hands_values_to_the_context_and_changes_nothing(patient):
    seen = []
    context = Context(trace=lambda name, items: seen.append((name, items)))
    assert compile("name.given.trace('g').count() = 3").holds(patient, context) is True
    assert compile("name.trace('u', use).exists()").holds(patient, context) is True
    assert seen == [("g", ["Ida", "May", "Idie"]), ("u", ["official", "usual"])]


def test_variables_of_the_context(patient):
    found = evaluate(patient, "%threshold + 1 | %names.given", {"threshold": 4, "names": patient["name"]})
    assert found == [5, "Ida", "May", "Idie"] or found[0] == 5


def test_an_invariant_on_an_element_sees_its_resource():
    task = {"resourceType": "Task", "status": "completed", "input": [{"type": {"text": "a"}, "valueString": "x"}]}
    rule = compile(
        "value.exists() and %resource.status = 'completed' and %context.type.text = 'a'", root_type="Task.input"
    )
    assert rule.holds(task["input"][0], Context(resource=task)) is True
    contained = Context(resource=task, root_resource={"resourceType": "Bundle", "id": "b"})
    assert compile("%rootResource.id = 'b'", root_type="Task.input").holds(task["input"][0], contained) is True


def test_an_invariant_holds_when_its_result_is_not_empty_and_not_false(patient):
    verdicts = {
        text: compile(text).holds(patient) for text in ("name", "id", "photo", "active", "deceased", "active.not()")
    }
    assert verdicts == {
        "name": True,
        "id": True,
        "photo": False,
        "active": True,
        "deceased": False,
        "active.not()": False,
    }


def test_a_primitive_focus_is_a_node():
    node = Node("female", fhir_type("code"), {"extension": [{"url": "urn:x", "valueString": "y"}]})
    assert compile("hasValue() and extension('urn:x').exists() and $this = 'female'").holds(node) is True


def test_modifier_extensions_must_be_known(patient):
    patient["modifierExtension"] = [{"url": "urn:not", "valueBoolean": True}]
    assert evaluate(patient, "checkModifiers('urn:not').id") == ["p1"]
    with pytest.raises(FHIRPathError):
        evaluate(patient, "checkModifiers('urn:other')")


def test_wrongly_shaped_resources_never_break_navigation():
    for wrong in (
        {"name": "x"},
        {"name": [["a"], 3, None]},
        {"name": {"given": {"a": 1}}},
        {"birthDate": ["x"]},
        {"birthDate": 5},
    ):
        resource = {"resourceType": "Patient", **wrong}
        compile("name.given.exists() or birthDate.exists() or descendants().count() >= 0").holds(resource)
        compile("name.family = 'x' or birthDate = @2020").holds(resource)


def test_compiled_expressions_are_shared_between_threads(patient):
    rule = compile("name.where(use = %wanted).given.aggregate($total & $this, '') = %text")
    wrong = []

    def work(use, text):
        context = Context(variables={"wanted": use, "text": text})
        wrong.extend(use for _ in range(300) if rule.holds(patient, context) is not True)

    threads = [threading.Thread(target=work, args=args) for args in (("official", "IdaMay"), ("usual", "Idie")) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
