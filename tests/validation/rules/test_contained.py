"""Contained resources."""

import pytest


@pytest.mark.parametrize(
    ("held", "rules"),
    [
        ({"id": "p"}, set()),
        ({"id": "q"}, {"contained.orphan", "invariant.ref-1"}),
        ({}, {"contained.id", "invariant.ref-1"}),
        ({"id": "p", "meta": {"versionId": "1"}}, {"contained.version"}),
        ({"id": "p", "meta": {"security": [{"code": "R"}]}}, {"contained.security"}),
        ({"id": "p", "contained": [{"resourceType": "Device", "id": "x"}]}, {"contained.nested"}),
    ],
)
def test_each_rule_of_containing(found, task, held, rules):
    resource = task | {"contained": [{"resourceType": "Patient", "active": True, **held}], "for": {"reference": "#p"}}
    assert {rule for rule, _ in found(resource)} >= rules
    if not rules:
        assert found(resource) == set()


DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
ORGANIZATION = {"resourceType": "Organization", "id": "org", "name": "Food bank"}
PICTURE = {"resourceType": "Binary", "id": "pic", "contentType": "image/png", "data": "aGk="}
OBSERVATION = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}}


def narrative(inner):
    return {"status": "generated", "div": DIV.format(inner)}


def orphans(found, resource):
    return {place for rule, place in found(resource) if rule == "contained.orphan"}


# The verdicts are the HL7 validator's.
@pytest.mark.parametrize(
    ("held", "more"),
    [
        ([PICTURE], {"text": narrative('Ann <img src="#pic" alt="x"/>')}),
        ([ORGANIZATION], {"text": narrative('<a href="#org">x</a>')}),
        ([ORGANIZATION], {"text": narrative("<a href='#org'>x</a>")}),
        ([ORGANIZATION], {"managingOrganization": {"reference": "#org"}}),
        ([PICTURE], {"photo": [{"url": "#pic", "contentType": "image/png"}]}),
        ([OBSERVATION | {"subject": {"reference": "#"}}], {}),
        (
            [ORGANIZATION | {"partOf": {"reference": "#above"}}, ORGANIZATION | {"id": "above"}],
            {"text": narrative('<a href="#org">x</a>')},
        ),
        (
            [ORGANIZATION | {"text": narrative('<a href="#above">x</a>')}, ORGANIZATION | {"id": "above"}],
            {"managingOrganization": {"reference": "#org"}},
        ),
    ],
)  # fmt: skip
def test_what_a_reference_a_uri_or_a_narrative_refers_to_is_no_orphan(found, patient, held, more):
    assert orphans(found, patient | {"contained": held} | more) == set()


@pytest.mark.parametrize(
    ("held", "more"),
    [
        (ORGANIZATION, {"name": [{"family": "#org"}]}),
        (ORGANIZATION, {"text": narrative("Ann #org")}),
        (ORGANIZATION, {"text": narrative('<p id="org">x</p>')}),
        (ORGANIZATION, {"text": narrative('Ann <!-- <a href="#org">x</a> -->')}),
        (ORGANIZATION, {"managingOrganization": {"display": "#org"}}),
        (ORGANIZATION, {"identifier": [{"system": "https://acme.org/i", "value": "#org"}]}),
        (ORGANIZATION | {"name": "#"}, {}),
    ],
)
def test_text_that_starts_with_a_number_sign_is_no_reference(found, patient, held, more):
    assert orphans(found, patient | {"contained": [held]} | more) == {"Patient.contained[0]"}


def test_the_narratives_of_sections_refer_too(found):
    inner = {"title": "b", "text": narrative('<img src="#pic" alt="q"/>')}
    sections = [{"title": "a", "text": narrative('<a href="#org">x</a>'), "section": [inner]}]
    document = {
        "resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2020-01-01", "title": "t",
        "author": [{"display": "x"}], "contained": [ORGANIZATION, PICTURE], "section": sections,
    }  # fmt: skip
    assert orphans(found, document) == set()
    sections[0]["section"] = [{"title": "b", "text": narrative("x")}]
    assert orphans(found, document) == {"Composition.contained[1]"}


@pytest.mark.parametrize("name", ["#5", "#", "#missing"])
def test_a_name_with_a_number_sign_is_good(found, patient, name):
    assert found(patient | {"name": [{"family": name}]}) == set()


def test_an_action_may_name_a_contained_definition(found):
    plan = {
        "resourceType": "PlanDefinition", "status": "draft", "action": [{"definitionCanonical": "#ad"}],
        "contained": [{"resourceType": "ActivityDefinition", "id": "ad", "status": "draft"}],
    }  # fmt: skip
    assert orphans(found, plan) == set()
    plan["action"] = [{"definitionUri": "#ad"}]
    assert orphans(found, plan) == set()
