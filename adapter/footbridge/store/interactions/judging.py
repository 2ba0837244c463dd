"""Asks the write policy of a scope before something is stored."""

from collections.abc import Mapping
from typing import Any

from footbridge.store.interactions.write_policy import Write
from footbridge.store.resource_rows import Scope, lock


def judged(scope: Scope, write: Write, *, locked: bool = False) -> Mapping[str, Any]:
    """The resource to store, after the policy of the scope; raises what the policy raises.

    ``locked``: the caller has locked the tenant in this transaction.
    """
    if scope.policy is None:
        return write.resource
    if not locked:
        lock(scope)
    resource = scope.policy.judge(scope.connection, write)
    if write.interaction != "delete" and (resource.get("resourceType"), resource.get("id")) != (write.type, write.id):
        raise ValueError("a write policy returned a resource of another type or id")
    return resource
