"""The elements of a definition one by one (rules element.*; https://hl7.org/fhir/R4/elementdefinition.html).

element.binding       a value set that is not at hand, or that is all of a very large system
element.type          a profile that is not at hand, or of another type; an element without a type
element.constraint    an invariant that another one has the key of, or whose expression is not valid
element.slicing       slices of what does not repeat, or told by a deprecated discriminator
element.root          a constraint says of its root in the snapshot what only other elements have
element.must-support  a type is marked as must support, or the element around a slice, and the other is not
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import HL7_EXTENSION, Row, extension_value, rows_of, text_of
from footbridge.validation.rules.structure_definition.head import expression_fault
from footbridge.validation.rules.structure_definition.limits import is_taken, limit_faults

SPEC = "elementdefinition.html"
MUST_SUPPORT = HL7_EXTENSION + "elementdefinition-type-must-support"
ALL_CODES = ("http://loinc.org/vs", "http://snomed.info/sct?fhir_vs")
# https://hl7.org/fhir/R4/elementdefinition.html#interpretation: what the root of a constraint has not.
NOT_OF_THE_ROOT = ("sliceName", "slicing", "requirements", "meaningWhenMissing", "example", "maxLength")
NOT_TYPED = frozenset({"Resource", "Base", "Element"})


@dataclass(frozen=True, slots=True)
class DefinitionElements:
    """The elements of differential and snapshot."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at each element."""
        found: list[Issue] = []
        keys: dict[str, object] = {}
        for view in ("differential", "snapshot"):
            holder = spot.value.get(view)
            rows = rows_of(holder.get("element") if isinstance(holder, dict) else None)
            looked = _Elements(spot.value, view, scope, keys)
            for at, row in enumerate(rows):
                scope.tick(1)
                found += looked.faults(row, f"{spot}.{view}.element[{at}]", first=at == 0)
            if view == "differential":
                found += _slices(rows, spot.child(view))
        return found


