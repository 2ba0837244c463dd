"""Narrative XHTML: what is allowed, safe and not empty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.fhirpath import evaluate
from footbridge.validation.fhirpath.narrative import faults

NS = 'xmlns="http://www.w3.org/1999/xhtml"'


def rules(inner, attributes=NS):
    return {fault.rule.removeprefix("narrative.") for fault in faults(f"<div {attributes}>{inner}</div>")}


@pytest.mark.parametrize(
    "inner",
    [
        "plain", "<p>a&nbsp;b &amp; &eacute; &#160;</p>", "<table><tr><td colspan='2'>x</td></tr></table>",
        "<a href='https://www.hl7.org/'>x</a>", "<a name='here'>x</a>", "<img src='#pic' alt='x'/>", "<p style='color: red'>x</p>",
        "<img src='data:image/png;base64,AAAA' alt='x'/>", "<!-- note --> text", "<pre xml:space='preserve'>x</pre>", "<br/>x",
    ],
)  # fmt: skip
def test_good_narrative(inner):
    assert rules(inner) == set()


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        ("<script>alert(1)</script>", "element"), ("<form>x</form>", "element"), ("<iframe src='x'>x</iframe>", "element"),
        ("<object>x</object>", "element"), ("<p onclick='x()'>x</p>", "event"), ("<p data-x='1'>x</p>", "attribute"),
        ("<a href='javascript:x()'>x</a>", "unsafe-link"), ("<a href=' java\nscript:x()'>x</a>", "unsafe-link"), ("<a href='data:text/html,x'>x</a>", "unsafe-link"),
        ("<p style='background: url(http://a)'>x</p>", "style"), ("<p style='width: expression(x)'>x</p>", "style"),
        ("  <p> </p>", "empty"), ("", "empty"), ("<p>x</i>", "form"), ("&nope;", "form"), ("x <?php x ?>", "node"),
        ("<svg xmlns='http://www.w3.org/2000/svg'>x</svg>", "element"),
    ],
)  # fmt: skip
def test_bad_narrative(inner, rule):
    assert rule in rules(inner)


def test_the_root_is_a_div_of_xhtml():
    assert rules("x", "") >= {"root"}
    assert {fault.rule for fault in faults(f"<p {NS}>x</p>")} == {"narrative.root"}


def test_entities_are_neither_declared_nor_expanded():
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><div xmlns="http://www.w3.org/1999/xhtml">&b;</div>'
    assert {fault.rule for fault in faults(bomb)} == {"narrative.doctype"}
    assert {fault.rule for fault in faults("<div>" * 5000 + "</div>" * 5000)} == {"narrative.form"}


def test_html_checks_in_an_expression():
    patient = {"resourceType": "Patient", "text": {"status": "generated", "div": f"<div {NS}>x</div>"}}
    assert evaluate(patient, "text.div.htmlChecks()") == [True]
    patient["text"]["div"] = f"<div {NS}><script>x</script></div>"
    assert evaluate(patient, "text.div.htmlChecks()") == [False]
    assert evaluate(patient, "text.div.htmlChecks2()") == [True]
    assert evaluate({"resourceType": "Patient"}, "text.div.htmlChecks()") == []


@given(st.text(alphabet="<>/div p&;=\"'ax!-[]?", max_size=60))
def test_no_text_breaks_the_checks(text):
    faults(text)
    faults(f"<div {NS}>{text}</div>")


@pytest.mark.parametrize(
    ("text", "good", "filled"),
    [
        ("<p>x</p>", True, True),
        ("x", True, True),
        ("<p> </p>", True, False),
        ("<p>x", False, True),
        ("<b>", False, True),
    ],
)
def test_html_in_a_string_is_a_fragment(text, good, filled):
    patient = {"resourceType": "Patient", "name": [{"text": text}]}
    assert evaluate(patient, "name.text.htmlChecks()") == [good]
    assert evaluate(patient, "name.text.htmlChecks2()") == [filled]


def test_a_narrative_is_no_fragment():
    patient = {"resourceType": "Patient", "text": {"status": "generated", "div": "<p>x</p>"}}
    assert evaluate(patient, "text.div.htmlChecks()") == [False]
