"""delete (https://hl7.org/fhir/R4/http.html#delete): the resource is gone for readers, its history stays."""

from footbridge.store.beside import refuse_beside
from footbridge.store.interactions.judging import judged
from footbridge.store.interactions.preconditions import Written, checked_id, require_version
from footbridge.store.interactions.write_policy import Write
from footbridge.store.resource_rows import Scope, current, lock, put_deletion
from footbridge.store.search_parameters import parameters_of


def delete(scope: Scope, resource_type: str, identity: str, *, if_match: str | None = None) -> Written:
    """Delete a resource (204); nothing happens when it is not there."""
    parameters_of(resource_type)
    checked_id(identity)
    refuse_beside(scope.beside, resource_type, identity)
    lock(scope)
    previous = current(scope, resource_type, identity)
    require_version(if_match, previous)
    if previous is None or previous.deleted:
        return Written(204, previous)
    write = Write("delete", resource_type, identity, {}, previous, if_match, scope.place)
    judged(scope, write)
    return Written(204, put_deletion(scope, previous), tuple(write.issues))
