"""A response's items against those of its Questionnaire.

questionnaire.unknown-item   no item of the Questionnaire has the linkId
questionnaire.misplaced      the item belongs elsewhere
questionnaire.order          the items are out of the Questionnaire's order
questionnaire.missing        a required item has no answer (unless the response is in progress)
questionnaire.not-enabled    an item is answered that does not take part
questionnaire.repeats        too many or too few answers
questionnaire.group          a group or a text has an answer
questionnaire.text           the text of an item is not that of the Questionnaire
questionnaire.exclusive      an option that excludes all others was chosen with another one
questionnaire.period         the response was written when the Questionnaire was not in effect
questionnaire.none           the response names no Questionnaire
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.comparison import order
from footbridge.validation.rules.questionnaire.answers import check_answer, told
from footbridge.validation.rules.questionnaire.enabled import is_enabled
from footbridge.validation.rules.questionnaire.form import (
    Item,
    all_items,
    extension,
    link_id,
    questionnaire_of,
    rows_of,
    value_of,
)

SPEC = "questionnaireresponse.html"
UNANSWERED = frozenset({"group", "display", "question"})
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class ResponseItems:
    """The items of a QuestionnaireResponse."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Find the Questionnaire, and walk both."""
        response = spot.value
        form = questionnaire_of(response, scope)
        if form is None:
            if _is_another(response):
                words = "What the response contains under this id is no Questionnaire."
                return told("questionnaire.unknown", str(spot), words)
            if isinstance(response.get("questionnaire"), str):
                scope.run.undecided("questionnaire", spot, "the Questionnaire is not at hand")
                return finding(
                    "questionnaire.unknown", spot, "The Questionnaire is not loaded, so the answers are not checked.",
                    severity="warning", code="not-found", spec=SPEC,
                )  # fmt: skip
            return finding(
                "questionnaire.none", spot, "Without a Questionnaire the answers are not checked.",
                severity="information", code="informational", spec=SPEC,
            )  # fmt: skip
        known = frozenset(link_id(item) for item in all_items(form))
        walk = Walk(response, form, known, scope, any("text" in item for item in all_items(form)))
        return [*_period(response, form, spot), *walk.items(form, response, str(spot), ())]


def _is_another(response: Item) -> bool:
    canonical = response.get("questionnaire")
    identity = canonical[1:] if isinstance(canonical, str) and canonical.startswith("#") else None
    return any(row.get("id") == identity and identity for row in rows_of(response.get("contained")))


