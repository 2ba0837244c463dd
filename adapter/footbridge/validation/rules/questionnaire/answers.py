"""One answer against its question: type, options, limits (rules questionnaire.type, .option, .limit, .advice)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.references import type_in_url
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import FHIRPathError, Undecided, regular
from footbridge.validation.rules.comparison import Incomparable, order
from footbridge.validation.rules.questionnaire.contained_options import is_option
from footbridge.validation.rules.questionnaire.form import HL7, Item, extension, rows_of, value_of
from footbridge.validation.rules.without_system import listed_without_system

SPEC = "questionnaireresponse.html"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
TYPES = {
    "boolean": ("Boolean",), "decimal": ("Decimal",), "integer": ("Integer",), "date": ("Date",),
    "dateTime": ("DateTime",), "time": ("Time",), "string": ("String",), "text": ("String",), "url": ("Uri",),
    "attachment": ("Attachment",), "reference": ("Reference",), "quantity": ("Quantity",), "choice": ("Coding",),
    "open-choice": ("Coding", "String"),
}  # fmt: skip
CHOICES = frozenset({"choice", "open-choice"})
OPTIONS = ("Date", "Time", "Integer", "String")


def check_answer(answer: Item, item: Item, where: str, scope: Scope, form: Item) -> Iterator[Issue]:
    """Everything wrong with one answer's value."""
    suffix, value = value_of(answer)
    kind = str(item.get("type"))
    if not suffix:
        yield from _without_value(answer, item, kind, where)
        return
    here = f"{where}.value.ofType({_type_name(suffix)})"
    options = rows_of(item.get("answerOption"))
    scope.tick(1 + len(options) + len(rows_of(item.get("extension"))))
    wanted = TYPES.get(kind)
    if kind in CHOICES and not options:
        wanted = ("Coding", *OPTIONS)  # no option says of what type it is
    if wanted is not None and suffix not in (*wanted, *_option_types(options, kind)):
        yield from told(
            "questionnaire.type", here, f"The answer is a {suffix}; a question of type {kind} does not take that."
        )
        return
    if kind in CHOICES and not options and "answerValueSet" not in item:
        yield from _advice(where, "The question offers no options, so that the answer cannot be compared with them.")
    if kind == "open-choice" and suffix == "String":
        yield from _written_out(value, options, where)
    if suffix == "String" and kind == "string" and isinstance(value, str) and "\n" in value:
        yield from _advice(here, "The answer to a question of type string has no line breaks.", "warning")
    if options and kind != "text":  # the options of a text only propose
        yield from _option(suffix, value, kind, options, here)
    if isinstance(item.get("answerValueSet"), str):
        value_set = item["answerValueSet"]
        yield from _member(suffix, value, value_set, kind, here, scope)
        coded = suffix == "Coding" and value_set.startswith("#") and isinstance(value, dict)
        if coded and is_option(value, form, value_set[1:], scope) is False:
            yield from told("questionnaire.option", here, "The answer is not in the value set of the question.")
    yield from _limits(suffix, value, item, where, here, scope)


def _without_value(answer: Item, item: Item, kind: str, where: str) -> Iterator[Issue]:
    """An answer that has but extensions does not compare with limits and options; an integer must have a value."""
    suffix = next((key[6:] for key in answer if key.startswith("_value")), None)
    if suffix is None:
        return
    limited = extension(item, "minValue") is not None or extension(item, "maxValue") is not None
    offered = kind in {"date", "dateTime", "time"} | CHOICES and rows_of(item.get("answerOption"))
    if kind == "integer" or (limited and kind in {"decimal", "date", "dateTime", "time"}) or offered:
        yield from told("questionnaire.limit", where, "The answer has no value to look at.")


def _written_out(value: Any, options: list[Item], where: str) -> Iterator[Issue]:  # noqa: ANN401 - JSON is any value
    """A text in place of the option that has it."""
    for name, option in map(value_of, options):
        if name == "Coding" and isinstance(option, dict) and value in (option.get("display"), option.get("code")):
            yield from _advice(where, "The text is that of an option, which may well be meant.", "warning")


def _advice(where: str, words: str, severity: Severity = "information") -> tuple[Issue]:
    return finding("questionnaire.advice", where, words, severity=severity, code="informational", spec=SPEC)


COMPLEX = frozenset({"Attachment", "Coding", "Quantity", "Reference"})


