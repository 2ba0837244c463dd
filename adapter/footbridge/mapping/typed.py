"""The typed door: fhir.resources (R4B) objects wherever a person writes code against FHIR.

Everything inside works on plain dicts. fhir.resources rewrites some values (fractions of seconds, say), so
what it gives back is never stored or compared; it checks no profile.
"""

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from fhir_core.fhirabstractmodel import FHIRAbstractModel

Material = Any
"""A dict, or a fhir.resources object."""


def typed(resource: dict[str, Any]) -> "FHIRAbstractModel":
    """The fhir.resources object of a resource or Bundle.

    Raises:
        ValueError: resourceType is missing or unknown.
        pydantic.ValidationError: fhir.resources refuses the content.
    """
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - slow to import, seldom needed

    name = resource.get("resourceType")
    if not isinstance(name, str):
        raise ValueError("resourceType is missing")  # noqa: TRY004 - the document is wrong, not the call
    try:
        model = get_fhir_model_class(name)
    except (LookupError, ValueError) as unknown:
        raise ValueError(f"{name!r} is not a FHIR R4 resource type") from unknown
    return model.model_validate(resource)


def as_dict(resource: Material) -> dict[str, Any]:
    """The plain dict of a resource: a dict as it is, a fhir.resources object as its JSON.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(resource, dict):
        return resource
    dump = getattr(resource, "model_dump_json", None)
    if dump is None:
        raise TypeError("a dict or a fhir.resources object is expected")
    found: dict[str, Any] = orjson.loads(dump())
    return found