def _period(response: Item, form: Item, spot: Spot) -> Iterator[Issue]:
    authored, period = response.get("authored"), form.get("effectivePeriod")
    if not isinstance(authored, str) or not isinstance(period, dict):
        return
    for name, sign in (("start", -1), ("end", 1)):
        limit = period.get(name)
        if isinstance(limit, str) and order(authored, limit, "dateTime") == sign:
            yield from finding(
                "questionnaire.period", spot.child("authored"), "The Questionnaire was not in effect then.",
                severity="warning", code="business-rule", spec=SPEC,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk over a response; ``known`` are all linkIds of the Questionnaire, ``worded`` is whether it has texts."""

    response: Item
    form: Item
    known: frozenset[str]
    scope: Scope
    worded: bool = True

    @property
    def finished(self) -> bool:
        """Whether every required answer must be there."""
        return str(self.response.get("status")) not in {"in-progress", "stopped", "entered-in-error"}

    def items(self, form: Item, holder: Item, where: str, near: tuple[Item, ...]) -> Iterator[Issue]:
        """The items of one level."""
        if len(near) > DEEPEST:
            return
        questions = rows_of(form.get("item"))
        self.scope.tick(1 + len(questions))
        places = {link_id(question): at for at, question in enumerate(questions)}
        given: dict[str, list[tuple[Item, str]]] = {}
        last = -1
        for at, item in enumerate(rows_of(holder.get("item"))):
            here, identity = f"{where}.item[{at}]", link_id(item)
            if identity not in places:
                yield from self._stray(identity, where)
                continue
            if places[identity] < last:
                yield from told("questionnaire.order", here, "The item stands out of the order of the Questionnaire.")
            last = max(last, places[identity])
            given.setdefault(identity, []).append((item, here))
        for question in {link_id(question): question for question in reversed(questions)}.values():
            yield from self._question(question, given.get(link_id(question), []), where, (*near, holder))

    def _stray(self, identity: str, where: str) -> Iterator[Issue]:
        if identity in self.known:
            yield from told(
                "questionnaire.misplaced", where, "An item stands where the Questionnaire does not have it."
            )
        elif identity:
            yield from told("questionnaire.unknown-item", where, "The Questionnaire has no item with this linkId.")
        else:
            yield from told("questionnaire.unknown-item", where, "An item has no linkId, so it answers nothing.")

    def _question(
        self, question: Item, given: list[tuple[Item, str]], where: str, near: tuple[Item, ...]
    ) -> Iterator[Issue]:
        enabled = is_enabled(question, self.response, self.scope, near)
        if not given:
            if enabled and question.get("required") and self.finished and question.get("type") != "display":
                yield from self._missing(question, where)
            return
        for item, here in given:
            if not enabled and (rows_of(item.get("answer")) or rows_of(item.get("item"))):
                words = "The item is answered, but its conditions do not hold."
                yield from told("questionnaire.not-enabled", here, words)
        if len(given) > 1 and not question.get("repeats"):
            yield from told("questionnaire.repeats", where, "The item does not repeat, but is there more than once.")
        least = extension(question, "questionnaire-minOccurs")
        if question.get("type") == "group" and isinstance(least, int) and len(given) < least:
            yield from told("questionnaire.repeats", where, f"The group is there at least {least} times.")
        for item, here in given:
            yield from self._item(question, item, here, near, asked=enabled and self.finished)

    def _missing(self, question: Item, where: str) -> Iterator[Issue]:
        yield from told("questionnaire.missing", where, f"There is no answer to the required item {_shown(question)}.")

    def _item(self, question: Item, item: Item, here: str, near: tuple[Item, ...], *, asked: bool) -> Iterator[Issue]:
        """``asked`` is whether a required answer must be there."""
        answers = rows_of(item.get("answer"))
        kind = str(question.get("type"))
        texts = item.get("text"), question.get("text")
        if isinstance(texts[0], str) and texts[0] != texts[1] and self.worded:
            yield from told("questionnaire.text", here, "The text is not that of the Questionnaire.")
        if kind in UNANSWERED:
            if answers:
                yield from told("questionnaire.group", here, f"An item of type {kind} has no answers.")
            if kind == "group" and question.get("required") and not rows_of(item.get("item")):
                yield from told("questionnaire.missing", here, "The required group has nothing in it.")
            yield from self.items(question, item, here, near)
            return
        yield from self._count(question, answers, here, asked=asked)
        yield from _exclusive(question, answers, here)
        for at, answer in enumerate(answers):
            place = f"{here}.answer[{at}]"
            yield from check_answer(answer, question, place, self.scope, self.form)
            yield from self.items(question, answer, place, near)
        if not answers and rows_of(item.get("item")):
            yield from told("questionnaire.group", here, "Items below a question stand within its answer.")

    def _count(self, question: Item, answers: list[Item], here: str, *, asked: bool) -> Iterator[Issue]:
        if not answers and question.get("required") and asked:
            yield from self._missing(question, here)
        if len(answers) > 1 and not question.get("repeats"):
            yield from told("questionnaire.repeats", here, "The question takes one answer.")
        least, most = extension(question, "questionnaire-minOccurs"), extension(question, "questionnaire-maxOccurs")
        if isinstance(least, int) and len(answers) < least:
            yield from told("questionnaire.repeats", here, f"The question takes at least {least} answers.")
        if isinstance(most, int) and len(answers) > most:
            yield from told("questionnaire.repeats", here, f"The question takes at most {most} answers.")


def _exclusive(question: Item, answers: list[Item], here: str) -> Iterator[Issue]:
    """An option that excludes others: https://hl7.org/fhir/R4/extension-questionnaire-optionexclusive.html."""
    if len(answers) < 2:
        return
    alone = [
        value_of(row)[1] for row in rows_of(question.get("answerOption"))
        if extension(row, "questionnaire-optionExclusive") is True
    ]  # fmt: skip
    if not alone:
        return
    codes = [_identity(value) for value in alone if isinstance(value, dict)]
    for at, answer in enumerate(answers):
        if _identity(value_of(answer)[1]) in codes:
            yield from told("questionnaire.exclusive", f"{here}.answer[{at}]", "The answer excludes all others.")


def _identity(value: object) -> object:
    return (value.get("system"), value.get("code")) if isinstance(value, dict) and "code" in value else value


def _shown(question: Item) -> str:
    """A linkId for a message; it comes from the form, not from the person."""
    return link_id(question)[:40]
