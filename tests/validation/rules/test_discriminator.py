"""Paths of discriminators."""

import pytest

from footbridge.validation.rules.discriminator import steps_of


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$this", ()),
        ("code.coding", (("child", "code"), ("child", "coding"))),
        ("$this.resolve()", (("resolve", ""),)),
        ("extension('http://a/b').value", (("extension", "http://a/b"), ("child", "value"))),
        ("value.ofType(Reference).resolve()", (("child", "value"), ("ofType", "Reference"), ("resolve", ""))),
    ],
)
def test_a_path_is_taken_apart(path, steps):
    assert steps_of(path) == steps
