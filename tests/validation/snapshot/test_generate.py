import pytest

from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.snapshot import SnapshotError, generate

R4 = "http://hl7.org/fhir/StructureDefinition/"
RULE = {"key": "mine-1", "severity": "error", "expression": "true"}


@pytest.fixture(scope="module")
def registry():
    return Registry.default()


@pytest.fixture
def made(registry):
    def make(type_name, *elements, base=None, **more):
        definition = {
            "url": "urn:p", "type": type_name, "derivation": "constraint", "baseDefinition": base or R4 + type_name,
            "differential": {"element": list(elements)}, **more,
        }  # fmt: skip
        facts = generate(facts_of(definition), registry.nearest)
        return {element["id"]: element for element in facts["snapshot"]} | {"facts": facts}

    return make


def test_the_base_shows_where_the_differential_is_silent(made, registry):
    task = made("Task", {"path": "Task.owner", "min": 1})
    assert task["Task.owner"]["min"] == 1
    assert task["Task.owner"]["max"] == "1"
    assert task["Task.owner"]["base"] == {"path": "Task.owner", "min": 0, "max": "1"}
    plain = [element["id"] for element in registry.type("Task")["snapshot"]]
    assert [element["id"] for element in task["facts"]["snapshot"]] == plain


def test_an_empty_differential_gives_the_base(made, registry):
    facts = made("Task")["facts"]
    assert [element["id"] for element in facts["snapshot"]] == [
        element["id"] for element in registry.type("Task")["snapshot"]
    ]


def test_invariants_add_up_and_the_table_has_them_all(made):
    task = made("Task", {"path": "Task", "constraint": [RULE]})
    assert task["Task"]["constraint"][-1] == "mine-1"
    assert "dom-2" in task["Task"]["constraint"]
    used = {key for element in task["facts"]["snapshot"] for key in element.get("constraint", ())}
    assert used == task["facts"]["constraints"].keys()


def test_children_are_unfolded_from_the_type(made):
    task = made("Task", {"path": "Task.code.coding.system", "min": 1})
    assert task["Task.code.coding.system"]["min"] == 1
    assert task["Task.code.coding.code"]["type"] == [{"code": "code"}]
    assert "Task.code.text" in task


def test_children_are_unfolded_from_a_content_reference(made):
    form = made("Questionnaire", {"path": "Questionnaire.item.item.linkId", "maxLength": 3})
    assert form["Questionnaire.item.item.linkId"]["maxLength"] == 3
    assert "maxLength" not in form["Questionnaire.item.linkId"]
    assert "contentReference" not in form["Questionnaire.item.item"]
    assert form["Questionnaire.item.item.item"]["contentReference"] == R4 + "Questionnaire#Questionnaire.item"


def test_slices_stand_after_what_they_are_slices_of_and_have_its_children(made):
    by_code = {"discriminator": [{"type": "pattern", "path": "type"}], "rules": "closed"}
    task = made(
        "Task",
        {"path": "Task.input", "slicing": by_code, "min": 1},
        {"path": "Task.input", "sliceName": "a", "min": 1, "max": "1"},
        {"path": "Task.input.type", "patternCodeableConcept": {"text": "a"}},
        {"path": "Task.input", "sliceName": "b", "max": "2"},
    )
    assert task["Task.input"]["slicing"] == by_code
    assert task["Task.input:a.type"]["patternCodeableConcept"] == {"text": "a"}
    assert "patternCodeableConcept" not in task["Task.input:b.type"]
    assert "slicing" not in task["Task.input:a"]
    assert (task["Task.input:b"]["min"], task["Task.input:b"]["max"]) == (0, "2")
    order = [name for name in task if name.startswith("Task.input") and name.count(".") == 1]
    assert order == ["Task.input", "Task.input:a", "Task.input:b"]


def test_a_slice_can_be_sliced_again(made):
    by_use = {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}
    patient = made(
        "Patient",
        {"path": "Patient.name", "slicing": by_use},
        {
            "path": "Patient.name",
            "sliceName": "official",
            "slicing": {"discriminator": [{"type": "exists", "path": "period"}], "rules": "open"},
        },
        {"path": "Patient.name", "sliceName": "official/past"},
        {"path": "Patient.name.period.end", "min": 1},
        {"path": "Patient.name", "sliceName": "usual"},
    )
    names = [name for name in patient if name.startswith("Patient.name") and name.count(".") == 1]
    assert names == ["Patient.name", "Patient.name:official", "Patient.name:official/past", "Patient.name:usual"]
    assert patient["Patient.name:official/past.period.end"]["min"] == 1


