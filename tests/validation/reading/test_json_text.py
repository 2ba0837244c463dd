"""Strict JSON."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation import Validator
from footbridge.validation.reading import read_json_text


def rules(text, **options):
    return [issue.rule for issue in read_json_text(text, **options).issues]


def test_numbers_keep_their_digits():
    assert str(read_json_text('{"a": 1.50}').resource["a"]) == str(Decimal("1.50"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', []),
        ('{"a": 1, "a": 2}', ["json.duplicate"]),
        ('{"a": 1,}', ["json.syntax"]),
        ('{"a": NaN}', ["json.syntax"]),
        ('{"a": 1e99999}', ["json.syntax"]),
        ('{"a": 1 /* x */}', ["json.comment"]),
        ('// x\n{"a": "//"}', ["json.comment"]),
        (b'{"a": "\xff"}', ["json.encoding"]),
        ("[" * 100_000, ["json.syntax"]),
    ],
)
def test_each_fault_of_the_text_is_told(text, expected):
    assert rules(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"resourceType": "Task",\n "id": "a", "id": "b"}', [("Task.id", 2, 13)]),
        ('{"resourceType": "Task", "note": [{}, {"text": "a",\n"text": "b"}]}', [("Task.note[1].text", 2, 1)]),
        ('{"a": {"b": 1}, "c": {"b": ["a", "a"]}, "a": "\\"a", "a": 1}', [("$this.a", 1, 41), ("$this.a", 1, 53)]),
        ('[{"a": "{", "\\u0061": 2}]', [("$this[0].a", 1, 13)]),
    ],
)
def test_a_name_that_stands_twice_is_told_with_its_place(text, told):
    issues = read_json_text(text).issues
    assert [(issue.expression, issue.line, issue.column) for issue in issues] == told
    assert all(f"'{issue.expression.rpartition('.')[2]}'" in issue.message for issue in issues)


def test_a_name_that_no_fhir_name_is_is_cut():
    [issue] = read_json_text('{"%s": 1, "%s": 2}' % (("a\\nb" * 200,) * 2)).issues
    assert len(issue.message) < 150
    assert "\n" not in issue.message + issue.expression


def test_comments_can_be_allowed():
    document = read_json_text('{"a": 1 /* x */}', allow_comments=True)
    assert (document.resource, document.issues) == ({"a": 1}, ())


def test_faults_have_their_place():
    issue = read_json_text('{\n  "a": 1,\n  "b" 2}').issues[0]
    assert (issue.line, issue.column) == (3, 7)


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("Task", (1, 1)),
        ("Task.note[1].text", (4, 11)),
        ("Task.input[0].value.ofType(string)", (5, 28)),
        ("Task.nowhere", (1, 1)),
    ],
)
def test_an_expression_is_found_in_the_text(expression, place):
    text = '{"resourceType": "Task",\n"note": [\n {"text": "a"},\n {"text": "b"}],\n"input": [{ "valueString": "c"}]}'
    found = read_json_text(text).locate(expression)
    assert (found.line, found.column) == place


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    document = read_json_text(text)
    assert document.resource is not None or document.issues or text.strip() == "null"


def test_a_fault_behind_a_long_array_has_its_place():
    text = '{"resourceType": "Task", "note": [' + ",\n".join(['{"text": "x"}'] * 5_000) + '],\n"colour": 1}'
    issues = {issue.rule: issue.line for issue in Validator().check_text(text.encode()).issues}
    assert issues["structure.unknown-element"] == 5_001


@pytest.mark.parametrize("before", ["", "\n", "\n" * 3 + " ", "\n" * 25_000, " " * 25_000 + "\n "])
def test_places_count_lines_and_columns_in_short_and_in_long_texts(before):
    text = before + '{"a": [1,\n\n  {"b": 2}], "c": 3}'
    rows, column = before.count("\n"), len(before) - before.rfind("\n")
    locate = read_json_text(text).locate
    assert [locate(path) for path in ("$this", "A.a[0]", "A.a[1]", "A.a[1].b", "A.c")] == [
        (rows + 1, column), (rows + 1, column + 7), (rows + 3, 3), (rows + 3, 9), (rows + 3, 19)
    ]  # fmt: skip


@pytest.mark.parametrize("after", ["", "\n", "\r\n", " \n\t\r\n"])
@pytest.mark.parametrize("before", ["", "\n", " \r\n"])
def test_blanks_around_a_document_say_nothing(before, after):
    document = read_json_text(f'{before}{{"a": [1]}}{after}')
    assert (document.resource, document.issues) == ({"a": [1]}, ())


@pytest.mark.parametrize("after", ["x", "{}", "\n{}", "\v", "\u00a0", ",", "\ufeff"])
def test_what_stands_after_a_document_is_a_fault(after):
    document = read_json_text(f'{{"a": 1}}{after}')
    assert document.resource is None
    assert [issue.rule for issue in document.issues] == ["json.syntax"]
