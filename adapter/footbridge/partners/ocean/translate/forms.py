"""Reads the forms of a message: flat questions and answers, and which member of a prescription each stands for.

Ocean's forms (QuestionnaireResponse) have no Questionnaire: linkIds are authored for each form, texts are optional. A
mapping of ``mappings/ocean/forms`` (or the user's own) names the fields of one form, by linkId first, then by text. A
form without a mapping is still read: as questions and answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.loose import Json, Object, extension, identifier, last_part, objects, text, value_of
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.plain import plain
from footbridge.partners.ocean.translate.tables import folded, shipped_forms, table

FORM: Final = "id-form-reference"
VISIBILITY: Final = "ext-ocean-eform-item-visibility"
CHART: Final = "chart"
UNMAPPED: Final = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """One field that has an answer.

    Attributes:
        link_id: of the item; empty without one.
        question: its text, else its linkId; without a colon at its end.
        answers: each as plain text; personal.
        hidden: whether the form hides it.
        kind: of the field: a name of the form's mapping, ``chart``, or empty where nothing says what it is.
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
    rows = [_answered(item, mapping) for item in _items(response)]
    return Form(name or "", mapping is not None, tuple(row for row in rows if row is not None))


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


def _items(element: Object) -> Iterator[Object]:
    """All items, also those inside of items and of answers; a hidden group hides what is in it."""
    stack = list(reversed([(item, False) for item in objects(element.get("item"))]))
    while stack:
        item, hidden_around = stack.pop()
        hidden = hidden_around or _hidden(item)
        yield {**item, "hidden": hidden}
        inner = objects(item.get("item"))
        for answer in objects(item.get("answer")):
            inner += objects(answer.get("item"))
        stack += [(row, hidden) for row in reversed(inner)]


def _hidden(item: Object) -> bool:
    found = extension(item, VISIBILITY)
    if found is None:
        return False
    value = value_of(found)
    return value is True or (text(value) or "").casefold() == "hidden"


def _answered(item: Object, mapping: Mapping[str, Any] | None) -> Answered | None:
    answers = tuple(shown for row in objects(item.get("answer")) if (shown := _shown(row)))
    if not answers:
        return None
    link_id, written = text(item.get("linkId")) or "", plain(text(item.get("text")) or "")
    rule = _field(mapping, link_id, written) if mapping else None
    hidden = bool(item["hidden"])
    return Answered(
        link_id=link_id,
        question=(written or link_id).rstrip(" :"),
        answers=answers,
        hidden=hidden,
        kind=rule["is"] if rule else _kind(link_id, written, hidden=hidden),
        options=rule.get("options", {}) if rule else {},
        split=bool(rule and rule.get("split")),
    )


def _field(mapping: Mapping[str, Any], link_id: str, written: str) -> Mapping[str, Any] | None:
    """The field of a mapping that an item is: by linkId, else by its text."""
    rules: list[Mapping[str, Any]] = mapping["fields"]
    wanted = link_id.casefold()
    by_id = (rule for rule in rules if wanted in [name.casefold() for name in rule.get("linkId", ())])
    shown = folded(written)
    by_text = (rule for rule in rules if shown and shown in [folded(name) for name in rule.get("text", ())])
    return next(by_id, None) or next(by_text, None)


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
