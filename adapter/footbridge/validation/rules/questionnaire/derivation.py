"""Questionnaires as such: conditions on other items, and what a derived one may change.

https://hl7.org/fhir/R4/questionnaire.html,
https://hl7.org/fhir/extensions/StructureDefinition-questionnaire-derivationType.html

questionnaire.condition  an enableWhen whose question is not there, is the item itself, or comes after it
questionnaire.derived    an item is not what the Questionnaire that this one complies with makes of it
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.questionnaire.form import Item, link_id, rows_of, value_of

SPEC = "questionnaire.html"
DERIVATION = "http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType"
COMPLIES, EXTENDS = "compliesWith", "extends"
DEEPEST = 40
Placed = tuple[Item, str, int]


@dataclass(frozen=True, slots=True)
class QuestionnaireItems:
    """The items of a Questionnaire."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at their conditions, and at what they are derived from."""
        placed = list(_placed(spot.value, str(spot), 0))
        order = {link_id(item): at for at, (item, _, _) in enumerate(placed)}
        found: list[Issue] = []
        for at, (item, where, _) in enumerate(placed):
            scope.tick(1)
            inner = {link_id(one) for one, _, _ in _placed(item, "", 0)}
            for condition in rows_of(item.get("enableWhen")):
                found += _condition(condition, item, at, order, inner, where)
        return [*found, *_derived(spot.value, placed, spot, scope)]


def _placed(holder: Item, where: str, depth: int) -> Iterator[Placed]:
    for at, item in enumerate(rows_of(holder.get("item")) if depth <= DEEPEST else ()):
        here = f"{where}.item[{at}]"
        yield item, here, depth
        yield from _placed(item, here, depth + 1)


def _condition(
    condition: Item, item: Item, at: int, order: dict[str, int], inner: set[str], where: str
) -> Iterator[Issue]:
    question = condition.get("question")
    if not isinstance(question, str):
        yield from _told("questionnaire.condition", where, "A condition needs the linkId of a question.")
    elif question == link_id(item):
        yield from _told("questionnaire.condition", where, "A condition cannot be on the item itself.")
    elif question not in order:
        yield from _told("questionnaire.condition", where, "No item has the linkId that a condition names.")
    elif question in inner:
        yield from _told("questionnaire.condition", where, "A condition cannot be on an item within the item.")
    elif order[question] > at:
        words = "The condition is on an item that comes later."
        yield from _told("questionnaire.condition", where, words, "warning")


def _derived(form: Item, placed: list[Placed], spot: Spot, scope: Scope) -> Iterator[Issue]:
    named, more = form.get("derivedFrom"), form.get("_derivedFrom")
    extras = more if isinstance(more, list) else []
    for at, canonical in enumerate(named if isinstance(named, list) else ()):
        where = spot.child("derivedFrom", at)
        extra = extras[at] if at < len(extras) and isinstance(extras[at], dict) else {}
        rows = [row for row in rows_of(extra.get("extension")) if row.get("url") == DERIVATION]
        base = scope.run.engine.definitions.resource("Questionnaire", canonical) if isinstance(canonical, str) else None
        if not rows:
            yield from _told("questionnaire.derived", where, "Nothing says how the form is derived.", "warning")
        elif base is None:
            words = "The Questionnaire that this one is derived from is not at hand."
            yield from _told("questionnaire.derived", where, words, "warning")
        else:
            yield from _by_kind(rows[0], base, placed, f"{where}.extension[0]")


def _by_kind(row: Item, base: Item, placed: list[Placed], where: str) -> Iterator[Issue]:
    coding = value_of(row)[1]
    code = coding.get("code") if isinstance(coding, dict) else None
    if code not in (COMPLIES, EXTENDS):
        level: Severity = "information" if code == "inspiredBy" else "warning"
        yield from _told("questionnaire.derived", where, "So derived, the items are not compared.", level)
        return
    others = {link_id(item): item for item, _, _ in _placed(base, "", 0)}
    for item, here, _ in placed:
        other = others.get(link_id(item))
        if other is not None:
            yield from _changed(item, other, here)
        elif code == COMPLIES:
            yield from _told("questionnaire.derived", here, "The other Questionnaire has no such item.")


def _changed(item: Item, other: Item, where: str) -> Iterator[Issue]:
    if item.get("type") != other.get("type"):
        yield from _told("questionnaire.derived", f"{where}.type", "The item has another type.")
    if "definition" in other and item.get("definition") != other["definition"]:
        yield from _told("questionnaire.derived", where, "The item has another definition.", "information")
    most, given = other.get("maxLength"), item.get("maxLength")
    if isinstance(most, int) and given is None:
        yield from _told("questionnaire.derived", where, "The item must have a maxLength, as the other one has.")
    elif isinstance(most, int) and isinstance(given, int) and given > most:
        yield from _told("questionnaire.derived", f"{where}.maxLength", "The item allows longer answers.")
    if item.get("repeats") and not other.get("repeats"):
        yield from _told("questionnaire.derived", f"{where}.repeats", "The item repeats, the other one does not.")
    yield from _options(item, other, where)


def _options(item: Item, other: Item, where: str) -> Iterator[Issue]:
    offered, given = rows_of(other.get("answerOption")), rows_of(item.get("answerOption"))
    if offered and not given:
        yield from _told("questionnaire.derived", where, "The item must offer options of the other one.")
    known = [_option(row) for row in offered]
    for at, row in enumerate(given if offered else ()):
        if _option(row) not in known:
            words = "The other item does not offer this option."
            yield from _told("questionnaire.derived", f"{where}.answerOption[{at}]", words)


def _option(row: Item) -> Any:  # noqa: ANN401 - JSON is any value
    suffix, value = value_of(row)
    return (suffix, value.get("system"), value.get("code")) if isinstance(value, dict) else (suffix, value)


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
