"""The form of references, and whether they lead anywhere."""


def test_a_reference_is_a_url(found, task):
    assert found(task | {"for": {"reference": "Patient/a b"}}) == {("reference.form", "Task.for")}


def test_what_is_outside_is_looked_for_only_on_request(found, task):
    other = task | {"for": {"reference": "Patient/1"}}
    assert found(other) == set()
    assert found(other, references="exists", fetch=lambda _: None) == {("reference.unresolved", "Task.for")}
    known = {"resourceType": "Patient", "id": "1"}
    assert found(other, references="exists", fetch=lambda _: known) == set()


def test_a_fragment_must_be_contained(found, task):
    assert found(task | {"for": {"reference": "#nobody"}}) == {("invariant.ref-1", "Task.for")}
