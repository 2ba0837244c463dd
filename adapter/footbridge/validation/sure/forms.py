"""How each rule is decided for sure: a Python expression that is true only where the rule finds nothing.

A rule that has no form here makes a value *not known*. ``quiet`` runs the rule itself on the side, for rules that look
at nothing but the value, its slot and the resource; before that, what is seen at once decides.
"""

from collections.abc import Callable
from typing import Any

from footbridge.validation.core.elements import CORE
from footbridge.validation.core.plan import Rule
from footbridge.validation.core.references import type_in_url
from footbridge.validation.fhirpath.parser import parse
from footbridge.validation.packs.terminology_hygiene import CodingHygiene
from footbridge.validation.rules.allowed_type import AllowedType
from footbridge.validation.rules.attachment_value import AttachmentContent
from footbridge.validation.rules.binding import Binding
from footbridge.validation.rules.canonical_target import CanonicalTarget
from footbridge.validation.rules.category_binding import CategoryBinding
from footbridge.validation.rules.choice import OneChoice
from footbridge.validation.rules.coding import KnownCode, KnownUnit
from footbridge.validation.rules.contained import Contained
from footbridge.validation.rules.element_limits import ElementLimits
from footbridge.validation.rules.errata import meant
from footbridge.validation.rules.fixed import Fixed
from footbridge.validation.rules.identifier_value import URI_SYSTEM, UUID_SPEC, IdentifierUri
from footbridge.validation.rules.invariant import Invariant
from footbridge.validation.rules.max_length import MaxLength
from footbridge.validation.rules.meta_value import SecurityLabels
from footbridge.validation.rules.narrative import Xhtml
from footbridge.validation.rules.narrative_control import NarrativeControl
from footbridge.validation.rules.observation import WANTED, ObservationContext
from footbridge.validation.rules.pattern import Pattern
from footbridge.validation.rules.profiled_type import ProfiledType
from footbridge.validation.rules.reference_target import ReferenceTarget
from footbridge.validation.rules.reference_value import SAID, ReferenceValue
from footbridge.validation.rules.resource_id import ResourceId
from footbridge.validation.rules.uri_value import is_system
from footbridge.validation.rules.value_range import ValueRange
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.codes import all_codes, fitting
from footbridge.validation.sure.codings import known_code, tidy_code
from footbridge.validation.sure.known import KNOWN
from footbridge.validation.sure.narratives import narrative
from footbridge.validation.sure.paths import NO
from footbridge.validation.sure.place import Place

Json = Any
REMEMBERED = 4000  # codes of one binding
LONGEST = 200  # characters of a code with its system, or of a reference, that are remembered
REFERENCES = 500  # references of which a place remembers whether they lead to a type that it takes


def form_of(rule: Rule, place: Place) -> str | None:
    """Python that is true only where the rule finds nothing; None where that is never sure."""
    form = FORMS.get(type(rule))
    return None if form is None else form(rule, place)


def _quiet(rule: Any, place: Place) -> str:  # noqa: ANN401 - each form has rules of its own class
    return place.quiet(rule)


def _binding(rule: Binding, place: Place) -> str:
    """Codes that were looked up before; the rule itself where there is none, or one with a version."""
    members: dict[tuple[str | None, str], bool] = {}
    member = place.engine.terminology.member

    def one_is(one: tuple[str | None, str]) -> bool:
        found = members.get(one)
        if found is None:
            verdict = member(rule.value_set, *one)
            found = verdict is True or (verdict is None and rule.strength == "preferred")
            if sum(len(part or "") for part in one) <= LONGEST:
                if len(members) >= REMEMBERED:
                    members.clear()
                members[one] = found
        return found

    codes: set[str] = set()

    def is_member(value: Json, asked: Asked) -> bool:
        if value.__class__ is str:
            if not one_is((None, value)):
                asked.later.append((rule, value))
            elif len(value) <= LONGEST and len(codes) < REMEMBERED:
                codes.add(value)
            return True
        pairs = all_codes(value)
        if not pairs:
            return asked.settled(rule, value, place.slot)
        for one in pairs:
            if one_is(one):
                return True
        asked.later.append((rule, value))
        return True

    quick = f"{place.at}.__class__ is str and {place.at} in {place.const(codes)} or "
    return f"({'' if place.plan.form is None else quick}{place.const(is_member)}({place.at}, c))"


def _invariant(rule: Invariant, place: Place) -> str | None:
    if rule.compiled is None:
        return None
    if rule.key == "ref-1":
        text = f"(s := {place.at}.get('reference'))"
        quick = f"{place.at}.__class__ is dict and {text}.__class__ is str and s[:1] != '#'"
        return place.after(quick, rule) if place.plan.name == "Reference" else place.quiet(rule)
    expression = meant(rule.expression)
    if "resolve()" in expression and place.engine.options.fetch is not None:
        return None  # what is fetched, is fetched by the walk alone
    if expression in KNOWN and place.plan.name == KNOWN[expression][0]:
        return place.after(f"{place.const(KNOWN[expression][1])}({place.at})", rule)
    rest = None if "conformsTo" in expression else place.quiet(rule)
    try:
        true = place.paths.verdict(parse(expression), place.at, place.plan.info).true
    except RecursionError:
        true = NO
    if true == NO or rest is None:
        return rest
    return f"({place.at}.__class__ is dict and ({true}) or {rest})" if true != "True" else "True"


def _observation(rule: ObservationContext, place: Place) -> str:
    """Each of the things wanted is there under one of its names."""
    wanted = [" or ".join(f"{name!r} in {place.at}" for name in names) for names in WANTED.values()]
    quick = " and ".join(f"({one})" for one in wanted)
    return place.after(f"({quick})", rule)


