"""Which items take part: enableWhen, enableBehavior, and the expression of SDC.

https://hl7.org/fhir/R4/questionnaire.html#enableWhen
"""

from collections.abc import Iterator
from typing import Any

from footbridge.validation.engine.scope import Scope
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
    verdicts = [_holds(row, response, near) for row in conditions]
    return any(verdicts) if item.get("enableBehavior") == "any" else all(verdicts)


def _expression_holds(row: Item, response: Item, scope: Scope) -> bool:
    expression = value_of(row)[1]
    text = expression.get("expression") if isinstance(expression, dict) else None
    if not isinstance(text, str):
        return True
    try:
        return compile(text).holds(response, Context(resource=response, root_resource=scope.root))
    except (FHIRPathError, Undecided):
        return True


def _holds(condition: Item, response: Item, near: tuple[Item, ...]) -> bool:
    question, operator = condition.get("question"), condition.get("operator")
    wanted = next((value for key, value in condition.items() if key.startswith("answer")), None)
    answers = list(_answers_near(str(question), near)) or list(_answers(response, str(question)))
    if operator == "exists":
        return bool(answers) == bool(wanted)
    if operator == "!=":
        return bool(answers) and not any(_same(answer, wanted) for answer in answers)
    if operator == "=":
        return any(_same(answer, wanted) for answer in answers)
    return any(_compares(answer, wanted, str(operator)) for answer in answers)


def _answers_near(question: str, near: tuple[Item, ...]) -> Iterator[Any]:
    """The answers to a question within the nearest item around that has it."""
    for holder in reversed(near):
        found = list(_answers(holder, question))
        if found:
            yield from found
            return


def _answers(holder: Item, question: str) -> Iterator[Any]:
    for item in rows_of(holder.get("item")):
        answers = rows_of(item.get("answer"))
        if link_id(item) == question:
            yield from (value for row in answers if (value := value_of(row)[1]) is not None)
        yield from _answers(item, question)
        for row in answers:
            yield from _answers(row, question)


def _same(answer: Any, wanted: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if isinstance(answer, dict) and isinstance(wanted, dict):
        if "code" in wanted or "code" in answer:
            return (answer.get("system"), answer.get("code")) == (wanted.get("system"), wanted.get("code"))
        return answer == wanted
    return bool(answer == wanted)


def _compares(answer: Any, wanted: Any, operator: str) -> bool:  # noqa: ANN401 - JSON is any value
    try:
        sign = order(answer, wanted, "dateTime" if isinstance(answer, str) else "")
    except Incomparable:
        return False
    return sign is not None and sign in SIGNS.get(operator, ())
