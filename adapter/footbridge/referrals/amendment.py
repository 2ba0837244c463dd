"""A prescription that its requester changed: the newer document takes the place of the older one, and services follow.

The identifier, the kind and the client stay; what else changed is mapped anew onto the same resources, which keep how
far things are (``mappings/amendment.json``). Services that are at work get it with their next update.
"""

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from footbridge.data import read_json
from footbridge.errors import ConflictError, NotFoundError
from footbridge.mapping.references import Resource
from footbridge.model.lifecycle import GoalState
from footbridge.model.prescription import Prescription
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.client_updates import propagate_client
from footbridge.referrals.demographics import at_work, said_of
from footbridge.referrals.intake import Intake
from footbridge.referrals.new_prescription import StoredResources, fingerprint, map_again
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.security.access import requester_of
from footbridge.store.network_context import put_context
from footbridge.store.patient_ids import find_person, person_of
from footbridge.store.prescriptions import find_prescription, replace_document
from footbridge.store.resource_rows import Scope

ENDED = frozenset({"completed", "failed", "cancelled", "entered-in-error"})


@functools.cache
def _kept() -> dict[str, list[str]]:
    table: dict[str, list[str]] = read_json("mappings", "amendment.json")["kept"]
    return table


def amend(scope: Scope, intake: Intake, principal: Principal, said: Amendment) -> str:
    """Put a newer document in the place of a prescription's, in the scope's transaction; returns the status.

    Raises:
        PrescriptionError: the document has faults; it names every one.
        NotFoundError: the requester has no prescription of that identifier.
        ConflictError: it has ended, or the document is about another client or of another kind.
        MappingFault: our own mapping failed; never the requester's fault.
    """
    accepted = intake.accept(said.document, principal.tenant)
    newer = accepted.prescription
    identifier = (newer.identifier.system, newer.identifier.value)
    requester = requester_of(scope.connection, principal)
    found = find_prescription(scope.connection, scope.tenant, requester, identifier)
    if found is None:
        raise NotFoundError("No prescription has this identifier.")
    with open_unit(scope, found.id) as unit:
        older = unit.prescription.document
        if fingerprint(newer) == unit.prescription.fingerprint:
            return unit.status
        _must_fit(unit, newer)
        stored = map_again(unit, newer)
        intake.check(stored.resources)
        _store(unit, newer, stored)
        if said.context is not None and principal.partner is not None:
            put_context(scope.connection, scope.tenant, principal.partner, found.id, said.context)
        unit.note(principal, "amended", None, detail={"members": list(changed_members(older, newer))})
        patient = stored.patient
        propagate_client(unit, patient, said_of(newer, unit.patient), before=older.client)
        services = {row.partner for row in unit.rows if at_work(row)}
        for partner in (services | {requester}) - {None, ""}:  # the requester sees what became of it
            unit.queue_update(str(partner))
        return unit.status


def changed_members(older: Prescription, newer: Prescription) -> Iterator[str]:
    """JSON Pointers of the members that differ, two steps deep at most; never a value."""
    before, after = (one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in (older, newer))
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            yield from (f"/{name}/{one}" for one in sorted(was.keys() | now.keys()) if was.get(one) != now.get(one))
        else:
            yield f"/{name}"


def _must_fit(unit: PrescriptionUnit, newer: Prescription) -> None:
    older = unit.prescription.document
    if unit.status in ENDED:
        raise ConflictError("The prescription has ended: write a new one instead of amending it.")
    if newer.kind != older.kind:
        raise ConflictError("The kind of a prescription cannot be amended: cancel it and write a new one.")
    person = unit.prescription.person
    pairs = [(one.system, one.value) for one in newer.client.identifiers]
    known = find_person(unit.scope.connection, unit.scope.tenant, pairs)
    # somebody with identifiers is recognised by one of them; who never had any may get the first
    if known != person and (known is not None or older.client.identifiers):
        raise ConflictError("The amended prescription is about another client: write a new one.")
    person_of(unit.scope.connection, unit.scope.tenant, pairs, person)


def _store(unit: PrescriptionUnit, newer: Prescription, stored: StoredResources) -> None:
    unit.create(stored.resources)
    for resource in stored.resources:
        unit.edit((resource["resourceType"], resource["id"]), functools.partial(_content_of, resource))
    row = unit.prescription
    resources = {**row.resources, **{role: "/".join(key) for role, key in stored.keys.items()}}
    unit.prescription = replace(row, document=newer, fingerprint=fingerprint(newer), resources=resources)
    record = unit.prescription.record(unit.scope.now)
    replace_document(unit.scope.connection, unit.scope.tenant, record)
    whole = newest_tries(unit.rows, None)[0]
    known = {goal.key for goal in whole.state.goals}
    fresh = [GoalState(role, "active") for role in stored.keys if role.startswith("goal/") and role not in known]
    if fresh:
        unit.save_state(whole, replace(whole.state, goals=(*whole.state.goals, *fresh)))


def _content_of(newer: Resource, older: Resource) -> Resource:
    kept: dict[str, Any] = {name: older[name] for name in _kept().get(newer["resourceType"], ()) if name in older}
    gone = {name for name in _kept().get(newer["resourceType"], ()) if name not in older}
    content = {name: value for name, value in newer.items() if name not in gone}
    return content | kept | {"meta": older.get("meta", {}) | newer.get("meta", {})}
