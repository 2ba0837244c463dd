"""URLs."""

SYSTEM = "http://" + "example" + ".org/ids"


def test_example_urls_are_refused_unless_allowed(found, task):
    other = task | {"identifier": [{"system": SYSTEM, "value": "1"}]}
    assert found(other) == {("uri.example", "Task.identifier[0].system")}
    assert found(other, allow_example_urls=True) == set()


def test_a_canonical_is_absolute(found, task):
    assert found(task | {"instantiatesCanonical": "ActivityDefinition/1"}) == {
        ("uri.canonical", "Task.instantiatesCanonical")
    }
