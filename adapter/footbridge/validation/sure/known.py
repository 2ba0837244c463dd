"""Costly invariants that have a short answer: expression -> type, and a test that is sure where it says True.

The expressions are those of R4 and US Core, as ``rules.errata`` reads them; each test is about the type that is named
beside it.
"""

import re
from collections.abc import Callable
from typing import Any

Json = Any
_TO_THE_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?\Z", re.ASCII)


def has_own_link_ids(questionnaire: Json) -> bool:
    """Whether no linkId of the items is there twice (que-2); what is contained may have some too."""
    if questionnaire.__class__ is not dict or "contained" in questionnaire:
        return False
    met: set[str] = set()
    waiting = [questionnaire]
    while waiting:
        holder = waiting.pop()
        rows = holder.get("item", ())
        for row in rows:
            if row.__class__ is not dict:
                return False
            identity = row.get("linkId")
            if identity.__class__ is not str or identity in met or "_linkId" in row:
                return False
            met.add(identity)
            if "item" in row:
                waiting.append(row)
    return True


def is_to_the_day(value: Json) -> bool:
    """Whether a dateTime tells the day at least (us-core-1, vs-1)."""
    return value.__class__ is str and _TO_THE_DAY.match(value) is not None


def has_own_answers(response: Json) -> bool:
    """Whether the items in each item, answer and the response have a linkId each (sdcqr-2 asks it of some of them)."""
    waiting = [response]
    while waiting:
        holder = waiting.pop()
        if holder.__class__ is not dict:
            return False
        met: set[str] = set()
        for row in holder.get("item", ()):
            identity = row.get("linkId") if row.__class__ is dict else None
            if identity.__class__ is not str or identity in met or "_linkId" in row:
                return False
            met.add(identity)
            waiting.append(row)
        waiting += holder.get("answer", ())
    return True


def is_npi(identifier: Json) -> bool:
    """Whether a value has the ten digits and the check digit of a US provider's number (us-core-16, us-core-17)."""
    value = identifier.get("value") if identifier.__class__ is dict and "_value" not in identifier else None
    if value.__class__ is not str or len(value) != 10 or not (value.isascii() and value.isdigit()):
        return False
    doubled = (int(digit) * 2 for digit in value[:10:2])
    return (24 + sum(two if two < 10 else two - 9 for two in doubled) + sum(map(int, value[1::2]))) % 10 == 0


def has_no_constraint(item: Json) -> bool:
    """Whether an item has no ``answerConstraint``, as in R4 it has not (que-14)."""
    return item.__class__ is dict and "answerConstraint" not in item and "_answerConstraint" not in item


def has_a_name(name: Json) -> bool:
    """Whether the name of a Questionnaire is one that programs can use (que-0)."""
    value = name.get("name") if name.__class__ is dict and "_name" not in name else None
    return value.__class__ is str and _NAME.match(value) is not None


def has_items_of_its_type(item: Json) -> bool:
    """Whether an item is no group, or has items; and is no display, or has none (que-1)."""
    kind = item.get("type") if item.__class__ is dict and "_type" not in item else None
    if kind.__class__ is not str:
        return False
    if kind == "group":
        rows = item.get("item")
        return rows.__class__ is list and bool(rows) and rows[0].__class__ is dict
    return kind != "display" or "item" not in item


def has_no_initial(item: Json) -> bool:
    """Whether an item has no initial value (que-13), and a plain ``repeats`` if any."""
    if item.__class__ is not dict or "initial" in item or "_repeats" in item:
        return False
    return item.get("repeats", True).__class__ is bool


def has_one_condition(item: Json) -> bool:
    """Whether an item has one condition at most (que-12)."""
    if item.__class__ is not dict:
        return False
    rows = item.get("enableWhen", [])
    return rows.__class__ is list and len(rows) < 2


def has_a_known_race(extension: Json) -> bool:
    """Whether no race of an extension is that it is not known (us-core-23)."""
    rows = extension.get("extension") if extension.__class__ is dict else None
    if rows.__class__ is not list:
        return False
    for row in rows:
        if row.__class__ is not dict or row.get("url").__class__ is not str or "_url" in row:
            return False
        if row["url"] == "ombCategory":
            code = row["valueCoding"].get("code") if row.get("valueCoding").__class__ is dict else None
            if code.__class__ is not str or code in UNKNOWN or "_code" in row["valueCoding"] or len(row) != 2:
                return False
    return True


def is_named(extension: Json) -> bool:
    """Whether the Expression of an extension has a name (var-1)."""
    value = extension.get("valueExpression") if extension.__class__ is dict else None
    name = value.get("name") if value.__class__ is dict and "_name" not in value else None
    return name.__class__ is str and "_valueExpression" not in extension


def has_one_asserter(condition: Json) -> bool:
    """Whether a Condition is asserted by an element alone, or by one extension (SDOH-Con-1)."""
    if condition.__class__ is not dict:
        return False
    rows = condition.get("extension", ())
    if any(row.__class__ is not dict or "_url" in row for row in rows):
        return False
    urls = [row.get("url") for row in rows]
    return urls.count(ASSERTER) + ("asserter" in condition) < 2 and not isinstance(condition.get("asserter"), list)


ASSERTER = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionConditionAsserter"
UNKNOWN = frozenset({"ASKU", "UNK"})
_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{0,254}\Z")
_DOUBLED = "(select(value.substring({0},1).toInteger()).select(iif($this<5, $this*2, (($this*2)-9))))"
_DIGITS = "+".join(_DOUBLED.format(at) if at % 2 == 0 else f"(value.substring({at},1).toInteger())" for at in range(10))
KNOWN: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "descendants().linkId.isDistinct()": ("Questionnaire", has_own_link_ids),
    "$this is dateTime implies $this.toString().length() >= 10": ("dateTime", is_to_the_day),
    "($this is dateTime).not() or ($this as dateTime).toString().length() >= 8": ("dateTime", is_to_the_day),
    "(QuestionnaireResponse|repeat(answer|item)).select(item.where(answer.value.exists()).linkId.isDistinct())"
    ".allTrue()": ("QuestionnaireResponse", has_own_answers),
    "value.matches('^[0-9]{10}$')": ("Identifier", is_npi),
    f"(({_DIGITS} + 24)mod 10=0)": ("Identifier", is_npi),
    "name.empty() or name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')": ("Questionnaire", has_a_name),
    "(type='group' implies item.empty().not()) and (type.trace('type')='display' implies item.trace('item').empty())": (
        "Questionnaire.item",
        has_items_of_its_type,
    ),
    "enableWhen.count() >= 2 implies enableBehavior.exists()": ("Questionnaire.item", has_one_condition),
    "repeats=true or initial.count() <= 1": ("Questionnaire.item", has_no_initial),
    "extension.where(url = 'ombCategory').value.where(code in 'ASKU'|'UNK').exists() implies "
    "extension.where(url = 'ombCategory').count() = 1": ("Extension", has_a_known_race),
    "value.name.exists()": ("Extension", is_named),
    "answerConstraint.exists() implies answerOption.exists() or answerValueset.exists() or extension("
    "'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-answerExpression').exists()": (
        "Questionnaire.item",
        has_no_constraint,
    ),
    f"extension('{ASSERTER}').count()+asserter.count()<=1": ("Condition", has_one_asserter),
}
