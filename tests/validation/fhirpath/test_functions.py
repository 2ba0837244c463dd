"""The functions of N1, family by family, and those that came after."""

from decimal import Decimal

import pytest

from footbridge.validation.fhirpath import FHIRPathError, evaluate

T, F, NONE = [True], [False], []

CASES = {
    "existence": [
        ("{}.empty()", T), ("(1 | 2).exists($this > 1)", T), ("(1 | 2).all($this > 1)", F), ("{}.all($this > 1)", T),
        ("(true | false).allTrue()", F), ("(true | false).anyTrue()", T), ("(true | false).allFalse()", F),
        ("(true | false).anyFalse()", T), ("{}.allTrue()", T), ("{}.anyFalse()", F), ("(1 | 2).subsetOf(1 | 2 | 3)", T),
        ("(1 | 2).supersetOf(1)", T), ("{}.subsetOf(1)", T), ("1.combine(1).distinct()", [1]), ("1.combine(1).isDistinct()", F),
        ("1.combine(1).count()", [2]), ("{}.not()", NONE), ("false.not()", T),
    ],
    "filtering": [
        ("(1 | 2 | 3).where($this > 1)", [2, 3]), ("(1 | 2).select($this + $index)", [1, 3]),
        ("('a' | 'b').where($index = 1)", ["b"]), ("1.repeat(iif($this < 5, $this + 1))", [2, 3, 4, 5]),
        ("(1 | 'a' | 2.0).ofType(Integer)", [1]), ("(3 | 1 | 2).sort()", [1, 2, 3]), ("(3 | 1 | 2).sort(-$this)", [3, 2, 1]),
        ("('b' | 'a').sort($this)", ["a", "b"]),
    ],
    "subsetting": [
        ("(1 | 2 | 3).first()", [1]), ("(1 | 2 | 3).last()", [3]), ("(1 | 2 | 3).tail()", [2, 3]), ("(1 | 2 | 3).skip(1)", [2, 3]),
        ("(1 | 2 | 3).skip(-1).count()", [3]), ("(1 | 2 | 3).take(2)", [1, 2]), ("(1 | 2).take(0)", NONE),
        ("(1 | 2 | 3)[1]", [2]), ("(1 | 2)[5]", NONE), ("(1 | 2)[-1]", NONE), ("(1 | 2 | 2).intersect(2 | 4)", [2]),
        ("1.combine(1 | 2).exclude(2)", [1, 1]), ("1.single()", [1]), ("{}.single()", NONE),
    ],
    "combining": [("1.union(2 | 1)", [1, 2]), ("1.combine(2 | 1)", [1, 2, 1])],
    "conversion": [
        ("iif(true, 1, 1 / 0)", [1]), ("iif({}, 1, 2)", [2]), ("iif(false, 1)", NONE), ("'T'.toBoolean()", T), ("'0.0'.toBoolean()", F),
        ("2.toBoolean()", NONE), ("1.0.toBoolean()", T), ("'-5'.toInteger()", [-5]), ("'5.0'.toInteger()", NONE), ("true.toInteger()", [1]),
        ("'1.50'.toDecimal()", [Decimal("1.50")]), ("'x'.toDecimal()", NONE), ("'2015-02'.toDate()", ["2015-02"]),
        ("@2015-02-04T10:00.toDate()", ["2015-02-04"]), ("'2015-02-04T14:34Z'.toDateTime()", ["2015-02-04T14:34Z"]),
        ("'14:34'.toTime()", ["14:34"]), ("'25:00'.toTime()", NONE), ("1.5.toString()", ["1.5"]), ("@2014-01.toString()", ["2014-01"]),
        ("'a'.convertsToInteger()", F), ("'2015'.convertsToDate()", T), ("{}.convertsToDate()", NONE), ("true.toQuantity()", ["1 '1'"]),
    ],
    "strings": [
        ("'abc'.indexOf('c')", [2]), ("'abc'.indexOf('z')", [-1]), ("'abca'.lastIndexOf('a')", [3]), ("'abc'.substring(1)", ["bc"]),
        ("'abc'.substring(1, 1)", ["b"]), ("'abc'.substring(3)", NONE), ("'abc'.substring(-1)", NONE), ("'abc'.startsWith('')", T),
        ("'abc'.endsWith('bc')", T), ("'abc'.contains('b')", T), ("{}.contains('b')", NONE), ("'abc'.upper()", ["ABC"]),
        ("'aBc'.lower()", ["abc"]), ("'abc'.replace('b', 'x')", ["axc"]), ("'ab'.replace('', 'x')", ["xaxbx"]),
        ("'abc'.matches('b')", T), ("'abc'.matches('^b')", F), ("'abc'.matchesFull('b')", F), ("'a1b2'.replaceMatches('[0-9]', '')", ["ab"]),
        ("'ab'.replaceMatches('(a)(b)', '$2$1')", ["ba"]), ("'ab'.replaceMatches('(?<x>a)', '${x}-')", ["a-b"]), ("'ab'.replaceMatches('(?<x', '-')", None), ("'abc'.length()", [3]),
        ("'ab'.toChars()", ["a", "b"]), ("' a '.trim()", ["a"]), ("'a,,b'.split(',')", ["a", "", "b"]), ("('a' | 'b').join('-')", ["a-b"]),
        ("{}.join(',')", NONE), ("'test'.encode('base64')", ["dGVzdA=="]), ("'dGVzdA=='.decode('base64')", ["test"]),
        ("'a?b>'.encode('urlbase64').decode('urlbase64')", ["a?b>"]), ("'ab'.encode('hex').decode('hex')", ["ab"]),
        ("'a'.encode('rot13')", NONE), ("'\"1<2\"'.escape('html')", ["&quot;1&lt;2&quot;"]), ("'&lt;'.unescape('html')", ["<"]),
        ("'\"'.escape('json').unescape('json')", ['"']),
    ],
    "mathematics": [
        ("(-5).abs()", [5]), ("1.1.ceiling()", [2]), ("(-1.1).floor()", [-2]), ("(-1.9).truncate()", [-1]),
        ("2.5.round()", [3]), ("(-2.5).round()", [-3]), ("3.14159.round(3)", [Decimal("3.142")]), ("81.sqrt()", [9]),
        ("(-1).sqrt()", NONE), ("1.ln()", [0]), ("0.ln()", NONE), ("16.log(2)", [4]), ("100.0.log(10.0)", [2]), ("1.log(1)", NONE),
        ("0.exp()", [1]), ("2.power(3)", [8]), ("2.power(-1)", [Decimal("0.5")]), ("(-1).power(0.5)", NONE), ("{}.abs()", NONE),
        ("1.587.lowBoundary(2)", [Decimal("1.58")]), ("1.587.highBoundary(2)", [Decimal("1.59")]),
        ("(-1.587).lowBoundary(2)", [Decimal("-1.59")]), ("(-1.587).highBoundary(2)", [Decimal("-1.58")]),
        ("1.lowBoundary()", [Decimal("0.5")]), ("1.587.lowBoundary(40)", NONE), ("1.58700.precision()", [5]),
    ],
    "aggregates and variables": [
        ("(1 | 2 | 3).aggregate($this + $total, 0)", [6]),
        ("(1 | 2 | 3).aggregate(iif($total.empty() or $this < $total, $this, $total))", [1]),
        ("1.defineVariable('a', 5).select(%a + 1)", [6]), ("(1 | 2).defineVariable('all').where($this < %all.last())", [1]),
        ("(1 | 2).select(defineVariable('x', $this * 2).select(%x + $this))", [3, 6]), ("%sct", ["http://snomed.info/sct"]),
        ("%`vs-task-status`", ["http://hl7.org/fhir/ValueSet/task-status"]), ("'90210'.matchesFull(%us-zip)", T),
    ],
}  # fmt: skip
ALL = [(family, *case) for family, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("family", "expression", "expected"), ALL, ids=[f"{row[0]}: {row[1]}" for row in ALL])
def test_gives(family, expression, expected):
    if expected is None:
        with pytest.raises(FHIRPathError):
            evaluate(None, expression)
    else:
        assert evaluate(None, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "(1 | 2).single()", "(1 | 2).toString()", "('a' | 'b').upper()", "(1 | 2).iif(true, 1)", "(true | 'a').allTrue()",
        "1.5.round(-1)", "'a'.matches('(')", "'!'.decode('base64')", "%nothing", "$total", "(1 | 'a').sort()",
        "defineVariable('a').defineVariable('a')", "defineVariable('resource')", "select(defineVariable('b')).select(%b)",
        "1.repeat($this + 1)", "(1 | 2)['a']", "'x'.take('y')",
    ],
)  # fmt: skip
def test_execution_errors(expression):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(None, expression)
    assert refused.value.kind == "execution"


