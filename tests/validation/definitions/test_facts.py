from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.definitions.term_facts import code_system_facts, value_set_facts

HL7 = "http://hl7.org/fhir/StructureDefinition/"


def element_of(**element):
    facts = facts_of({"snapshot": {"element": [{"path": "Task.code", **element}]}})
    return facts["snapshot"][0], facts["constraints"]


def test_prose_and_false_flags_are_left_out():
    element, _ = element_of(short="s", definition="d", isModifier=False, mustSupport=False, min=0, max="1", mapping=[])
    assert element == {"id": "Task.code", "path": "Task.code", "min": 0, "max": "1"}


def test_invariants_go_to_one_table_and_best_practice_is_marked():
    rule = {"key": "a-1", "severity": "warning", "human": "h", "expression": "true", "xpath": "x"}
    flag = {"url": HL7 + "elementdefinition-bestpractice", "valueBoolean": True}
    element, table = element_of(constraint=[rule, {**rule, "key": "a-2", "extension": [flag]}])
    assert element["constraint"] == ["a-1", "a-2"]
    assert table["a-1"] == {"severity": "warning", "expression": "true"}
    assert table["a-2"]["bestPractice"] is True


def test_two_rules_of_one_key_stay_two():
    rows = [{"key": "a", "severity": "error", "expression": text} for text in ("x", "y", "x")]
    element, table = element_of(constraint=rows)
    assert element["constraint"] == ["a", "a~2"]
    assert [table[key]["expression"] for key in ("a", "a~2")] == ["x", "y"]


def test_fhirpath_types_become_the_fhir_types_that_they_stand_for():
    string = {"code": "http://hl7.org/fhirpath/System.String"}
    assert element_of(base={"path": "Resource.id"}, type=[string])[0]["type"] == [{"code": "id"}]
    assert element_of(base={"path": "Extension.url"}, type=[string])[0]["type"] == [{"code": "uri"}]
    told = {**string, "extension": [{"url": HL7 + "structuredefinition-fhir-type", "valueUrl": "string"}]}
    assert element_of(type=[told])[0]["type"] == [{"code": "string"}]
    assert element_of(base={"path": "string.value"}, type=[string])[0]["type"] == [string]


def test_bindings_keep_limits_and_bindings_by_category():
    usage = {"code": {"code": "Task.code"}, "valueCodeableConcept": {"text": "x"}}
    parts = [
        {"url": "purpose", "valueCode": "required"},
        {"url": "valueSet", "valueCanonical": "urn:v"},
        {"url": "usage", "valueUsageContext": usage},
    ]
    binding = {
        "strength": "extensible",
        "valueSet": "urn:base",
        "description": "prose",
        "extension": [
            {"url": HL7 + "elementdefinition-maxValueSet", "valueCanonical": "urn:max"},
            {"url": "http://hl7.org/fhir/tools/StructureDefinition/additional-binding", "extension": parts},
        ],
    }
    assert element_of(binding=binding)[0]["binding"] == {
        "strength": "extensible",
        "valueSet": "urn:base",
        "additional": [
            {"purpose": "maximum", "valueSet": "urn:max"},
            {"purpose": "required", "valueSet": "urn:v", "usage": [usage]},
        ],
    }


def test_the_guides_bindings_by_category_are_kept():
    facts = Registry.default().structure(
        "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ServiceRequest"
    )
    code = next(element for element in facts["snapshot"] if element["id"] == "ServiceRequest.code")
    rows = code["binding"]["additional"]
    assert len(rows) > 20
    assert all(row["usage"][0]["valueCodeableConcept"]["coding"][0]["code"] for row in rows)


def test_a_differential_is_kept_only_where_there_is_no_snapshot():
    view = {"element": [{"path": "Task"}]}
    assert "differential" not in facts_of({"snapshot": view, "differential": view})
    assert facts_of({"differential": view})["differential"] == [{"id": "Task", "path": "Task"}]


def test_odd_shapes_raise_nothing():
    for odd in (
        {},
        {"snapshot": []},
        {"snapshot": {"element": [1, {"path": "A", "type": "x", "binding": 3, "constraint": [{}]}]}},
        {"context": 1},
    ):
        facts_of(odd)
    value_set_facts({"compose": {"include": [1, {"concept": [2, {}]}]}, "expansion": 1})
    code_system_facts(
        {"concept": [1, {"code": 2}, {"code": "a", "property": [{}], "designation": [{}]}], "property": 3}
    )


def test_concepts_keep_hierarchy_properties_and_designations():
    concept = {"code": "a", "display": "A", "definition": "prose", "concept": [{"code": "b", "display": "B"}]}
    concept["property"] = [{"code": "parent", "valueCode": "z"}, {"code": "note", "valueString": "n"}]
    concept["designation"] = [{"language": "fr", "value": "Á"}, {"value": "AA"}]
    facts = code_system_facts({"url": "urn:cs", "content": "complete", "concept": [concept]}, ["parent"])
    assert facts["concept"] == {
        "a": {"display": "A", "property": [["parent", "z"]], "designation": [["fr", "Á"], "AA"], "concept": {"b": "B"}}
    }
