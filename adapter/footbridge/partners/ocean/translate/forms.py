"""Reads the forms of a message: flat questions and answers, and which member of a prescription each stands for.

Ocean's forms (QuestionnaireResponse) have no Questionnaire: linkIds are authored for each form, texts are optional. A
mapping of ``mappings/ocean/forms`` (or the user's own) names the fields of one form; questions that mean the same on
every form are known without one (``questions``). The rest is read as questions and answers. A group of check boxes is
one field: what is checked is its answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.loose import Json, Object, extension, identifier, last_part, objects, text, value_of
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.plain import plain
from footbridge.partners.ocean.translate.questions import Questions, Rule, common, options_of, questions_of
from footbridge.partners.ocean.translate.tables import folded, shipped_forms, table

FORM: Final = "id-form-reference"
VISIBILITY: Final = "ext-ocean-eform-item-visibility"
CHART: Final = "chart"
UNMAPPED: Final = ""
OF_GROUPS: Final = frozenset({"reason", "need", "interest", "own-words", "goal", "barrier", "strength", "support"})
"""Kinds of a field that may be a group of items."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One field that has an answer.

    Attributes:
        link_id: of the item; empty without one.
        question: its text, else its linkId; without a colon at its end.
        answers: each as plain text; personal.
        hidden: whether the form hides it.
        kind: of the field: as the mappings name it, ``chart``, or empty where nothing says what it is.
        options: folded answer to SDOH category, of a field about needs.
        split: whether one answer may hold several things.
    """

    link_id: str
    question: str
    answers: tuple[str, ...] = field(repr=False)
    hidden: bool = False
    kind: str = UNMAPPED
    options: Mapping[str, str] = field(default_factory=dict)
    split: bool = False

    @property
    def line(self) -> str:
        """Question and answer in one line."""
        return f"{self.question}: {'; '.join(self.answers)}" if self.question else "; ".join(self.answers)


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its name in the message, whether a mapping names its fields, and what was answered."""

    name: str
    mapped: bool
    fields: tuple[Answered, ...]


def forms_of(message: OceanMessage, listing: Listing, extra: Iterable[Mapping[str, Any]] = ()) -> tuple[Form, ...]:
    """The forms of a referral, those that its ServiceRequest names first."""
    mappings = (*extra, *shipped_forms())
    return tuple(_form(response, listing, mappings) for response in responses_of(message))


def responses_of(message: OceanMessage) -> list[Object]:
    """The QuestionnaireResponses of the referral; one about another person than the referral's is left out."""
    entries, request = message.entries, message.request or {}
    subject = entries.resolve(request.get("subject"), "Patient")
    named = [entries.resolve(row, "QuestionnaireResponse") for row in objects(request.get("supportingInfo"))]
    found = [row for row in named if row is not None]
    for response in entries.of_type("QuestionnaireResponse"):
        about = entries.resolve(response.get("subject"), "Patient")
        if all(response is not row for row in found) and (about is None or subject is None or about is subject):
            found.append(response)
    return found


def values(forms: Iterable[Form], kind: str) -> list[str]:
    """All answers to fields of a kind."""
    return [answer for row in fields(forms, kind) for answer in row.answers]


def fields(forms: Iterable[Form], kind: str) -> list[Answered]:
    """All fields of a kind that have an answer."""
    return [row for form in forms for row in form.fields if row.kind == kind]


def _form(response: Object, listing: Listing, mappings: tuple[Mapping[str, Any], ...]) -> Form:
    name = _name(response)
    mapping = _mapping(name, listing, mappings)
    return Form(name or "", mapping is not None, tuple(_answered(response, questions_of(mapping))))


def _name(response: Object) -> str | None:
    found = identifier({"identifier": objects(response.get("identifier"))}, FORM)
    return found or last_part(response.get("questionnaire")) or None


