"""What a StructureDefinition says of itself (rules definition.*; https://hl7.org/fhir/R4/structuredefinition.html).

definition.base        the base is not at hand, or the definition has another type or kind than its base
definition.derivation  no derivation, or a specialization of what may only be constrained
definition.context     where an extension may stand: on elements that are not there, or on something that is none
definition.url         the url of an extension is not that of its definition
definition.complies    a profile that is claimed to be complied with is not at hand
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import FHIRPathError, compile, fhir_type  # noqa: A004
from footbridge.validation.rules.rows import HL7_EXTENSION, Row, extension_values, rows_of, text_of

SPEC = "structuredefinition.html"
R4 = "http://hl7.org/fhir/StructureDefinition/"
COMPLIES = HL7_EXTENSION + "structuredefinition-compliesWithProfile"
# What R5 groups resources by, and extensions for several versions name: https://hl7.org/fhir/R5/canonicalresource.html
VARIABLES = frozenset(
    {"resource", "rootResource", "context", "ucum", "sct", "loinc", "factory", "terminologies", "us-zip"}
)
_EXTENSION = re.compile(r"""\bextension\((?:'([^']*)'|"([^"]*)")\)""")
GROUPS = frozenset({"Base", "CanonicalResource", "MetadataResource"})
TOO_WIDE = frozenset({"Element", "Resource", "DomainResource"})


@dataclass(frozen=True, slots=True)
class DefinitionHead:
    """Type, kind, base, derivation, context."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Compare them with the base and with each other."""
        definition = spot.value
        found = [*_base(definition, spot, scope), *_derivation(definition, spot)]
        if definition.get("type") == "Extension":
            found += _contexts(definition, spot, scope)
            found += _context_invariants(definition, spot, scope)
            found += _extension_url(definition, spot)
        else:
            for name in ("context", "contextInvariant"):
                if definition.get(name):
                    words = f"Only an extension has a {name}."
                    found += _told("definition.context", spot.child(name, 0), words)
        for url in extension_values(definition, COMPLIES):
            if isinstance(url, str) and scope.run.engine.definitions.structure(url.partition("|")[0]) is None:
                words = "A profile that this one is said to comply with is not at hand."
                found += _told("definition.complies", str(spot), words)
        return found


def _base(definition: Row, spot: Spot, scope: Scope) -> Iterator[Issue]:
    url = text_of(definition.get("baseDefinition"))
    if url is None or url == f"{R4}Base":
        return
    if url.partition("|")[0] == definition.get("url"):
        yield from _told("definition.base", str(spot), "The definition is its own base.")
        return
    base = scope.run.engine.definitions.structure(url)
    if base is None:
        words = "The base is not at hand, so the elements are not compared with it."
        yield from _told("definition.base", str(spot), words, "warning")
        return
    if base.get("experimental") and definition.get("experimental") is False:
        words = "The base is experimental, the definition is said not to be."
        yield from _told("definition.base", str(spot), words, "warning")
    if definition.get("derivation") == "constraint":
        for name in ("type", "kind"):
            if base.get(name) and definition.get(name) != base[name]:
                yield from _told("definition.base", str(spot), f"A profile has the {name} of its base: {base[name]}.")
    elif definition.get("derivation") == "specialization" and definition.get("type") == base.get("type"):
        yield from _told("definition.base", str(spot), "A specialization has another type than its base.")


def _derivation(definition: Row, spot: Spot) -> Iterator[Issue]:
    derivation, kind = definition.get("derivation"), text_of(definition.get("type")) or ""
    if text_of(definition.get("baseDefinition")) and derivation is None:
        yield from _told("definition.derivation", str(spot), "A definition with a base needs a derivation.")
    own = definition.get("url") == R4 + kind
    if derivation != "constraint" and not own and fhir_type(kind) is not None:
        words = f"{kind} is a type of FHIR: it can only be constrained."
        yield from _told("definition.derivation", spot.child("type"), words)


def _contexts(definition: Row, spot: Spot, scope: Scope) -> Iterator[Issue]:
    for at, row in enumerate(rows_of(definition.get("context"))):
        where, expression = spot.child("context", at), text_of(row.get("expression"))
        if expression is None:
            continue
        kind = row.get("type")
        if kind == "element" and expression in TOO_WIDE:
            words = f"The extension may stand on every {expression}; is that meant?"
            yield from _told("definition.context", where, words, "warning")
        elif kind == "element" and not _is_element(expression, scope):
            yield from _told("definition.context", where, f"FHIR has no element {expression[:60]}.")
        elif kind == "fhirpath" and _is_element(expression, scope):
            yield from _told("definition.context", where, "A simple element is a context of type element.", "warning")


