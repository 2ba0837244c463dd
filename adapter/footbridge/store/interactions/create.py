"""create and conditional create (https://hl7.org/fhir/R4/http.html#create, #ccreate)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from footbridge.i18n import _
from footbridge.store.interaction_errors import MultipleMatches
from footbridge.store.interactions.judging import judged
from footbridge.store.interactions.preconditions import Written, checked, criteria_of
from footbridge.store.interactions.write_policy import Write
from footbridge.store.resource_rows import Scope, lock, put_new
from footbridge.store.search import find
from footbridge.store.stored import Stored


def create(
    scope: Scope, resource_type: str, resource: Mapping[str, Any], *, if_none_exist: str | None = None
) -> Written:
    """Store a new resource under an id of ours; an id in the body is ignored.

    With ``if_none_exist`` (criteria as in a URL) nothing is stored when one resource matches: it is returned, with
    status 200. Several raise MultipleMatches. Two callers with the same criteria make one resource.
    """
    checked(resource, resource_type)
    if if_none_exist is not None:
        existing = match(scope, resource_type, if_none_exist)
        if existing is not None:
            return Written(200, existing)
    write = proposed_create(resource_type, {**resource, "id": new_id()}, scope.place)
    return Written(201, put_new(scope, [judged(scope, write)])[0], tuple(write.issues))


def proposed_create(
    resource_type: str, resource: Mapping[str, Any], place: int | None, together: Sequence[Write] = ()
) -> Write:
    """The write that stores a new resource, which has its id; ``place`` and ``together`` as of ``Write``."""
    return Write("create", resource_type, resource["id"], resource, place=place, together=together)


def match(scope: Scope, resource_type: str, criteria: str) -> Stored | None:
    """The one resource that the criteria name; other writers wait until the transaction ends.

    Raises MultipleMatches for several.
    """
    lock(scope)
    found = find(scope, resource_type, criteria_of(criteria))
    if len(found) > 1:
        raise MultipleMatches(_("The criteria match more than one {resource_type}.", resource_type=resource_type))
    return found[0] if found else None


def new_id() -> str:
    """An id for a new resource."""
    return str(uuid.uuid4())
