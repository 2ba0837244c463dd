"""What canonicals lead to."""

VALUE_SET = "http://hl7.org/fhir/ValueSet/task-status"


def test_a_canonical_of_another_kind(found, task):
    wrong, told = task | {"instantiatesCanonical": VALUE_SET}, ("reference.canonical", "Task.instantiatesCanonical")
    assert found(wrong, references="exists", fetch=lambda _: None) == {told}
    assert found(wrong) == set()
    assert told in found(wrong, severity="warning")
    assert found(task | {"instantiatesCanonical": "http://footbridge.test/nowhere"}) == set()
