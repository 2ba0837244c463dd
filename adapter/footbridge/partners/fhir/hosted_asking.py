"""What a Task that a hosted requester writes asks for: a prescription, another try of one, or nothing now."""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.mapping.references import references
from footbridge.partners.fhir.hosted_absent import key_of
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.store import resource_rows
from footbridge.store import search as searching
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
    together = {(one.type, one.id): one for one in write.together}
    for reference in references(write.resource.get("partOf", [])):
        key = key_of(reference, there.base_url)
        if key is None:
            continue
        beside = together.get(key)
        if beside is None:
            stored = resource_rows.current(there, *key)
            if stored is None or stored.deleted:
                return True  # a follow-up may come before its Task
        elif asks_by_status(beside.resource):
            return True
        is_made_now = beside is not None and beside.interaction == "create"  # nothing is linked with such an id yet
        if not is_made_now and find_link(there.connection, there.tenant, partner.name, *key) is not None:
            return True
    return False


def earlier_try(there: Scope, partner: Partner, write: Write) -> str | None:
    """The id of our Task of an earlier try for the same order; None for the first Task of an order.

    A referral that was declined keeps its ServiceRequest, and who asks again writes another Task for it
    (https://hl7.org/fhir/us/sdoh-clinicalcare/referral_workflow.html).
    """
    order = key_of(text_in(object_in(write.resource.get("focus")).get("reference")) or "", there.base_url)
    if order is None or order[0] != "ServiceRequest":
        return None
    if any((one.type, one.id) == order and one.interaction == "create" for one in write.together):
        return None  # its id was made for this transaction: no Task of before can be about it
    for one in searching.search(there, "Task", [("focus", "/".join(order)), ("_count", "200")]).matches:
        link = None if one.id == write.id else find_link(there.connection, there.tenant, partner.name, "Task", one.id)
        if link is not None and not one.resource.get("partOf"):
            return link.id
    return None
