"""Carries references over from one system to another: ours, a Bundle's, a partner's."""

from collections.abc import Callable
from typing import Any

from footbridge.mapping.draft import own_identifier_system

Resource = dict[str, Any]
_NESTED = (dict, list)
Target = Callable[[str], str | None]
"""Maps the text of a reference to the one that holds elsewhere; None when it has no counterpart there."""


def rewrite(value: Any, target: Target) -> Any:  # noqa: ANN401 - any part of a resource
    """A copy in which every literal reference is carried over.

    What has no counterpart becomes a logical reference with our identifier when it was ours (``Type/id``), so that
    nothing dangles and nothing more is disclosed (https://hl7.org/fhir/R4/references.html#logical).
    """
    if isinstance(value, list):
        return [rewrite(item, target) if isinstance(item, _NESTED) else item for item in value]
    if not isinstance(value, dict):
        return value
    copy = {name: rewrite(item, target) if isinstance(item, _NESTED) else item for name, item in value.items()}
    reference = copy.get("reference")
    if isinstance(reference, str) and not reference.startswith("#"):
        found = target(reference)
        if found is not None:
            copy["reference"] = found
        else:
            del copy["reference"]
            copy = _logical(reference) | copy
    return copy


def references(value: Any) -> list[str]:  # noqa: ANN401 - any part of a resource
    """Every literal reference in a resource or a part of one, in the order of the resource."""
    found: list[str] = []
    _collect(value, found)
    return found


def _collect(value: Any, found: list[str]) -> None:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, _NESTED):
                _collect(item, found)
            elif name == "reference" and isinstance(item, str):
                found.append(item)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, _NESTED):
                _collect(item, found)


def local(reference: str) -> tuple[str, str] | None:
    """Type and id of a relative reference; None for any other."""
    kind, slash, identifier = reference.partition("/")
    if not slash or "/" in identifier or ":" in kind or not kind or not identifier:
        return None
    return kind, identifier


def _logical(reference: str) -> Resource:
    found = local(reference)
    if found is None:
        return {"display": "not shared"}
    kind, identifier = found
    return {"type": kind, "identifier": {"system": own_identifier_system(), "value": identifier}}