def _mapping(name: str | None, listing: Listing, mappings: tuple[Mapping[str, Any], ...]) -> Mapping[str, Any] | None:
    """That of the form's own name; else the first that the listing names."""
    for mapping in mappings:
        if name is not None and name in (mapping["name"], *mapping.get("references", ())):
            return mapping
    by_name = {mapping["name"]: mapping for mapping in reversed(mappings)}
    return next((by_name[wanted] for wanted in listing.forms if wanted in by_name), None)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around an item: whether that is hidden, and the group that it is in where that is a field."""

    hidden: bool = False
    group: Rule | None = None
    title: str = ""


def _answered(response: Object, own: Questions | None) -> Iterator[Answered]:
    """All fields that have an answer, also those inside of items and of answers; a hidden group hides what is in it."""
    stack = [(item, _Around()) for item in reversed(objects(response.get("item")))]
    while stack:
        item, around = stack.pop()
        link_id, written = text(item.get("linkId")) or "", plain(text(item.get("text")) or "")
        hidden = around.hidden or _hidden(item)
        rule = _rule(own, link_id, written, hidden=hidden)
        answers = tuple(shown for row in objects(item.get("answer")) if (shown := _shown(row)))
        if answers:
            asked = Answered(link_id, (written or link_id).rstrip(" :"), answers, hidden)
            yield _of_group(asked, item, around) if rule is None and around.group else _of_rule(asked, rule, written)
        elif rule is not None and rule["is"] in OF_GROUPS:
            around = _Around(hidden, rule, written or link_id)
        inner = objects(item.get("item"))
        for answer in objects(item.get("answer")):
            inner += objects(answer.get("item"))
        inside = _Around(hidden) if answers else replace(around, hidden=hidden)
        stack += [(row, inside) for row in reversed(inner)]


def _rule(own: Questions | None, link_id: str, written: str, *, hidden: bool) -> Rule | None:
    """The field that an item is: of the form's own mapping, else of every form, unless it is hidden or chart."""
    found = own.find(link_id, written) if own else None
    if found is not None or _kind(link_id, written, hidden=hidden) == CHART:
        return found
    return common().find(link_id, written)


def _of_rule(asked: Answered, rule: Rule | None, written: str) -> Answered:
    if rule is None:
        return replace(asked, kind=_kind(asked.link_id, written, hidden=asked.hidden))
    return replace(asked, kind=rule["is"], options=options_of(rule), split=bool(rule.get("split")))


def _of_group(asked: Answered, item: Object, around: _Around) -> Answered:
    """An item of a group that is a field: a box that is checked is an answer of the group, one that is not is none."""
    if around.group is None or asked.hidden:
        return _of_rule(asked, None, asked.question)
    values = [value_of(row) for row in objects(item.get("answer"))]
    if all(value is False for value in values):
        return asked
    found = _of_rule(asked, around.group, asked.question)
    if all(value is True for value in values):
        return replace(found, question=around.title, answers=(asked.question,), split=False)
    return replace(found, answers=(asked.line,)) if around.group["is"] == "reason" else found


def _hidden(item: Object) -> bool:
    found = extension(item, VISIBILITY)
    if found is None:
        return False
    value = value_of(found)
    return value is True or (text(value) or "").casefold() == "hidden"


def _kind(link_id: str, written: str, *, hidden: bool) -> str:
    """Chart, where the item is hidden or the table of chart parts has it."""
    chart = table("chart")
    in_chart = link_id.casefold() in chart["linkIds"] or folded(written) in chart["headings"]
    return CHART if hidden or in_chart else UNMAPPED


def _shown(answer: Object) -> str | None:
    """An answer as plain text."""
    value: Json = value_of(answer)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        coding = next(iter(objects(value.get("coding"))), value)
        amount = " ".join(part for part in (_number(value.get("value")), text(value.get("unit"))) if part)
        names = (value.get("text"), coding.get("display"), value.get("title"), coding.get("code"), amount)
        return next((plain(found) for name in names if (found := text(name))), None)
    found = text(value)
    return (plain(found) or None) if found else None


def _number(value: Json) -> str | None:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text(value)
