"""update and conditional update (https://hl7.org/fhir/R4/http.html#update, #upsert, #cond-update, #concurrency)."""

from collections.abc import Mapping
from typing import Any

from footbridge.i18n import _
from footbridge.store.beside import refuse_beside
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.interactions.create import match, new_id
from footbridge.store.interactions.judging import judged
from footbridge.store.interactions.preconditions import Written, checked, checked_id, require_id, require_version
from footbridge.store.interactions.write_policy import Write
from footbridge.store.resource_rows import Scope, current, lock, put_new, put_next


def update(
    scope: Scope,
    resource_type: str,
    identity: str,
    resource: Mapping[str, Any],
    *,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> Written:
    """Store the next version (200), or the first one under the caller's id (201); a deleted resource lives again.

    With ``if_match`` (ETags) only when the current version is one of them, with ``if_none_match`` only when it is
    none; else PreconditionFailed.
    """
    write = proposed_update(scope, resource_type, identity, resource, if_match=if_match, if_none_match=if_none_match)
    return put_update(scope, write, judged(scope, write))


def proposed_update(
    scope: Scope,
    resource_type: str,
    identity: str,
    resource: Mapping[str, Any],
    *,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> Write:
    """The write of an update, with the version that it follows; other writers wait until the transaction ends."""
    require_id(checked(resource, resource_type), identity)
    refuse_beside(scope.beside, resource_type, identity)
    lock(scope)
    previous = current(scope, resource_type, identity)
    require_version(if_match, previous, if_none_match)
    return Write("update", resource_type, identity, resource, previous, if_match, scope.place)


def put_update(scope: Scope, write: Write, resource: Mapping[str, Any]) -> Written:
    """Store a proposed update, with the resource that was judged; a policy may have written versions meanwhile."""
    previous = write.previous if scope.policy is None else current(scope, write.type, write.id)
    if previous is None:
        return Written(201, put_new(scope, [resource])[0], tuple(write.issues))
    created = write.previous is None or write.previous.deleted
    return Written(201 if created else 200, put_next(scope, resource, previous), tuple(write.issues))


def conditional_update(
    scope: Scope,
    resource_type: str,
    criteria: str,
    resource: Mapping[str, Any],
    *,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> Written:
    """Update the one resource that the criteria name, or create it when there is none.

    Raises MultipleMatches for several, InvalidRequest when the body has another id than the match.
    """
    checked(resource, resource_type)
    identity = conditional_id(scope, resource_type, criteria, resource)
    body = {**resource, "id": identity}
    return update(scope, resource_type, identity, body, if_match=if_match, if_none_match=if_none_match)


def conditional_id(scope: Scope, resource_type: str, criteria: str, resource: Mapping[str, Any]) -> str:
    """The id that a conditional update writes to."""
    existing = match(scope, resource_type, criteria)
    given = resource.get("id")
    if existing is None:
        return new_id() if given is None else checked_id(given)
    if given not in {None, existing.id}:
        raise InvalidRequest(_("The criteria match a resource with another id than the body has."))
    return existing.id