def test_extensions_are_sliced_by_url_without_saying_so(made):
    race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    patient = made(
        "Patient",
        {"path": "Patient.extension", "sliceName": "race", "type": [{"code": "Extension", "profile": [race]}]},
    )
    assert patient["Patient.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
    assert patient["Patient.extension:race"]["max"] == "1"


def test_children_of_a_profiled_extension_come_from_its_profile(made):
    race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    patient = made(
        "Patient",
        {"path": "Patient.extension", "sliceName": "race", "type": [{"code": "Extension", "profile": [race]}]},
        {"path": "Patient.extension.extension", "sliceName": "text", "mustSupport": True},
    )
    assert patient["Patient.extension:race.url"]["fixedUri"] == race
    assert patient["Patient.extension:race.extension:text"]["mustSupport"] is True
    assert patient["Patient.extension:race.extension:ombCategory"]["max"] == "6"


def test_a_named_choice_is_a_slice_by_type(made):
    seen = made("Observation", {"path": "Observation.valueQuantity.unit", "min": 1})
    assert seen["Observation.value[x]"]["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]
    assert len(seen["Observation.value[x]"]["type"]) > 5
    assert seen["Observation.value[x]:valueQuantity"]["type"] == [{"code": "Quantity"}]
    assert seen["Observation.value[x]:valueQuantity.unit"]["min"] == 1


def test_a_named_choice_that_must_be_there_leaves_no_other(made):
    seen = made("Observation", {"path": "Observation.valueQuantity", "min": 1})
    assert seen["Observation.value[x]"]["min"] == 1
    assert seen["Observation.value[x]"]["type"] == [{"code": "Quantity"}]
    assert seen["Observation.value[x]"]["slicing"]["rules"] == "closed"


def test_a_named_choice_within_a_slice_narrows_it(made):
    seen = made(
        "Observation",
        {
            "path": "Observation.component",
            "slicing": {"discriminator": [{"type": "pattern", "path": "code"}], "rules": "open"},
        },
        {"path": "Observation.component", "sliceName": "a"},
        {"path": "Observation.component.valueQuantity.unit", "min": 1},
    )
    assert seen["Observation.component:a.value[x]"]["type"] == [{"code": "Quantity"}]
    assert seen["Observation.component:a.value[x].unit"]["min"] == 1
    assert len(seen["Observation.component.value[x]"]["type"]) > 5


def test_below_a_choice_of_types_what_only_one_of_them_has_is_left_out(made):
    seen = made(
        "Observation",
        {"path": "Observation.value[x].value", "maxValueDecimal": 100},
        {"path": "Observation.value[x].id", "min": 1},
    )
    assert seen["Observation.value[x].id"]["min"] == 1
    assert "Observation.value[x].value" not in seen
    assert len(seen["Observation.value[x]"]["type"]) > 5


def test_a_fixed_value_takes_the_place_of_a_pattern(made):
    height = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-body-height"
    seen = made("Observation", {"path": "Observation.code", "fixedCodeableConcept": {"text": "x"}}, base=height)
    assert seen["Observation.code"]["fixedCodeableConcept"] == {"text": "x"}
    assert not [name for name in seen["Observation.code"] if name.startswith("pattern")]


def test_a_specialization_adds_elements(made):
    own = made(
        "Thing",
        {"path": "Thing"},
        {"path": "Thing.colour", "min": 1, "max": "1", "type": [{"code": "code"}]},
        base=R4 + "DomainResource",
        derivation="specialization",
    )
    assert own["Thing.colour"]["type"] == [{"code": "code"}]
    assert own["Thing.text"]["base"]["path"] == "DomainResource.text"


@pytest.mark.parametrize(
    ("elements", "word"),
    [
        ([{"path": "Task.colour"}], "Task.colour"),
        ([{"path": "Patient.name"}], "Patient"),
        ([{"min": 1}], "no path"),
        ([{"path": "Task"}, {"path": "Patient"}], "Patient"),
        ([{"path": "Task.valueNonsense"}], "valueNonsense"),
    ],
)
def test_what_does_not_fit_is_told(made, elements, word):
    with pytest.raises(SnapshotError, match=word):
        made("Task", *elements)
