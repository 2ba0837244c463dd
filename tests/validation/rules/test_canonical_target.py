"""What canonicals lead to."""

VALUE_SET = "http://hl7.org/fhir/ValueSet/task-status"


def test_a_canonical_of_another_kind(found, task):
    assert found(task | {"instantiatesCanonical": VALUE_SET}) == {("reference.canonical", "Task.instantiatesCanonical")}
    assert found(task | {"instantiatesCanonical": "http://footbridge.test/nowhere"}) == set()
