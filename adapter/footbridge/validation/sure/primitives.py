"""The sure form of primitive values: their own form, and the rules of their type."""

from collections.abc import Callable
from typing import Any

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.rules.namespace import NAMESPACE, DefinedUrl, is_known
from footbridge.validation.rules.text_value import MarkdownText, PlainText, TidyText, is_tidy
from footbridge.validation.rules.uri_value import (
    AbsoluteCanonical,
    ExampleUrl,
    is_absolute,
    is_example,
    is_example_host,
)
from footbridge.validation.sure.place import Place

Json = Any
Test = Callable[[Json], bool]
REMEMBERED = 10_000
LONGEST = 300  # characters of a URL or code that is remembered
TEXT_RULES = (PlainText, TidyText)
URI_RULES = (ExampleUrl, DefinedUrl)
CANONICAL_RULES = (AbsoluteCanonical, ExampleUrl)
# Codes and URLs of which a process meets few; none of these types holds what is said of a person.
FEW = frozenset({"code", "uri", "canonical"})


def primitive(place: Place, slot: Slot) -> str | None:
    """Python that is true only where the walk finds nothing in a value of a slot, the slot's own rules left out."""
    plan, at = place.plan, place.at
    if plan.form is None:
        return None
    test = _test(plan, slot, place)
    if test is None:
        return None
    if plan.name == "string":
        plain = (
            f"{at} == {at}.strip() and {at}.isprintable() and {at}.isascii() and '<' not in {at} and len({at}) < 9999"
        )
        return f"({at}.__class__ is str and {at} and {plain} or {place.const(test)}({at}))"
    if plan.name == "boolean":
        return f"({at} is True or {at} is False)"
    if plan.name not in FEW:
        return f"{place.const(test)}({at})"
    known: set[str] = set()
    return (
        f"({at}.__class__ is str and ({at} in {place.const(known)} or {place.const(_remembering(test, known))}({at})))"
    )


def _remembering(test: Test, known: set[str]) -> Test:
    def met(value: Json) -> bool:
        if not test(value):
            return False
        if len(value) <= LONGEST:
            if len(known) >= REMEMBERED:
                known.clear()
            known.add(value)
        return True

    return met


def _test(plan: TypePlan, slot: Slot, place: Place) -> Test | None:
    """A test of the form and of the type's rules; None where a rule is not known here."""
    accepts: Test = plan.form.accepts if plan.form is not None else bool
    kinds = tuple(type(rule) for rule in plan.rules)
    if not kinds or (plan.quick is None and not slot.rules):  # as the walk does
        return accepts
    if kinds == TEXT_RULES:
        return lambda value: accepts(value) and "<" not in value and is_tidy(value)
    if kinds == (MarkdownText,):
        return lambda value: accepts(value) and "<" not in value
    if kinds in {URI_RULES, CANONICAL_RULES}:
        return _url(accepts, place, canonical=kinds == CANONICAL_RULES)
    quick = plan.quick
    return None if quick is None or slot.rules else lambda value: accepts(value) and not quick(value)


def _url(accepts: Test, place: Place, *, canonical: bool) -> Test:
    """A URL that is no example, and that is defined where it is one of HL7's; a canonical is absolute too."""
    engine = place.engine
    example = is_example if canonical else is_example_host
    anything = engine.options.allow_example_urls

    def good(value: Json) -> bool:
        if not accepts(value) or not (anything or not example(value)):
            return False
        if canonical:
            return is_absolute(value)
        return not value.startswith(NAMESPACE) or is_known(value, engine)

    return good
