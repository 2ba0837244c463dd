"""Expressions that would make ever more are refused, and what is large but plain is worked out."""

import pytest

from footbridge.validation.fhirpath import FHIRPathError, evaluate

TASK = {
    "resourceType": "Task", "description": "a" * 20_000, "note": [{"text": f"n{number}"} for number in range(2_000)],
}  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [
        "note.all(%resource.note.all(text = text))",
        "note.where(%resource.note.where(text = 'x').empty()).count()",
        "note.select(%resource.note).select(%resource.note).count()",
        "note.exists(%resource.note.exists(text = 'x'))",
        "description.toChars().select($this + %resource.description).count()",
        "note.aggregate($total & $total & 'x', 'x').length()",
        "description.toChars().join('a').toChars().join('bbbbbbbb').toChars().join('cccccccc').toChars().length()",
        "description.select(encode('hex'))" + ".encode('hex')" * 30,
        "('&' + description)" + ".escape('html').replace('a', '&')" * 9,
        "note.aggregate($total.combine($total), 1).count()",
    ],
)
def test_what_grows_without_end_is_refused(expression):
    with pytest.raises(FHIRPathError) as refused:
        evaluate(TASK, expression)
    assert refused.value.kind == "execution"


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("note.where(text != 'n0').count()", [1999]),
        ("note.all(text.exists())", [True]),
        ("(description + description).length()", [40_000]),
        ("note.text.aggregate($total & $this, '').length()", [sum(len(row["text"]) for row in TASK["note"])]),
        ("descendants().count() > 4000", [True]),
    ],
)
def test_what_is_large_and_plain_is_worked_out(expression, found):
    assert evaluate(TASK, expression) == found
