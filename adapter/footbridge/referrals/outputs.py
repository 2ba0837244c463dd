"""Takes over what a partner's Task.output refers to: the Procedure that was done, a questionnaire that was answered.

Each becomes a resource of ours, its references turned into ours, and is owed to the record. What cannot be taken
over (it does not conform, or its type has no identifier by which it could be created once) is noted, and the output
goes on pointing to where the partner has it.
"""

import functools
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from footbridge.data import own_uri
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import Resource, Target, local, rewrite
from footbridge.model.issues import errors
from footbridge.model.principals import Principal
from footbridge.partners.fhir.server import TaskReport
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, find_link, put_link
from footbridge.validation import Validator
from footbridge.validation.definitions.registry import Registry

PERSONS = frozenset({"Patient", "RelatedPerson", "Person"})
BASE_TYPE = "http://hl7.org/fhir/StructureDefinition/"


def take_over(
    unit: PrescriptionUnit,
    referral: str,
    principal: Principal,
    report: TaskReport,
    found: Sequence[Resource],
    validator: Validator,
) -> list[Resource]:
    """Keep what a report's outputs refer to; returns the outputs with our references.

    Args:
        unit: of the referral.
        referral: its id.
        principal: the partner whose Task it is.
        report: the Task as the partner shows it.
        found: what the outputs refer to, as the partner has it.
        validator: what does not conform is not kept.
    """
    partner = unit.partners[principal.partner or ""]
    fresh = [one for one in found if "id" in one and _is_taken(one) and not _is_known(unit, partner, one)]
    everything = _names(unit, partner, fresh)
    fit: list[Resource] = []
    for one in fresh:
        fault = _fault(_own(one, everything, _to_ours(unit, partner, everything)), validator)
        if fault is None:
            fit.append(one)
        else:
            unit.note(principal, "output-not-taken-over", referral, detail={"type": one["resourceType"], **fault})
    taken = _names(unit, partner, fit)
    target = _to_ours(unit, partner, taken)
    _keep(unit, referral, partner, [(one, _own(one, taken, target)) for one in fit], principal)
    outputs: list[Resource] = rewrite(list(report.outputs), target)
    return outputs


def _keep(
    unit: PrescriptionUnit,
    referral: str,
    partner: Partner,
    kept: Sequence[tuple[Resource, Resource]],
    principal: Principal,
) -> None:
    unit.create([body for _, body in kept])
    for one, body in kept:
        link = Link(partner.name, body["resourceType"], body["id"], one["id"], one.get("meta", {}).get("versionId"))
        put_link(unit.scope.connection, unit.scope.tenant, link)
        unit.note(principal, "output", referral, detail={"type": body["resourceType"]})
    if kept and unit.requester is not None and unit.requester.name != partner.name:
        extras = [(body["resourceType"], body["id"]) for _, body in kept]
        unit.enqueue_delivery(unit.requester.name, unit.row(referral), extras)


def _is_taken(resource: Resource) -> bool:
    """Whether it can be an outcome: a person's own record at a partner never becomes one of ours."""
    return resource["resourceType"] not in PERSONS


def _is_known(unit: PrescriptionUnit, partner: Partner, resource: Resource) -> bool:
    kind, identity = resource["resourceType"], resource["id"]
    return find_link(unit.scope.connection, unit.scope.tenant, partner.name, kind, identity) is not None


def _names(unit: PrescriptionUnit, partner: Partner, resources: Sequence[Resource]) -> dict[str, str]:
    """The partner's ``Type/id`` to our id, the same for every report of the same resource."""
    found = {}
    for one in resources:
        place = f"{one['resourceType']}/{one['id']}"
        name = f"{own_uri('')}{unit.scope.tenant}/{partner.name}/{place}"
        found[place] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    return found


def _fault(resource: Resource, validator: Validator) -> dict[str, Any] | None:
    """Why a resource is not taken over, for the detail of the timeline's entry; None when it is fit."""
    if _most_identifiers(resource["resourceType"]) is None:
        return {"why": "no-identifier"}
    rules = sorted({fault.rule for fault in errors(validator.validate(resource))})
    return {"why": "invalid", "rules": rules} if rules else None


@functools.cache
def _most_identifiers(resource_type: str) -> str | None:
    """The upper bound of the type's ``identifier``: ``1`` or ``*``; None where it has none."""
    facts = Registry.default().structure(BASE_TYPE + resource_type)
    rows = facts["snapshot"] if facts else []
    return next((row["max"] for row in rows if row["path"] == f"{resource_type}.identifier"), None)


def _own(resource: Resource, taken: Mapping[str, str], target: Target) -> Resource:
    """A partner's resource under an id of ours, and an identifier of ours where there is room for one."""
    kind = resource["resourceType"]
    identity = taken[f"{kind}/{resource['id']}"]
    body: Resource = rewrite(resource, target)
    meta = {name: value for name, value in body.get("meta", {}).items() if name in {"profile", "security", "tag"}}
    body = {name: value for name, value in body.items() if name not in {"id", "meta", "resourceType"}}
    head = {"resourceType": kind, "id": identity} | ({"meta": meta} if meta else {})
    return head | body | _identified(kind, body.get("identifier"), identity)


def _identified(kind: str, held: Any, identity: str) -> Resource:  # noqa: ANN401 - as the partner wrote it
    most, own = _most_identifiers(kind), {"system": own_identifier_system(), "value": identity}
    if most == "*":
        return {"identifier": [*(held if isinstance(held, list) else []), own]}
    if most == "1":
        return {"identifier": held if isinstance(held, dict) and held.get("value") else own}
    return {}


def _to_ours(unit: PrescriptionUnit, partner: Partner, taken: Mapping[str, str]) -> Target:
    """Maps the partner's references to ours; one that we do not know becomes an absolute URL of the partner's."""
    base = partner.base_url.rstrip("/") + "/"

    def target(reference: str) -> str:
        relative = reference.removeprefix(base).split("/_history/")[0]
        key = local(relative)
        if key is None:
            return reference
        if relative in taken:
            return f"{key[0]}/{taken[relative]}"
        link = find_link(unit.scope.connection, unit.scope.tenant, partner.name, *key)
        return f"{link.type}/{link.id}" if link else f"{base}{relative}"

    return target