def _choice(rule: OneChoice, place: Place) -> str:
    if len(rule.keys) < 5:
        count = " + ".join(f"({key!r} in {place.at})" for key in sorted(rule.keys))
        return f"{count} < 2"
    return f"len({place.at}.keys() & {place.const(rule.keys)}) < 2"


def _allowed(rule: AllowedType, place: Place) -> str | None:
    ancestors = place.plan.kind == "resource" and not rule.types.isdisjoint(place.plan.ancestors)
    return "True" if ancestors or place.slot.type in rule.types else None


def _fixed(rule: Fixed, place: Place) -> str:
    if isinstance(rule.value, bool):
        return place.after(f"{place.at} is {rule.value}", rule)
    return f"{place.at} == {place.const(rule.value)}" if isinstance(rule.value, str) else place.quiet(rule)


def _pattern(rule: Pattern, place: Place) -> str:
    return fitting(place.writer, place.at, rule.pattern)


def _canonical(rule: CanonicalTarget, place: Place) -> str:
    """What leads to a definition does so in every resource; a fragment is for the rule."""
    known: set[str] = set()

    def leads(value: Json, asked: Asked) -> bool:
        if value.__class__ is str and value in known:
            return True
        if not asked.quiet(rule, value, place.slot):
            return False
        if value.__class__ is str and value[:1] != "#" and len(value) < LONGEST and len(known) < REMEMBERED:
            known.add(value)
        return True

    return f"{place.const(leads)}({place.at}, c)"


def _max_length(rule: MaxLength, place: Place) -> str:
    return place.after(f"{place.at}.__class__ is str and len({place.at}) <= {rule.most}", rule)


def _labels(rule: SecurityLabels, place: Place) -> str:
    return place.after(f"'security' not in {place.at}", rule)


def _identifier(rule: IdentifierUri, place: Place) -> str:
    names, test = place.const(frozenset({URI_SYSTEM, UUID_SPEC})), place.const(is_system)
    quick = f"(s := {place.at}.get('system')) is None or s.__class__ is str and s not in {names} and {test}(s)"
    return place.after(f"({quick})", rule)


def _reference(rule: ReferenceValue, place: Place) -> str | None:
    """A plain URL that nobody follows; with blanks, a search or a stated type the rule looks."""
    if place.engine.options.fetch is not None:
        return None

    def plain(value: Json, asked: Asked) -> bool:
        text = value.get("reference")
        if text.__class__ is not str:
            return not value.keys().isdisjoint(SAID)
        if asked.plain and text and text[0] != "#" and "?" not in text and "type" not in value:
            return text.split(None, 1) == [text]
        return False

    text = f"c.plain and (s := {place.at}.get('reference')).__class__ is str and s and s[0] != '#'"
    quick = f"{text} and '?' not in s and 'type' not in {place.at} and s.split(None, 1) == [s]"
    return place.after(f"({quick} or {place.const(plain)}({place.at}, c))", rule)


def _target(rule: ReferenceTarget, place: Place) -> str | None:
    """The type that the URL tells, where nobody follows it; a resource at hand is for the walk where a profile asks."""
    if place.engine.options.fetch is not None:
        return None
    accepting = place.engine.accepting
    known: dict[str, bool] = {}
    met: dict[str, bool] = {}
    easy = all(url.startswith(CORE) and url.removeprefix(CORE).isalpha() for url in rule.targets)
    referenced = not rule.aggregation or "referenced" in rule.aggregation

    def leads(value: Json, asked: Asked) -> bool:
        text = value.get("reference") if value.__class__ is dict else None
        if asked.plain and referenced and text.__class__ is str and text[:1] != "#" and "type" not in value:
            sure = met.get(text)
            if sure is None:
                name = type_in_url(text)
                if name is not None and name not in known:  # types of FHIR alone
                    known[name] = not rule.targets or bool(accepting(rule.targets, name))
                sure = name is None or known[name]
                if len(met) < REFERENCES and len(text) <= LONGEST:
                    met[text] = sure
            return sure
        if not easy and (text.__class__ is str and (text[:1] == "#" or asked.scope.bundle is not None)):
            return False
        return asked.quiet(rule, value, place.slot)

    return f"{place.const(leads)}({place.at}, c)"


def _profiled(rule: ProfiledType, place: Place) -> str | None:
    """The one profile of the value's type; an extension that its own URL names is checked by that."""
    if place.slot.type != rule.type or place.plan.kind == "resource":
        return None
    if rule.type == "Extension":
        named = place.const(frozenset(rule.profiles))
        return f"{place.at}.__class__ is dict and (s := {place.at}.get('url')).__class__ is str and s in {named}"
    return place.profile(rule.profiles[0], place.plan, place.at) if len(rule.profiles) == 1 else None


FORMS: dict[type, Callable[[Any, Place], str | None]] = {
    AllowedType: _allowed,
    AttachmentContent: _quiet,
    Binding: _binding,
    CanonicalTarget: _canonical,
    CategoryBinding: _quiet,
    CodingHygiene: tidy_code,
    Contained: lambda _rule, place: f"'contained' not in {place.at}",
    ElementLimits: _quiet,
    Fixed: _fixed,
    IdentifierUri: _identifier,
    Invariant: _invariant,
    KnownCode: known_code,
    KnownUnit: _quiet,
    MaxLength: _max_length,
    NarrativeControl: _quiet,
    ObservationContext: _observation,
    OneChoice: _choice,
    Pattern: _pattern,
    ProfiledType: _profiled,
    ReferenceTarget: _target,
    ReferenceValue: _reference,
    ResourceId: lambda _rule, place: f"'_id' not in {place.at}",
    SecurityLabels: _labels,
    ValueRange: _quiet,
    Xhtml: narrative,
}
