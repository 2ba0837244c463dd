"""Answers against their Questionnaire."""

import pytest

HL7 = "http://hl7.org/fhir/StructureDefinition/"
FORM = {
    "resourceType": "Questionnaire", "url": "http://footbridge.test/Questionnaire/q", "status": "active",
    "item": [
        {"linkId": "hungry", "type": "boolean", "required": True},
        {"linkId": "why", "type": "string", "maxLength": 3,
         "enableWhen": [{"question": "hungry", "operator": "=", "answerBoolean": True}]},
        {"linkId": "days", "type": "integer", "extension": [{"url": HL7 + "maxValue", "valueInteger": 7}]},
        {"linkId": "pick", "type": "choice", "answerOption": [{"valueCoding": {"code": "a"}}]},
        {"linkId": "group", "type": "group", "item": [{"linkId": "inner", "type": "string"}]},
    ],
}  # fmt: skip
YES = {"linkId": "hungry", "answer": [{"valueBoolean": True}]}
NO = {"linkId": "hungry", "answer": [{"valueBoolean": False}]}


def answer(link, **value):
    return {"linkId": link, "answer": [value]}


@pytest.mark.parametrize(
    ("items", "rules"),
    [
        ([YES], set()),
        ([], {"questionnaire.missing"}),
        ([YES, answer("why", valueString="abc")], set()),
        ([NO, answer("why", valueString="abc")], {"questionnaire.not-enabled"}),
        ([YES, answer("why", valueString="abcd")], {"questionnaire.limit"}),
        ([YES, answer("days", valueInteger=8)], {"questionnaire.limit"}),
        ([YES, answer("days", valueString="8")], {"questionnaire.type"}),
        ([YES, answer("pick", valueCoding={"code": "b"})], {"questionnaire.option"}),
        ([YES, answer("nowhere", valueString="x")], {"questionnaire.unknown-item"}),
        ([YES, answer("inner", valueString="x")], {"questionnaire.misplaced"}),
        ([YES, answer("group", valueString="x")], {"questionnaire.group"}),
        ([answer("days", valueInteger=1), YES], {"questionnaire.order"}),
        ([{"linkId": "hungry", "answer": [{"valueBoolean": True}] * 2}], {"questionnaire.repeats"}),
    ],
)
def test_each_fault_is_found(found, items, rules):
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": FORM["url"]}
    resource = response | ({"item": items} if items else {})
    assert {rule for rule, _ in found(resource, definitions=[FORM])} == rules


def test_what_is_in_progress_may_have_gaps(found):
    response = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": FORM["url"]}
    assert found(response, definitions=[FORM]) == set()


def test_answers_to_a_questionnaire_of_the_guide(found):
    form = "http://hl7.org/fhir/us/sdoh-clinicalcare/Questionnaire/SDOHCC-QuestionnaireHungerVitalSign"
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": form}
    good = {"linkId": "/88122-7", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "LA28397-0"}}]}
    assert found(response | {"item": [good]}) == set()
    bad = {"linkId": "/88122-7", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "bogus"}}]}
    rows = found(response | {"item": [bad]})
    assert rows == {("questionnaire.option", "QuestionnaireResponse.item[0].answer[0].value.ofType(Coding)")}


def test_an_item_without_a_link_answers_nothing(found):
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": FORM["url"]}
    absent = {"url": HL7 + "data-absent-reason", "valueCode": "unknown"}
    rows = found(response | {"item": [YES, {"_linkId": {"extension": [absent]}}]}, definitions=[FORM])
    assert rows == {("questionnaire.unknown-item", "QuestionnaireResponse")}


KG = {"value": 1, "system": "http://unitsofmeasure.org", "code": "kg"}
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
GENDER = "http://hl7.org/fhir/administrative-gender"


def rules_of(found, items, *answers):
    form = FORM | {"item": items}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": FORM["url"]}
    return {rule for rule, _ in found(response | {"item": list(answers)}, definitions=[form])}


# What the HL7 validator says of the same.
@pytest.mark.parametrize(
    ("kind", "operator", "wanted", "given", "enabled"),
    [
        ("quantity", "=", {"answerQuantity": KG}, {"valueQuantity": KG}, True),
        ("quantity", "=", {"answerQuantity": KG | {"value": 9}}, {"valueQuantity": KG}, False),
        ("quantity", "!=", {"answerQuantity": KG | {"value": 9}}, {"valueQuantity": KG}, True),
        ("boolean", ">", {"answerBoolean": False}, {"valueBoolean": True}, True),
        ("boolean", "<", {"answerBoolean": False}, {"valueBoolean": True}, False),
        ("time", "<", {"answerTime": "23:00:00"}, {"valueTime": "10:00:00"}, True),
        ("time", ">=", {"answerTime": "10:00:00"}, {"valueTime": "10:00:00"}, True),
        ("string", "<=", {"answerString": "b"}, {"valueString": "a"}, True),
        ("string", ">", {"answerString": "b"}, {"valueString": "a"}, False),
        ("date", "<", {"answerDate": "2030"}, {"valueDate": "2024-01-02"}, True),
    ],
)
def test_a_condition_compares_by_the_type_of_the_answer(found, kind, operator, wanted, given, enabled):
    condition = {"question": "1", "operator": operator, **wanted}
    items = [{"linkId": "1", "type": kind}, {"linkId": "2", "type": "string", "enableWhen": [condition]}]
    told = rules_of(found, items, answer("1", **given), answer("2", valueString="x"))
    assert told == (set() if enabled else {"questionnaire.not-enabled"})


@pytest.mark.parametrize(
    ("item", "given", "rules"),
    [
        ({"type": "open-choice"}, {"valueDate": "2024-01-01"}, set()),
        ({"type": "choice", "answerValueSet": GENDERS}, {"valueInteger": 1}, set()),
        ({"type": "open-choice", "answerOption": [{"valueString": "a"}]}, {"valueInteger": 1}, {"questionnaire.type"}),
        ({"type": "text", "answerOption": [{"valueString": "a"}]}, {"valueString": "b"}, set()),
        ({"type": "string", "answerOption": [{"valueString": "a"}]}, {"valueString": "b"}, {"questionnaire.option"}),
        ({"type": "string", "answerValueSet": GENDERS}, {"valueString": "male"}, set()),
        ({"type": "string", "answerValueSet": GENDERS}, {"valueString": "Male"}, {"questionnaire.option"}),
        ({"type": "open-choice", "answerValueSet": GENDERS}, {"valueCoding": {"system": GENDER, "code": "male"}}, set()),
        ({"type": "open-choice", "answerValueSet": GENDERS}, {"valueCoding": {"code": "male"}}, {"questionnaire.option"}),
        ({"type": "quantity", "extension": [{"url": HL7 + "maxValue", "valueQuantity": KG}]},
         {"valueQuantity": KG | {"value": 9}}, set()),
        ({"type": "quantity", "extension": [{"url": HL7 + "questionnaire-unitValueSet",
                                             "valueCanonical": "http://hl7.org/fhir/ValueSet/age-units"}]},
         {"valueQuantity": KG}, {"questionnaire.limit"}),
        ({"type": "reference"}, {"valueReference": {"reference": "https://hospital.test/x"}}, set()),
    ],
)  # fmt: skip
def test_what_an_answer_may_be(found, item, given, rules):
    assert rules_of(found, [{"linkId": "1", **item}], answer("1", **given)) == rules
