"""Whether a Task that a hosted requester writes is a prescription: it asks for something now, and is no part of one."""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.mapping.references import references
from footbridge.partners.fhir.hosted_absent import key_of
from footbridge.store import resource_rows
from footbridge.store.interactions.write_policy import Write
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import find_link
from footbridge.store.resource_rows import Scope


@functools.cache
def prescriptions_table() -> Mapping[str, Any]:
    """How a Task becomes a prescription: ``mappings/hosted-prescriptions.json``."""
    table: dict[str, Any] = read_json("mappings", "hosted-prescriptions.json")
    return table


def asks_by_status(task: Mapping[str, Any]) -> bool:
    """Whether a Task asks for something now."""
    return task.get("status") in prescriptions_table()["asking"]


def is_part(there: Scope, partner: Partner, write: Write) -> bool:
    """Whether a Task is part of a prescription of the same requester, as a follow-up is: then it is none itself.

    The Task of a coordination platform is part of a Task that is no prescription here, or is on another server
    (https://hl7.org/fhir/us/sdoh-clinicalcare/referral_workflow.html): that is one of its own.
    """
    together = {(one.type, one.id): one.resource for one in write.together}
    for reference in references(write.resource.get("partOf", [])):
        key = key_of(reference, there.base_url)
        if key is None:
            continue
        parent = together.get(key)
        stored = resource_rows.current(there, *key) if parent is None else None
        if parent is None and (stored is None or stored.deleted):
            return True  # a follow-up may come before its Task
        if find_link(there.connection, there.tenant, partner.name, *key) is not None:
            return True
        if parent is not None and asks_by_status(parent):
            return True
    return False
