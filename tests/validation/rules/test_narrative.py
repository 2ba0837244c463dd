"""Narratives."""

import pytest

from footbridge.validation import Validator

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


RENDERING = "http://hl7.org/fhir/StructureDefinition/rendering-xhtml"


def rendered(patient, text):
    row = {"text": "Roe", "_text": {"extension": [{"url": RENDERING, "valueString": text}]}}
    return patient | {"name": [row]}


# The HL7 validator accepts every one of these.
@pytest.mark.parametrize(
    "text",
    [
        "<p>test</p>", "plain text", "a &lt; b", "a &amp; b", "<ul><li>a</li><li>b</li></ul>", "some <b>bold</b> text",
        "<table><tr><td>x</td></tr></table>", "<p>a</p><p>b</p>", '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
        "<div>a</div>", '<p xmlns="http://www.w3.org/1999/xhtml">a</p>', "a<br/>b", "<!-- x -->a", "<p/>", "<li>a</li>", "<?x y?>a",
        "<td>a</td>", "a&nbsp;b", "a&#160;b", '<img src="#x"/>', "<![CDATA[a]]>",
        '<p style="color: red">a</p>',
        '<div xmlns="http://www.w3.org/1999/xhtml">a</div>b', "<p><div>a</div></p>",
    ],
)  # fmt: skip
def test_the_rendering_of_a_text_is_a_fragment(found, patient, text):
    assert found(rendered(patient, text)) == set()


# The HL7 validator refuses every one of these but the last two, which run or hide something.
@pytest.mark.parametrize(
    "text",
    [
        "<script>a</script>", "<p>test", "a</p>", '<p onclick="x()">a</p>', "a < b", "a & b", "<foo>a</foo>",
        "<html><body>a</body></html>", "<!DOCTYPE x>a", "<form>a</form>", '<p foo="a">x</p>', "a &foo; b", "<input/>",
        '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>', "a</div><div>b", '<a href="javascript:x()">a</a>',
    ],
)  # fmt: skip
def test_the_rendering_of_a_text_is_good_xhtml(found, patient, text):
    where = "Patient.name[0].text.extension[0].value.ofType(string)"
    assert found(rendered(patient, text)) == {("invariant.xhtml-ext-1", where)}


def in_div(markup):
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{markup}</div>'}


# The HL7 validator accepts each of these in JSON, and refuses each of the others.
@pytest.mark.parametrize(
    "markup",
    [
        "<p class=a>x</p>", "<br class=a/>x", "<p class=a id=b>x</p>", '<p id="a" id="b">x</p>', "x</div>y",
        '<p title="a<b">x</p>', "<!-- a -- b -->x", "a &#xZZ; b", "a\u0007b", '<a href="#">x</a>', "<?x y?>x",
    ],
)  # fmt: skip
def test_what_lenient_readers_take_is_a_warning(found, patient, markup):
    assert found({**patient, "text": in_div(markup)}) == set()


@pytest.mark.parametrize(
    "markup",
    ["<p hidden>x</p>", "<p>x</q>", "x</p>y", "a < b", "<a href=http://x.org/a>x</a>", "a & b", "<p>x</p", "<>x</>"],
)
def test_what_no_reader_takes_is_an_error(found, patient, markup):
    assert ("narrative.form", "Patient.text.div") in found({**patient, "text": in_div(markup)})


def test_elements_that_are_open_at_the_end_are_a_warning(found, patient):
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>x <script>y</script>'}
    assert found({**patient, "text": {**narrative, "div": narrative["div"].partition("<script>")[0]}}) == set()
    # What is read is checked as any other narrative.
    assert ("narrative.element", "Patient.text.div") in found({**patient, "text": narrative})


def test_a_long_narrative_is_looked_at_in_linear_time(found, patient):
    start = '<div xmlns="http://www.w3.org/1999/xhtml">'
    for body in ("<p>hello <b>x</b></p>" * 60_000, "<!-- x -->" * 60_000 + "x" * 600_000):
        for end, rows in (("</div>", set()), ("<script>x</script></div>", {("narrative.element", "Patient.text.div")})):
            assert found(patient | {"text": {"status": "generated", "div": start + body + end}}) == rows


def test_of_a_narrative_that_is_too_long_to_be_read_it_is_said(patient):
    text = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{"x" * 10_000_000}</div>'}
    outcome = Validator().check(patient | {"text": text})
    assert outcome.valid
    assert [note.rule for note in outcome.unchecked] == ["narrative.form"]
