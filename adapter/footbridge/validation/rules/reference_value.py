"""The form of a reference, and whether it can lead anywhere (https://hl7.org/fhir/R4/references.html#literal).

reference.empty        nothing says what it refers to
reference.form         no URL, or in a Bundle a relative one that is not ``Type/id`` (a warning where it looks like it)
reference.conditional  a search in place of an id, outside of a transaction or with no parameters
reference.stated-type  ``Reference.type`` is not the type that the target has, or that the URL names
reference.full-url     it stands in an entry without a fullUrl, which says what it is relative to
reference.other-url    an entry has its type and id, and another fullUrl than it leads to
reference.unresolved   it leads to nothing that is at hand; ``#`` in a resource that is not contained
"""

import re
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.references import type_in_path, type_in_url
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import fhir_type
from footbridge.validation.rules.uri_value import is_absolute

SPEC = "references.html#literal"
RESPONSES = frozenset({"transaction-response", "batch-response"})
_FORM = re.compile(r"\S+\Z")
SAID = frozenset({"reference", "_reference", "identifier", "display", "_display", "extension"})
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_SEARCH = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<query>.*)\Z")
_QUERY = re.compile(r"[A-Za-z_][^=&]*=[^=&]+(&[A-Za-z_][^=&]*=[^=&]+)*\Z")


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """``Reference.reference``: a URL, absolute, relative to the server, or a fragment."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at its form; ask for its target when the options say so."""
        value = spot.value
        reference = value.get("reference")
        if reference.__class__ is not str:
            return NONE if value.keys() & SAID else finding(
                "reference.empty", spot, "A reference without a URL and an identifier should have a display.",
                severity="warning", code="informational", spec=SPEC,
            )  # fmt: skip
        if _FORM.match(reference) is None:
            return finding("reference.form", spot, "The reference is no valid URL.", code="value", spec=SPEC)
        found = _stated_type(value["type"], reference, spot, scope) if "type" in value else NONE
        if "?" in reference:
            found = found or _conditional(reference, spot, scope)
        if scope.bundle is not None:
            found = found or _in_bundle(reference, spot, scope)
        return found or _unresolved(reference, spot, scope)


def _stated_type(stated: Any, reference: str, spot: Spot, scope: Scope) -> Findings:  # noqa: ANN401 - JSON is any value
    target = scope.run.engine.resolve(reference, scope)
    actual = type_in_path(reference) if target is None else target.resource.get("resourceType")
    if not isinstance(stated, str) or actual is None or stated == actual:
        return NONE
    return finding(
        "reference.stated-type", spot, f"The stated type is not that of the target, {actual}.", code="structure",
        spec="references-definitions.html#Reference.type",
    )  # fmt: skip


def _conditional(reference: str, spot: Spot, scope: Scope) -> Findings:
    match = _SEARCH.match(reference)
    if match is None or not _is_resource(match["type"]):
        return NONE
    if _bundle_type(scope) == "transaction" and _QUERY.match(match["query"]):
        return NONE
    return finding(
        "reference.conditional", spot, "A reference by search is allowed in a transaction alone, with parameters.",
        code="invalid", spec="http.html#trules",
    )  # fmt: skip


def _is_resource(name: str) -> bool:
    kind = fhir_type(name)
    return kind is not None and kind.kind == "resource"


def _in_bundle(reference: str, spot: Spot, scope: Scope) -> Findings:
    """What a Bundle asks of the references of its entries: that it be known what they are relative to."""
    kind = _bundle_type(scope)
    if kind is None or kind in RESPONSES or reference[0] == "#":
        return NONE
    if scope.full_url is None:
        return finding(
            "reference.full-url", spot, "The entry needs a fullUrl, to tell what its references are relative to.",
            code="required", spec="bundle.html#references",
        )  # fmt: skip
    if scope.bundle is not None and ":" not in reference and _misses(reference, scope):
        return finding(
            "reference.other-url", spot, "An entry has this type and id, but another fullUrl than the reference means.",
            severity="warning", code="informational", spec="bundle.html#references",
        )  # fmt: skip
    search = _SEARCH.match(reference)
    if is_absolute(reference) or (search and _is_resource(search["type"])):
        return NONE
    if reference[0] not in "/." and type_in_url(reference) is not None:
        return NONE
    formed = reference.count("/") in {1, 3}  # as the HL7 validator tells Type/id and Type/id/_history/version
    return finding(
        "reference.form", spot, "In a Bundle a relative reference must be a type and an id: Patient/1.", code="value",
        severity="warning" if formed else "error", spec="bundle.html#references",
    )  # fmt: skip


def _misses(reference: str, scope: Scope) -> bool:
    """Whether a relative reference has an entry's type and id, but does not lead to it by the rules of Bundles."""
    index = scope.bundle
    if index is None or index.exact(reference, scope.full_url):
        return False
    return bool(index.find(reference, scope.full_url))


def _bundle_type(scope: Scope) -> str | None:
    """The type of the Bundle that an entry's resource stands in; None elsewhere."""
    bundle = scope.bundle.bundle if scope.bundle is not None else None
    if bundle is None or bundle is scope.resource or bundle.get("resourceType") != "Bundle":
        return None
    kind = bundle.get("type")
    return kind if isinstance(kind, str) else None


def _unresolved(reference: str, spot: Spot, scope: Scope) -> Findings:
    if reference == "#" and scope.root is scope.resource:
        return finding(
            "reference.unresolved", spot, "# leads to the container; this resource is not contained.", code="not-found",
            spec="references.html#contained",
        )  # fmt: skip
    if scope.run.options.references == "ignore" or reference.startswith(("#", "urn:")):
        return NONE
    if _ABSOLUTE.match(reference) or scope.run.engine.resolve(reference, scope) is not None:
        return NONE
    return finding(
        "reference.unresolved", spot, "The reference leads to nothing that is at hand.", code="not-found", spec=SPEC
    )
