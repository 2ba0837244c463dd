"""The validator behind intake: today the types, cardinalities and value forms of base R4 (as R4B).

It stands on ``fhir.resources``; profiles are not looked at yet, and a resource that passes here has not been
shown to meet what ``meta.profile`` claims.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from footbridge.model.issues import Issue

SPEC = "https://hl7.org/fhir/R4/validation.html"


class Validator:
    """Checks resources; safe to share between threads."""

    def validate(
        self,
        resource: Mapping[str, Any],
        profiles: Sequence[str] = (),  # noqa: ARG002 - a part of the door that base checks have no use for
    ) -> Iterator[Issue]:
        """Yield every issue of a resource. Never raises on bad input; never tells a person's value.

        Args:
            resource: a FHIR resource as a dict.
            profiles: canonical URLs to check besides those of ``meta.profile``.
        """
        kind = resource.get("resourceType")
        model = _model(kind) if isinstance(kind, str) else None
        if model is None:
            yield Issue(
                rule="structure.resource-type",
                severity="error",
                code="structure",
                message="resourceType is missing or names no resource type of FHIR R4.",
                expression="$this",
                spec=SPEC,
            )
            return
        try:
            model.model_validate(resource)
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False, include_context=False):
                yield _issue(str(kind), fault["loc"], fault["type"])


@functools.cache
def _model(resource_type: str) -> type[BaseModel] | None:
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - takes 0.4 s, so only when it is used

    try:
        model: type[BaseModel] = get_fhir_model_class(resource_type)
    except (KeyError, ValueError):
        return None
    return model


def _issue(resource_type: str, location: Sequence[int | str], fault: str) -> Issue:
    path = resource_type
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    if fault == "extra_forbidden":
        return Issue("structure.unknown-element", "error", "structure", f"{path} is no element of R4.", path, spec=SPEC)
    if fault.rpartition(".")[2] == "missing":
        return Issue("structure.required", "error", "required", f"{path} is missing.", path, spec=SPEC)
    return Issue(
        "structure.value", "error", "value", f"{path} does not have the form that its type asks for.", path, spec=SPEC
    )