def _is_element(expression: str, scope: Scope) -> bool:
    """Whether an expression is the path of an element, or the URL of a definition with or without one."""
    head, _, rest = expression.partition(".")
    if head in GROUPS:
        return True
    if ":" in expression:
        url, _, path = expression.partition("#")
        facts = scope.run.engine.definitions.structure(url)
        return facts is not None and _has(facts, path)
    if not rest:
        return fhir_type(head) is not None or scope.run.engine.definitions.type(head) is not None
    facts = scope.run.engine.definitions.type(head)
    return facts is not None and (_has(facts, expression) or _is_inner(expression, facts, scope))


def _has(facts: Row, path: str) -> bool:
    return any(path in (row.get("path"), row.get("id"), str(row.get("path")).removesuffix("[x]"))
               for row in rows_of(facts.get("snapshot")))  # fmt: skip


def _is_inner(expression: str, facts: Row, scope: Scope) -> bool:
    """Whether the path goes on within the type of an element: ``Patient.name.family``."""
    parts = expression.split(".")
    for count in range(len(parts) - 1, 1, -1):
        path = ".".join(parts[:count])
        for row in rows_of(facts.get("snapshot")):
            if row.get("path") == path:
                codes = [str(one.get("code")) for one in rows_of(row.get("type"))]
                codes += [str(row["contentReference"]).rpartition("#")[2]] if "contentReference" in row else []
                return any(_is_element(".".join([code, *parts[count:]]), scope) for code in codes)
    return False


def _context_invariants(definition: Row, spot: Spot, scope: Scope) -> Iterator[Issue]:
    rows = rows_of(definition.get("context"))
    roots = [str(row.get("expression")) for row in rows if row.get("type") == "element"]
    invariants = definition.get("contextInvariant")
    for at, expression in enumerate(invariants if isinstance(invariants, list) else ()):
        if isinstance(expression, str) and (fault := expression_fault(expression, roots)):
            yield from _told("definition.context", spot.child("contextInvariant", at), fault)
        elif isinstance(expression, str) and unknown_extensions(expression, scope):
            words = "The expression asks for an extension that nothing defines."
            yield from _told("definition.context", spot.child("contextInvariant", at), words, "warning")


def expression_fault(expression: str, roots: list[str]) -> str | None:
    """Why an expression cannot be evaluated on any of these types; None where it can, or the types are unknown."""
    known: list[str | None] = [root for root in roots if fhir_type(root) is not None]
    faults = []
    for root in known or [None]:
        try:
            compiled = compile(expression, root_type=root, strict=bool(known), other_types=True)
            if unknown := sorted(name for name in compiled.variables if not is_known_variable(name)):
                return f"The FHIRPath expression is not valid: there is no variable %{unknown[0][:40]}."
        except FHIRPathError as error:
            faults.append(str(error))
        else:
            return None
    return f"The FHIRPath expression is not valid: {faults[0]}."


def unknown_extensions(expression: str, scope: Scope) -> bool:
    """Whether an expression asks for an extension that nothing defines."""
    urls = [double or single for single, double in _EXTENSION.findall(expression)]
    return any(":" in url and scope.run.engine.definitions.extension(url) is None for url in urls)


def is_known_variable(name: str) -> bool:
    """Whether FHIR defines a variable: https://hl7.org/fhir/R4/fhirpath.html#variables."""
    return name in VARIABLES or name.startswith(("vs-", "ext-", "`vs-", "`ext-"))


def _extension_url(definition: Row, spot: Spot) -> Iterator[Issue]:
    for view in ("snapshot", "differential") if definition.get("url") != f"{R4}Extension" else ():
        holder = definition.get(view)
        for row in rows_of(holder.get("element") if isinstance(holder, dict) else None):
            if row.get("path") == "Extension.url":
                if row.get("fixedUri") != definition.get("url"):
                    words = "The fixed value of Extension.url must be the url of the definition."
                    yield from _told("definition.url", str(spot), words)
                return
    if definition.get("derivation") == "constraint" and definition.get("baseDefinition") == f"{R4}Extension":
        yield from _told("definition.url", str(spot), "The definition must fix Extension.url to its own url.")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
