"""FHIR's XML."""

from decimal import Decimal

import pytest

from footbridge.validation import Validator
from footbridge.validation.reading import read_xml

TASK = '<Task xmlns="http://hl7.org/fhir">{}</Task>'


@pytest.fixture(scope="module")
def read():
    types = Validator().types
    return lambda inner, whole=TASK: read_xml(whole.format(inner).encode(), types)


def test_elements_become_json(read):
    document = read(
        '<status value="requested"/><intent value="order"/><description id="d" value="x"><extension url="http://a.test">'
        '<valueDecimal value="1.50"/></extension></description><note><text value="a"/></note><note><text value="b"/></note>'
    )
    assert document.issues == ()
    assert document.resource == {
        "resourceType": "Task", "status": "requested", "intent": "order", "description": "x",
        "_description": {"id": "d", "extension": [{"url": "http://a.test", "valueDecimal": Decimal("1.50")}]},
        "note": [{"text": "a"}, {"text": "b"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        ("text<status value='requested'/>", "xml.text"),
        ("<status value='requested'/><for><id value='a'/></for>", "xml.element"),
        ("<extension><url value='http://a.test'/><valueCode value='x'/></extension>", "xml.element"),
        ("\u00a0<status value='requested'/>", "xml.text"),
        ("<status value='requested' colour='red'/>", "xml.attribute"),
        ("<colour value='red'/>", "xml.element"),
        ("<intent value='order'/><status value='requested'/>", "xml.order"),
        ("<status value='requested'/><status value='draft'/>", "xml.element"),
        ("<status xmlns='http://a.test' value='requested'/>", "xml.namespace"),
        ("<contained/>", "xml.element"),
        ("<status value='requested'>", "xml.syntax"),
    ],
)
def test_each_fault_of_the_text_is_told(read, inner, rule):
    assert rule in {issue.rule for issue in read(inner).issues}


@pytest.mark.parametrize("inner", ["", " ", "<!-- nothing -->"])
def test_a_resource_with_nothing_in_it_is_refused(read, inner):
    assert "xml.element" in {issue.rule for issue in read(inner).issues}


def test_where_a_schema_is_does_not_belong_to_a_resource(read):
    schema = (
        '<Task xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:schemaLocation="http://hl7.org/fhir task.xsd">{}</Task>'
    )
    assert [issue.rule for issue in read('<status value="requested"/>', schema).issues] == ["xml.attribute"]


@pytest.mark.parametrize(
    "text",
    [
        '<Parameters xmlns="http://hl7.org/fhir"/>',
        (
            '<Task xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xsi:schemaLocation="http://hl7.org/fhir task.xsd"><status value="requested"/></Task>'
        ),
    ],
)
def test_a_server_lets_both_be(text):
    assert read_xml(text.encode(), Validator().types, strict=False).issues == ()


def test_entities_and_document_types_are_refused(read):
    bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><Task xmlns="http://hl7.org/fhir">{}</Task>'
    document = read("<description value='&c;'/>", bomb)
    assert document.resource is None
    assert [issue.rule for issue in document.issues] == ["xml.syntax"]


def test_json_and_xml_give_the_same_issues(read):
    text = TASK.format("<status value='bogus'/>\n<note/>").encode()
    validator = Validator()
    ours = {(issue.rule, issue.expression) for issue in validator.check_text(text).issues if issue.is_error}
    same = validator.check({"resourceType": "Task", "status": "bogus", "note": [{}]})
    assert ours == {(issue.rule, issue.expression) for issue in same.issues if issue.is_error}


def test_issues_have_their_line():
    outcome = Validator().check_text(TASK.format("\n<status value='bogus'/>\n<intent value='order'/>").encode())
    assert {issue.line for issue in outcome.issues if issue.rule == "binding.required"} == {2}


def test_many_attributes_and_many_children_are_read_and_told():
    attributes = " ".join(f"a{number}=''" for number in range(30_000))
    document = read_xml(TASK.replace("<Task", f"<Task {attributes}").format("<note/>").encode(), Validator().types)
    assert {issue.rule for issue in document.issues} == {"xml.attribute"}
    notes = "\n<note/>" * 30_000
    outcome = Validator().check_text(f"<Task xmlns='http://hl7.org/fhir'>{notes}</Task>".encode())
    empty = [issue for issue in outcome.issues if issue.rule == "structure.empty"]
    assert [issue.line for issue in empty[:3]] == [2, 3, 4]


PATIENT = '<?xml version="1.0" {}?><Patient xmlns="http://hl7.org/fhir"><name><family value="{}"/></name></Patient>'


def errors_of(data):
    return [issue.rule for issue in Validator().check_text(data).issues if issue.severity == "error"]


# The verdicts are the HL7 validator's, which names the encoding.
@pytest.mark.parametrize(
    ("declared", "codec", "name"),
    [
        ("ISO-8859-1", "latin-1", "Rö"), ("iso-8859-1", "latin-1", "Roe"), ("ISO-8859-2", "iso8859-2", "Roe"),
        ("ISO-8859-15", "iso8859-15", "Rö"), ("windows-1252", "cp1252", "Rö"), ("windows-1252", "cp1252", "Roe"),
        ("US-ASCII", "ascii", "Roe"), ("ASCII", "ascii", "Roe"), ("Shift_JIS", "shift_jis", "あ"), ("Big5", "big5", "Roe"),
        ("EUC-JP", "euc-jp", "Roe"), ("GB18030", "gb18030", "Roe"), ("KOI8-R", "koi8-r", "Roe"), ("UTF8", "utf-8", "Rö"),
        ("utf8", "utf-8", "Roe"), ("UTF-16", "utf-8", "Roe"), ("x-nonsense", "utf-8", "Roe"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("quote", ['"', "'"])
def test_xml_that_declares_another_encoding_is_refused(declared, codec, name, quote):
    data = PATIENT.format(f"encoding={quote}{declared}{quote}", name).encode(codec)
    (issue,) = Validator().check_text(data).issues
    assert (issue.rule, issue.severity) == ("xml.encoding", "error")
    assert declared in issue.message


@pytest.mark.parametrize("declared", ["UTF-8", "utf-8", "Utf-8"])
@pytest.mark.parametrize("form", ['encoding="{}"', "encoding='{}'", 'encoding = "{}" ', '\n\tencoding="{}"'])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_xml_that_declares_utf_8_is_read(declared, form, mark):
    assert errors_of(mark + PATIENT.format(form.format(declared), "Rö").encode()) == []


def test_xml_that_declares_nothing_is_utf_8():
    assert errors_of(PATIENT.format("", "Rö").encode()) == []
    assert errors_of(PATIENT.partition("?>")[2].format("Rö").encode()) == []
    assert errors_of(PATIENT.format('encoding="UTF-8"', "Rö")) == []


def test_a_value_that_speaks_of_encodings_is_no_declaration():
    assert errors_of(PATIENT.format("", "encoding=&quot;UTF8&quot;").encode()) == []


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_characters_are_refused(codec):
    assert errors_of(PATIENT.format('encoding="UTF-16"', "Roe").encode(codec)) == ["xml.encoding"]
    assert errors_of('{"resourceType": "Patient"}'.encode(codec))[0].startswith("json.")


def test_an_odd_name_of_an_encoding_is_not_repeated():
    (issue,) = Validator().check_text(PATIENT.format('encoding="Ann Roe, 1970"', "Roe").encode()).issues
    assert "Ann" not in issue.message


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("", "<!-- a -->", []), ("<?a b?>", "", ["xml.text"]), ("", "<?a b?>", ["xml.text"])],
)
def test_processing_instructions_beside_the_resource_are_refused(before, after, expected):
    assert (
        errors_of(f'{before}<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>{after}') == expected
    )
