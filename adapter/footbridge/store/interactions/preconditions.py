"""What interactions have in common: a write's result, and checks of what a caller hands in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.store.interaction_errors import InvalidRequest, PreconditionFailed
from footbridge.store.search_parameters import parameters_of
from footbridge.store.stored import Stored

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""The form of an id (https://hl7.org/fhir/R4/datatypes.html#id)."""

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')
_ETAGS = re.compile(rf"{_ETAG.pattern}(?:\s*,\s*{_ETAG.pattern})*")
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: its HTTP status (200, 201 or 204) and the version that is current now.

    ``stored`` is None for the deletion of what was not there. ``issues`` are warnings of the write policy.
    """

    status: int
    stored: Stored | None
    issues: tuple[Issue, ...] = ()

    @property
    def location(self) -> str | None:
        """``Type/id/_history/version`` of what was written, relative to the server's base."""
        one = self.stored
        return None if one is None else f"{one.type}/{one.id}/_history/{one.version}"


def checked(resource: Mapping[str, Any], resource_type: str) -> Mapping[str, Any]:
    """The resource, when it is one of this type; else InvalidRequest, or NotSupported for an unknown type."""
    parameters_of(resource_type)
    if not isinstance(resource, Mapping) or resource.get("resourceType") != resource_type:
        raise InvalidRequest(_("The body is not a resource of type {resource_type}.", resource_type=resource_type))
    if not isinstance(resource.get("meta", {}), Mapping):
        raise InvalidRequest(_("meta must be an object."), expression=f"{resource_type}.meta")
    return resource


def is_id(text: str) -> bool:
    """Whether the text has the form of an id."""
    return ID.fullmatch(text) is not None


def checked_id(identity: object) -> str:
    """The id, when its form is right; else InvalidRequest."""
    if not isinstance(identity, str) or not is_id(identity):
        raise InvalidRequest(_("An id has 1 to 64 letters, digits, hyphens and points."))
    return identity


def require_id(resource: Mapping[str, Any], identity: str) -> None:
    """Hold the body's id against the one of the URL; InvalidRequest when they differ."""
    if checked_id(identity) != resource.get("id"):
        raise InvalidRequest(_("The id of the resource is not that of the URL."))


def criteria_of(text: str) -> list[tuple[str, str]]:
    """The criteria of If-None-Exist, of a conditional URL or of a conditional reference."""
    return parse_qsl(text.removeprefix("?"), keep_blank_values=True)


def require_version(if_match: str | None, found: Stored | None, if_none_match: str | None = None) -> None:
    """Hold If-Match and If-None-Match of a write against the current version; raises PreconditionFailed.

    ``If-Match: *`` asks that there is one, ``If-None-Match: *`` that there is none; of several ETags one must be the
    current version, or none may be (https://www.rfc-editor.org/rfc/rfc9110#section-13.1). As FHIR's ETags are weak,
    weak and strong ones are compared by their versions (https://hl7.org/fhir/R4/http.html#concurrency).
    """
    there = found is not None and not found.deleted
    if if_match is not None and not _names("If-Match", if_match, found):
        if not there:
            raise PreconditionFailed(_("If-Match asks for a version, and there is no such resource."))
        raise PreconditionFailed(_("The resource has a newer version."))
    if if_none_match is not None and _names("If-None-Match", if_none_match, found):
        raise PreconditionFailed(_("There is such a resource already, and If-None-Match asks that there is none."))


def _names(header: str, value: str, found: Stored | None) -> bool:
    """Whether the ETags of a header name the current version. Raises InvalidRequest for what is none."""
    tags = value.strip()
    if tags != _ANY and _ETAGS.fullmatch(tags) is None:
        raise InvalidRequest(
            _('{header} is written as W/"version", several of them with commas between, or *.', header=header)
        )
    if found is None or found.deleted:
        return False
    return tags == _ANY or str(found.version) in _ETAG.findall(tags)
