"""Hears what a partner shows of a Task: once, in order, and turned into what our lifecycle makes of it.

A report passes the inbox once (partner, Task, version). An echo of what we wrote ourselves is known by its version.
What the Task's outputs refer to is taken over, its references turned into ours.
"""

import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from footbridge.data import own_uri
from footbridge.mapping.draft import own_identifier_system
from footbridge.model.issues import errors
from footbridge.model.lifecycle import Applied, Ignored, Reported
from footbridge.partners.network import TaskReport
from footbridge.store.links import Link, find_link, put_link, set_remote_version
from footbridge.store.partners import Partner
from footbridge.store.referrals import find_referral
from footbridge.store.resource_rows import Scope
from footbridge.sync import inbox, records
from footbridge.sync.case import Author, Case, open_case
from footbridge.sync.journey import happen
from footbridge.sync.references import Resource, local, rewrite
from footbridge.validation import Validator

_log = structlog.get_logger(__name__)

Heard = Literal["applied", "ignored", "refused", "known", "echo", "not-ours", "read-again"]


@dataclass(frozen=True, slots=True)
class Hearsay:
    """A report, and the resources that its outputs refer to, as the partner has them."""

    report: TaskReport
    outputs: Sequence[Resource] = ()
    confirmed: bool = False


def is_echo(scope: Scope, partner: Partner, report: TaskReport) -> bool:
    """Whether a report shows the very version that we know: then there is nothing to fetch and nothing to do."""
    link = find_link(scope.connection, scope.tenant, partner.name, "Task", report.remote_id)
    return link is not None and report.version is not None and report.version == link.remote_version


def hear(scope: Scope, partner: Partner, said: Hearsay, validator: Validator) -> Heard:
    """Let a report count. Writes in the scope's transaction.

    Returns what became of it; ``read-again`` when the partner must be asked once more (a tie in time).
    """
    report = said.report
    link = _link(scope, partner, report)
    if link is None:
        return "not-ours"
    if report.version is not None and report.version == link.remote_version and not said.confirmed:
        return "echo"
    message = f"Task/{report.remote_id}/_history/{report.version or report.last_updated or report.status}"
    fresh = inbox.receive(scope.connection, scope.tenant, partner.name, message, scope.now)
    if not fresh and not said.confirmed:
        return "known"
    found = find_referral(scope.connection, scope.tenant, link.id)
    if found is None:
        return "not-ours"
    with open_case(scope, found.prescription) as case:
        outcome = _apply(case, found.id, partner, said, validator)
    if report.version is not None:
        set_remote_version(scope.connection, scope.tenant, link, report.version)
    if outcome != "read-again":
        inbox.record(scope.connection, scope.tenant, partner.name, message, outcome)
    return outcome


def _link(scope: Scope, partner: Partner, report: TaskReport) -> Link | None:
    """Which Task of ours it is: by the partner's id, or by our identifier in it when that id is new to us."""
    link = find_link(scope.connection, scope.tenant, partner.name, "Task", report.remote_id)
    if link is not None:
        return link
    mine = [value for system, value in report.identifiers if system == own_identifier_system()]
    for identity in mine:
        found = find_referral(scope.connection, scope.tenant, identity)
        if found is not None and (partner.role == "record" or partner.name == found.partner):
            link = Link(partner.name, "Task", identity, report.remote_id)
            put_link(scope.connection, scope.tenant, link)
            return link
    return None


def _apply(
    case: Case, referral: str, partner: Partner, said: Hearsay, validator: Validator
) -> Literal["applied", "ignored", "refused", "read-again"]:
    report = said.report
    role = "requester" if partner.role == "record" else "recipient"
    author = Author(partner.title, role, partner.name, partner.name)
    event = Reported(
        report.status,
        report.last_updated or case.scope.now,
        reason=report.reason_text,
        version=report.version,
        confirmed=said.confirmed,
    )
    result = happen(case, referral, event, author)
    if isinstance(result, Ignored):
        return "read-again" if result.read_again else "ignored"
    if not isinstance(result, Applied):
        if partner.role == "record":
            case.tell(partner.name)  # the record is a mirror: it hears what holds
        return "refused"
    key = ("Task", case.row(referral).task)
    if report.business_status is not None and role == "recipient":
        case.edit(key, functools.partial(records.with_business_status, text=report.business_status))
    if report.outputs:
        outputs = _take_over(case, referral, partner, said, author, validator)
        case.edit(key, functools.partial(records.with_outputs, outputs=outputs))
    return "applied"


def _take_over(
    case: Case, referral: str, partner: Partner, said: Hearsay, author: Author, validator: Validator
) -> list[Resource]:
    """Keep what the outputs refer to as resources of ours; returns the outputs with our references."""
    taken = {f"{one['resourceType']}/{one['id']}": _identity(case, partner, one) for one in said.outputs if "id" in one}
    target = _to_ours(case, partner, taken)
    kept = []
    for one in said.outputs:
        body = _own(one, taken, target)
        faults = errors(validator.validate(body))
        if faults:
            rules = ", ".join(sorted({fault.rule for fault in faults}))
            case.note(author, "output-not-conforming", referral, reason=f"{one['resourceType']}: {rules}")
            continue
        kept.append((one, body))
    case.create([body for _, body in kept])
    for one, body in kept:
        link = Link(partner.name, body["resourceType"], body["id"], one["id"], one.get("meta", {}).get("versionId"))
        put_link(case.scope.connection, case.scope.tenant, link)
    extras = [(body["resourceType"], body["id"]) for _, body in kept]
    if extras and case.record is not None and case.record.name != partner.name:
        case.owe_delivery(case.record.name, case.row(referral), extras)
    for body_type, _ in extras:
        case.note(author, "output", referral, reason=body_type)
    outputs: list[Resource] = rewrite(list(said.report.outputs), target)
    return outputs


def _identity(case: Case, partner: Partner, resource: Resource) -> str:
    name = f"{own_uri('')}{case.scope.tenant}/{partner.name}/{resource['resourceType']}/{resource['id']}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _own(resource: Resource, taken: Mapping[str, str], target: Any) -> Resource:  # noqa: ANN401 - a Target
    """A partner's resource under an id and an identifier of ours."""
    identity = taken[f"{resource['resourceType']}/{resource['id']}"]
    body: Resource = rewrite(resource, target)
    meta = {name: value for name, value in body.get("meta", {}).items() if name in {"profile", "security", "tag"}}
    body = {name: value for name, value in body.items() if name not in {"id", "meta", "resourceType"}}
    own = {"system": own_identifier_system(), "value": identity}
    return (
        {"resourceType": resource["resourceType"], "id": identity}
        | ({"meta": meta} if meta else {})
        | body
        | {"identifier": [*body.get("identifier", []), own]}
    )


def _to_ours(case: Case, partner: Partner, taken: Mapping[str, str]) -> Any:  # noqa: ANN401 - a Target
    """Maps the partner's references to ours; one that we do not know stays as an absolute URL of the partner's."""

    def target(reference: str) -> str:
        relative = reference.removeprefix(partner.base_url.rstrip("/") + "/").split("/_history/")[0]
        key = local(relative)
        if key is None:
            return reference
        if relative in taken:
            return f"{key[0]}/{taken[relative]}"
        link = find_link(case.scope.connection, case.scope.tenant, partner.name, *key)
        return f"{link.type}/{link.id}" if link else f"{partner.base_url.rstrip('/')}/{relative}"

    return target
