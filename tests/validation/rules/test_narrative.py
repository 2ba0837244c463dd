"""Narratives."""

import pytest

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    ("markup", "rules"),
    [
        ("<p>hello</p>", set()),
        ("<script>x</script>", {"narrative.element"}),
        ("<p onclick='x()'>hello</p>", {"narrative.event"}),
        ("<p>hello", {"narrative.form"}),
        ("", {"narrative.empty"}),
        ("<p><a href='#there'>a</a></p>", {"narrative.resolve"}),
        ("<p id='there'><a href='#there'>a</a></p>", set()),
        ("<p><a href='urn:uuid:1'>a</a></p>", {"narrative.link"}),
        ("<p>&reg;</p>", {"narrative.entity"}),
    ],
)
def test_each_fault_is_found(found, patient, markup, rules):
    text = {"status": "generated", "div": DIV.format(markup)}
    issues = found(patient | {"text": text})
    assert {rule for rule, _ in issues} == rules
    assert {place for _, place in issues} <= {"Patient.text.div"}