@dataclass(frozen=True, slots=True)
class _Elements:
    definition: Row
    view: str
    scope: Scope
    keys: dict[str, object]

    def faults(self, row: Row, where: str, *, first: bool) -> Iterator[Issue]:
        yield from self._binding(row, where)
        reference = text_of(row.get("contentReference"))
        if reference is not None and reference.startswith("#") and self.view == "differential":
            yield from self._named(reference[1:], f"{where}.contentReference")
        for at, one in enumerate(rows_of(row.get("constraint"))):
            yield from self._constraint(one, row, f"{where}.constraint[{at}]")
        for at, one in enumerate(rows_of(row.get("type"))):
            yield from self._type(one, row, f"{where}.type[{at}]")
        yield from self._must_support(row, where)
        yield from limit_faults(row, where, str(self.definition.get("type")))
        if self.view == "snapshot" and first and self.definition.get("derivation") == "constraint":
            for name in (name for name in NOT_OF_THE_ROOT if name in row):
                yield from _told("element.root", where, f"The root element of a constraint has no {name}.")
        if self.view == "snapshot" and not first:
            typed = rows_of(row.get("type"))
            if not row.get("contentReference") and not any(one.get("code") for one in typed):
                yield from _told("element.type", where, "The element has neither a type nor a contentReference.")
        slicing = row.get("slicing")
        if isinstance(slicing, dict) and self.view == "differential":
            for at, one in enumerate(rows_of(slicing.get("discriminator"))):
                if one.get("type") == "pattern":
                    place = f"{where}.slicing.discriminator[{at}]"
                    words = "The discriminator type pattern is deprecated; value means the same."
                    yield from _told("element.slicing", place, words, "information")

    def _named(self, identity: str, where: str) -> Iterator[Issue]:
        holder = self.definition.get(self.view)
        rows = rows_of(holder.get("element") if isinstance(holder, dict) else None)
        if all(row.get("id") != identity for row in rows):
            words = "No element of the differential has the id that the contentReference names."
            yield from _told("element.type", where, words, "warning")

    def _binding(self, row: Row, where: str) -> Iterator[Issue]:
        binding = row.get("binding")
        value_set = text_of(binding.get("valueSet")) if isinstance(binding, dict) else None
        if value_set is None or value_set.startswith("#"):
            return
        if value_set in ALL_CODES:
            words = "The binding takes every code of a very large system; is that meant?"
            yield from _told("element.binding", f"{where}.binding", words, "warning")
            return
        facts = self.scope.run.engine.definitions.value_set(value_set)
        if facts is None:
            words = "The value set of the binding is not at hand."
            yield from _told("element.binding", f"{where}.binding", words, "warning")
        elif facts.get("experimental") and self.definition.get("experimental") is False:
            words = "The value set of the binding is experimental, the definition is said not to be."
            yield from _told("element.binding", f"{where}.binding", words, "warning")

    def _constraint(self, one: Row, row: Row, where: str) -> Iterator[Issue]:
        key, expression, source = text_of(one.get("key")), text_of(one.get("expression")), text_of(one.get("source"))
        if key is None:
            return
        own = source is None or source.partition("|")[0] == self.definition.get("url")
        if self.view == "snapshot":
            if (own and source is not None) or (own and key in self.keys):
                yield from self._expression(key, expression, row, where)
            return
        if not own:
            words = "The source of an invariant in the differential is the definition itself."
            yield from _told("element.constraint", where, words)
        if key in self.keys and self.keys[key] != expression:
            yield from _told("element.constraint", where, "Another invariant of the definition has this key.")
        elif is_taken(key, expression):
            yield from _told("element.constraint", where, f"R4 has another invariant of the key {key[:20]}.")
        self.keys.setdefault(key, expression)

    def _expression(self, key: str, expression: str | None, row: Row, where: str) -> Iterator[Issue]:
        path = str(row.get("path"))
        codes = [str(one.get("code")) for one in rows_of(row.get("type"))] if "." in path else [path]
        roots = [path if code in {"BackboneElement", "Element"} else code for code in codes]
        if expression and (fault := expression_fault(expression, roots)):
            yield from _told("element.constraint", where, f"{key}: {fault}")

    def _type(self, one: Row, row: Row, where: str) -> Iterator[Issue]:
        code = text_of(one.get("code"))
        for name in ("profile", "targetProfile"):
            urls = one.get(name)
            for at, url in enumerate(urls if isinstance(urls, list) else ()):
                if isinstance(url, str):
                    yield from self._profile(code, url, row, name, f"{where}.{name}[{at}]")

    def _profile(self, code: str | None, url: str, row: Row, name: str, where: str) -> Iterator[Issue]:
        facts = self.scope.run.engine.definitions.structure(url)
        if facts is None:
            if name == "profile" and self.view == "differential":
                yield from _told("element.type", where, "The profile is not at hand.", "warning")
            return
        kind, wanted = str(facts.get("type")), str(facts.get("kind"))
        if name == "targetProfile":
            if code in {"Reference", "canonical", "CodeableReference"} and wanted == "complex-type":
                yield from _told("element.type", where, f"A {code} leads to a resource; the profile is one of {kind}.")
            return
        if wanted != "logical" and code is not None and not self._is(code, kind):
            yield from _told("element.type", where, f"The profile is one of {kind}, the element has the type {code}.")
        elif kind == "Extension" and code == "Extension":
            yield from self._modifier(facts, row, where)

    def _is(self, code: str, kind: str) -> bool:
        """Whether a type of an element may have a profile of that kind."""
        plan = self.scope.run.engine.compiler.type(kind)
        return code == kind or plan is None or code in plan.ancestors

    def _modifier(self, facts: Row, row: Row, where: str) -> Iterator[Issue]:
        first = (facts.get("snapshot") or [{}])[0]
        modifies = str(row.get("path")).endswith("modifierExtension")
        if bool(first.get("isModifier")) != modifies:
            words = "is a modifier, the element is none" if not modifies else "is no modifier, the element is one"
            yield from _told("element.type", where, f"The extension {words}.")

    def _must_support(self, row: Row, where: str) -> Iterator[Issue]:
        if row.get("mustSupport") or not any(_supported(one) for one in rows_of(row.get("type"))):
            return
        level: Severity = "warning" if self.view == "snapshot" else "information"
        yield from _told("element.must-support", where, "A type is marked as must support, the element is not.", level)


def _supported(one: Row) -> bool:
    """Whether a type, a profile or a target of it is marked as must support."""
    holders = [one, *rows_of(one.get("_profile")), *rows_of(one.get("_targetProfile"))]
    return any(extension_value(holder, MUST_SUPPORT) is True for holder in holders)


def _slices(rows: list[Row], where: str) -> Iterator[Issue]:
    """A slice of an element that must be supported should be, too."""
    sliced = {str(row.get("path")) for row in rows if "slicing" in row and row.get("mustSupport")}
    if any(row.get("sliceName") and str(row.get("path")) in sliced and not row.get("mustSupport") for row in rows):
        words = "The sliced element is marked as must support, a slice of it is not."
        yield from _told("element.must-support", where, words, "warning")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