@pytest.mark.parametrize("expression", ["'a'.length(1)", "{}.where()", "1.ofType(2 + 3)", "defineVariable()"])
def test_wrong_arguments_are_syntax_errors(expression):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(None, expression)
    assert refused.value.kind == "syntax"


def test_sort_by_keys_puts_what_lacks_a_key_last_and_first_when_descending(patient):
    patient["name"].append({"use": "old", "family": "Zorn"})
    assert evaluate(patient, "name.sort(family).use") == ["official", "old", "usual"]
    assert evaluate(patient, "name.sort(-family).use") == ["usual", "old", "official"]
    assert evaluate(patient, "telecom.sort(rank).system") == ["email", "phone"]


def test_arguments_that_are_no_criteria_see_the_outer_this(patient):
    assert evaluate(patient, "name.select(use.union(given))") == ["official", "Ida", "May", "usual", "Idie"]
    assert evaluate(patient, "name.first().subsetOf($this.name)") == T


def test_navigation_reaches_every_element_with_its_type(patient):
    assert evaluate(patient, "children().where($this is HumanName).count()") == [2]
    assert evaluate(patient, "descendants().where($this is dateTime)") == ["1974-12-25T14:35:45-05:00"]
    assert evaluate(patient, "descendants().where($this is Organization).name") == ["Food bank"]


def test_many_items_are_told_apart_in_linear_time():
    items = [{"linkId": str(at), "type": "string"} for at in range(20_000)]
    questionnaire = {"resourceType": "Questionnaire", "item": items}
    assert evaluate(questionnaire, "descendants().linkId.isDistinct() and item.isDistinct()") == T
    assert evaluate(questionnaire, "(item | item).count()") == [20_000]
