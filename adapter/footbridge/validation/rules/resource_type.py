"""The type of a resource: one of R4's (rule structure.resource-type).

A resource of another version of FHIR is told as such, where its type says so (``profiles/other-versions.json``).
https://hl7.org/fhir/R4/resource.html
"""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.spot import Spot


def unknown_type(where: Spot | str, resource: Any) -> tuple[Issue]:  # noqa: ANN401 - JSON is any value
    """What stands here is no resource of R4; of which version it is one, where its type is known there."""
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    versions = _other_versions().get(name) if isinstance(name, str) else None
    words = "resourceType is missing or names no resource type of FHIR R4."
    if versions is not None:
        words = f"{name} is a resource type of FHIR {' and '.join(versions)}, not of R4, which is validated here."
    return finding("structure.resource-type", where, words, code="structure", spec="resource.html")


@functools.cache
def _other_versions() -> Mapping[str, list[str]]:
    types: Mapping[str, list[str]] = read_json("profiles", "other-versions.json")["types"]
    return types
