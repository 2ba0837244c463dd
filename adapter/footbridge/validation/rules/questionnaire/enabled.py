"""Which items take part: enableWhen, enableBehavior, and the expression of SDC.

https://hl7.org/fhir/R4/questionnaire.html#enableWhen
"""

from collections.abc import Iterator
from typing import Any

from footbridge.validation.core.scope import Scope
from footbridge.validation.fhirpath import Context, FHIRPathError, Undecided, compile  # noqa: A004
from footbridge.validation.rules.comparison import Incomparable, order
from footbridge.validation.rules.questionnaire.form import Item, link_id, rows_of, value_of

EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
SIGNS = {">": (1,), "<": (-1,), ">=": (0, 1), "<=": (0, -1)}


def is_enabled(item: Item, response: Item, scope: Scope, near: tuple[Item, ...] = ()) -> bool:
    """Whether an item takes part in a response; ``near`` are the response items around it, the innermost last."""
    for row in rows_of(item.get("extension")):
        if row.get("url") == EXPRESSION:
            return _expression_holds(row, response, scope)
    conditions = rows_of(item.get("enableWhen"))
    if not conditions:
        return True
    behavior = item.get("enableBehavior")
    if len(conditions) > 1 and behavior not in {"all", "any"}:
        return True  # the form does not say what several conditions mean (que-12)
    verdicts = [link_id(item) != row.get("question") and _holds(row, response, near, scope) for row in conditions]
    return any(verdicts) if behavior == "any" else all(verdicts)


def _expression_holds(row: Item, response: Item, scope: Scope) -> bool:
    expression = value_of(row)[1]
    text = expression.get("expression") if isinstance(expression, dict) else None
    if not isinstance(text, str):
        return True
    try:
        return compile(text).holds(response, Context(resource=response, root_resource=scope.root, spend=scope.spend))
    except (FHIRPathError, Undecided):
        return True


def _holds(condition: Item, response: Item, near: tuple[Item, ...], scope: Scope) -> bool:
    question, operator = condition.get("question"), condition.get("operator")
    kind, wanted = next(((key, value) for key, value in condition.items() if key.startswith("answer")), ("", None))
    scope.tick(1)
    holders = (*reversed(near), response)
    answers: list[Any] = next((found for one in holders if (found := _answers(one, scope).get(str(question)))), [])
    scope.tick(len(answers))
    dates = "dateTime" if kind in {"answerDate", "answerDateTime"} else ""
    if operator == "exists":
        return bool(answers) == bool(wanted)
    answers = [answer for answer in answers if answer is not None]
    if operator == "!=":
        return any(not _same(answer, wanted, dates) for answer in answers)
    if operator == "=":
        return any(_same(answer, wanted, dates) for answer in answers)
    return any(_compares(answer, wanted, str(operator), dates) for answer in answers)


def _answers(holder: Item, scope: Scope) -> dict[str, list[Any]]:
    """The answers below a response or an item, by linkId."""
    key = ("answers", id(holder))
    if key not in scope.run.memo:
        found: dict[str, list[Any]] = {}
        for item in _items(holder):
            values = [value for row in rows_of(item.get("answer")) for value in _given(row)]
            found.setdefault(link_id(item), []).extend(values)
        scope.run.memo[key] = found
    answers: dict[str, list[Any]] = scope.run.memo[key]
    return answers


def _given(answer: Item) -> list[Any]:
    """The value of an answer; None where it has but extensions, nothing where there is none."""
    suffix, value = value_of(answer)
    return [value] if suffix else [None for key in answer if key.startswith("_value")][:1]


def _items(holder: Item) -> Iterator[Item]:
    """The items below a holder, those within answers too, in the order of the text."""
    waiting = rows_of(holder.get("item"))[::-1]
    while waiting:
        item = waiting.pop()
        yield item
        within = rows_of(item.get("item"))
        for row in rows_of(item.get("answer")):
            within += rows_of(row.get("item"))
        waiting += reversed(within)


def _same(answer: Any, wanted: Any, kind: str) -> bool:  # noqa: ANN401 - JSON is any value
    if kind and isinstance(answer, str) and isinstance(wanted, str) and "T" in answer and "T" in wanted:
        return order(answer, wanted, kind) == 0  # the same moment in two time zones
    if isinstance(answer, dict) and isinstance(wanted, dict):
        if "value" in wanted and "value" in answer and not ("code" in wanted and "code" in answer):
            return bool(answer["value"] == wanted["value"])  # of quantities without units the numbers
        if "code" in wanted or "code" in answer:  # of a quantity the number too
            return all(answer.get(name) == wanted.get(name) for name in ("system", "code", "value"))
        return answer == wanted
    return bool(answer == wanted)


def _compares(answer: Any, wanted: Any, operator: str, kind: str) -> bool:  # noqa: ANN401 - JSON is any value
    if isinstance(answer, bool) and isinstance(wanted, bool):  # false is before true
        answer, wanted = int(answer), int(wanted)
    if isinstance(answer, dict) and isinstance(wanted, dict):  # of quantities the numbers, as the HL7 validator does
        answer, wanted = answer.get("value"), wanted.get("value")
    try:
        sign = order(answer, wanted, kind)
    except Incomparable:
        return False
    return sign is not None and sign in SIGNS.get(operator, ())