def _type_name(suffix: str) -> str:
    return suffix if suffix in COMPLEX else suffix[:1].lower() + suffix[1:]


def told(rule: str, where: str, words: str) -> tuple[Issue]:
    """An issue about a response."""
    return finding(rule, where, words, code="invalid", spec=SPEC)


def _option_types(options: list[Item], kind: str) -> tuple[str, ...]:
    """A choice takes the types that its options have; the HL7 validator takes no reference."""
    taken = (value_of(row)[0] for row in options if kind in CHOICES)
    return tuple(dict.fromkeys(name for name in taken if name != "Reference"))


def _option(suffix: str, value: Any, kind: str, options: list[Item], here: str) -> Iterator[Issue]:  # noqa: ANN401
    if kind == "open-choice" and suffix == "String":
        return
    offered = [other for name, other in map(value_of, options) if name == suffix]
    if suffix == "Coding" and isinstance(value, dict):
        known = any(
            isinstance(row, dict) and (row.get("system"), row.get("code")) == (value.get("system"), value.get("code"))
            for row in offered
        )
    elif suffix in OPTIONS:
        known = value in offered
    else:
        return
    if not known:
        yield from told("questionnaire.option", here, "The answer is none of the question's options.")


def _member(suffix: str, value: Any, value_set: str, kind: str, here: str, scope: Scope) -> Iterator[Issue]:  # noqa: ANN401
    if suffix == "String" and kind == "string" and scope.run.engine.member_of(value, value_set) is False:
        yield from told("questionnaire.option", here, f"The answer is no code of the value set {value_set}.")
    if suffix != "Coding" or not isinstance(value, dict) or value_set.startswith("#"):
        return
    facts = scope.run.engine.definitions.value_set(value_set)
    if facts is not None and not value.get("system"):
        code = value.get("code")
        if not isinstance(code, str) or not listed_without_system(facts, code, scope):
            yield from told("questionnaire.option", here, "A code without a system is no option of the value set.")
        return
    if facts is None:
        if "code" not in value:
            return  # nothing to look up, and nowhere
        yield from _advice(where_of(here), f"The value set {value_set} is not at hand.", "warning")
    verdict = scope.run.engine.member_of(value, value_set)
    if verdict is None:
        if isinstance(system := value.get("system"), str) and scope.run.engine.definitions.code_system(system) is None:
            yield _advice(
                where_of(here), "The code system of the answer is not at hand: it is not checked.", "warning"
            )[0]
        scope.run.undecided("questionnaire.option", Spot(value, scope.spot.slot), f"membership of {value_set}")
    elif not verdict:
        yield from told("questionnaire.option", here, f"The answer is not in the value set {value_set}.")


def where_of(value: str) -> str:
    """The answer that a value stands in."""
    return value.rpartition(".value.")[0]


def _limits(suffix: str, value: Any, item: Item, where: str, here: str, scope: Scope) -> Iterator[Issue]:  # noqa: ANN401
    yield from _range(value, item, here)
    if suffix in {"Decimal", "Quantity"}:
        yield from _decimals(value.get("value") if isinstance(value, dict) else value, item, here)
    if suffix == "Quantity" and isinstance(value, dict):
        yield from _unit(value, item, here, scope)
    if suffix == "String" and isinstance(value, str):
        yield from _text(value, item, here)
    if suffix == "Attachment" and isinstance(value, dict):
        yield from _attachment(value, item, where)
    if suffix == "Reference" and isinstance(value, dict):
        yield from _reference(value, item, here, scope)


def _range(value: Any, item: Item, here: str) -> Iterator[Issue]:  # noqa: ANN401 - JSON is any value
    for name, sign, words in (("minValue", -1, "below the least"), ("maxValue", 1, "above the greatest")):
        limit = quantity_limit(item, name) if isinstance(value, dict) else extension(item, name)
        if limit is None:
            continue
        try:
            if order(value, limit, _kind(value)) == sign:
                yield from told("questionnaire.limit", here, f"The answer is {words} that the question allows.")
        except Incomparable:
            yield from told(
                "questionnaire.limit", here, "The answer's unit does not compare with that of the question's limit."
            )


def _kind(value: Any) -> str:  # noqa: ANN401 - JSON is any value
    """How a text is compared: times as texts, dates as moments."""
    return "dateTime" if isinstance(value, str) and value[2:3] != ":" else ""


