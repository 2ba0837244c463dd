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
        ("<p>a&nbsp;b</p>", {"narrative.entity"}),
        ("<p>a&#160;b</p>", set()),
        ("\u00a0", set()),
        ("<![CDATA[x]]>", {"narrative.empty"}),
        ("<p>y</p><![CDATA[x]]>", set()),
        ("x<img src='#there' alt='x'/>", {"narrative.resolve"}),
        ("<p id='there'>x<img src='#there' alt='x'/></p>", set()),
        ("<a href=''>x</a>", {"narrative.url"}),
        ("<a href='http://a.test/a b'>x</a>", {"narrative.url"}),
        ("<table><tr><td>x</td></tr></table>", set()),
        ("<td>x</td>", {"narrative.nesting"}),
    ],
)
def test_each_fault_is_found(found, patient, markup, rules):
    text = {"status": "generated", "div": DIV.format(markup)}
    issues = found(patient | {"text": text})
    assert {rule for rule, _ in issues} == rules
    assert {place for _, place in issues} <= {"Patient.text.div"}


def test_a_style_that_loads_something_is_a_warning(found, patient):
    text = {"status": "generated", "div": DIV.format("<p style='background: url(data:image/png;base64,AAAA)'>x</p>")}
    assert found(patient | {"text": text}) == set()
    assert ("narrative.style", "Patient.text.div") in found(patient | {"text": text}, severity="warning")