def quantity_limit(item: Item, name: str) -> Any:  # noqa: ANN401 - JSON is any value
    """SDC's limit of a quantity."""
    url = SDC + {"minValue": "minQuantity", "maxValue": "maxQuantity"}[name]
    return next((value_of(row)[1] for row in rows_of(item.get("extension")) if row.get("url") == url), None)


def _decimals(value: Any, item: Item, here: str) -> Iterator[Issue]:  # noqa: ANN401 - JSON is any value
    most = extension(item, "maxDecimalPlaces")
    if not isinstance(most, int) or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return
    digits = str(value).partition(".")[2]
    if len(digits) > most:
        yield from told("questionnaire.limit", here, f"The answer has more than {most} decimal places.")


def _text(value: str, item: Item, here: str) -> Iterator[Issue]:
    most, least = item.get("maxLength"), extension(item, "minLength")
    if isinstance(most, int) and len(value) > most:
        yield from told("questionnaire.limit", here, f"The answer has more than {most} characters.")
    if item.get("type") == "text":
        return  # the HL7 validator asks nothing more of a long text
    if isinstance(least, int) and len(value) < least:
        yield from told("questionnaire.limit", here, f"The answer has fewer than {least} characters.")
    expression = extension(item, "regex")
    if isinstance(expression, str) and not _matches(expression, value):
        yield from told("questionnaire.limit", here, "The answer does not have the form that the question asks for.")


def _matches(expression: str, value: str) -> bool:
    """A form's regular expression; one that does not parse, or would take long on the answer, is not looked at."""
    try:
        return regular.pattern(expression).fullmatch(value)
    except (FHIRPathError, Undecided):
        return True


def _unit(value: Item, item: Item, here: str, scope: Scope) -> Iterator[Issue]:
    """The units that a question offers: one by one, or in a value set."""
    offers = extension(item, "questionnaire-unitValueSet")
    unit = {name: value[name] for name in ("system", "code") if name in value}
    if isinstance(offers, str) and ("code" not in unit or scope.run.engine.member_of(unit, offers) is False):
        yield from told("questionnaire.limit", here, f"The unit of the answer is not in the value set {offers}.")
    offered = [
        value_of(row)[1] for row in rows_of(item.get("extension")) if row.get("url") == HL7 + "questionnaire-unitOption"
    ]
    pairs = [(row.get("system"), row.get("code")) for row in offered if isinstance(row, dict)]
    if pairs and (value.get("system"), value.get("code")) not in pairs:
        yield from told("questionnaire.limit", here, "The unit of the answer is none that the question offers.")


def _attachment(value: Item, item: Item, where: str) -> Iterator[Issue]:
    kinds = [value_of(row)[1] for row in rows_of(item.get("extension")) if row.get("url") == HL7 + "mimeType"]
    if kinds and value.get("contentType") not in kinds:
        yield from told("questionnaire.limit", where, "The attachment's type is none that the question allows.")
    most = extension(item, "maxSize")
    size = value.get("size")
    if not isinstance(value.get("data"), str):
        return  # what stands elsewhere is not looked at
    if size is None:
        bare = "".join(value["data"].split())
        size = len(bare) * 3 // 4 - bare[-2:].count("=")
    if isinstance(most, int | float | Decimal) and isinstance(size, int) and size > most:
        yield from told("questionnaire.limit", where, "The attachment is larger than the question allows.")


def _reference(value: Item, item: Item, here: str, scope: Scope) -> Iterator[Issue]:
    allowed = [
        value_of(row)[1] for row in rows_of(item.get("extension"))
        if row.get("url") == HL7 + "questionnaire-referenceResource"
    ]  # fmt: skip
    reference = value.get("reference")
    if not isinstance(reference, str) or reference.startswith(("#", "urn:")):
        return
    kind = type_in_url(reference)
    if kind is None:
        if not scope.run.options.assume_rest:
            return  # any URL may lead to a resource
        yield from told("questionnaire.limit", here, "The reference does not name a resource of FHIR.")
    elif allowed and kind not in allowed:
        words = "The reference leads to a type that the question does not allow."
        if scope.run.options.assume_rest:  # then a URL is believed to tell the type
            yield from told("questionnaire.limit", here, words)
        else:
            yield from _advice(here, words, "warning")
