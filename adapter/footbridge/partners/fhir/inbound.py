"""Reads what a partner's server shows of a Task into a ``ports.Report``: which of ours it is, and what came of it.

Outputs refer to resources of the partner's, such as the Procedure that was done. Each becomes a resource of ours, under
an id that is the same for every report of it, its references turned into ours. What is not fit for that (it does not
conform, or its type has no identifier by which it could be created once) is named, and the output goes on pointing to
where the partner has it.
"""

import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection as Transaction

from footbridge.errors import PartnerRefused
from footbridge.logs import get_logger
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import Target, local, rewrite
from footbridge.model.issues import errors
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.server import FhirServer, Resource, TaskReport
from footbridge.partners.ports import NotTaken, Output, Report
from footbridge.store import resource_rows
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, find_link, get_link, put_link
from footbridge.store.resource_rows import Scope
from footbridge.uris import own_uri
from footbridge.validation import Validator
from footbridge.validation.definitions.registry import Registry

PERSONS = frozenset({"Patient", "RelatedPerson", "Person"})
BASE_TYPE = "http://hl7.org/fhir/StructureDefinition/"
Found = tuple[TaskReport, tuple[Resource, ...]]
"""A Task as the partner shows it, with what its outputs refer to."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TaskNotes:
    """The notes of a report on one Task: which of ours it is, and the version that it shows."""

    tenant: str
    link: Link
    version: str | None
    records: tuple[Link, ...]

    @property
    def remote_id(self) -> str:
        """The partner's id of the Task."""
        return self.link.remote_id

    def is_echo(self, transaction: Transaction) -> bool:
        """Whether the version is the one that we know: what we wrote ourselves, or heard before."""
        known = find_link(transaction, self.tenant, self.link.partner, "Task", self.link.remote_id)
        return known is not None and self.version is not None and self.version == known.remote_version

    def seen(self, transaction: Transaction, *, differs: bool, taken: bool = False) -> None:
        """Keep the version; a copy that differs from what holds is written at the next update."""
        known = find_link(transaction, self.tenant, self.link.partner, "Task", self.link.remote_id) or self.link
        link = replace(known, remote_version=self.version or known.remote_version)
        put_link(transaction, self.tenant, replace(link, state=None) if differs else link)
        for one in self.records if taken else ():
            put_link(transaction, self.tenant, one)


class Reader:
    """Reads the reports of one partner."""

    def __init__(
        self, tenant: str, partner: Partner, server: FhirServer, validator: Validator, *, ours: str = ""
    ) -> None:
        """``validator``: what does not conform is not taken over. ``ours``: where the partner may have outcomes too."""
        self._bases = [_base(partner), *([f"{ours}/"] if ours else [])]
        self._validator = validator
        self._tenant = tenant
        self._partner = partner
        self._server = server

    def is_new(self, scope: Scope, report: TaskReport) -> bool:
        """Whether a report is about a Task of ours and shows another version than the one that we know."""
        link = self._link(scope, report)
        return link is not None and (report.version is None or report.version != link.remote_version)

    def referenced(self, report: TaskReport) -> Found:
        """A report with what its outputs refer to; without it where the partner will not show it."""
        try:
            return report, self._server.referenced(report) if report.outputs else ()
        except PartnerRefused as error:
            _log.warning("output.not-shown", status=error.status)
            return report, ()

    def report(self, scope: Scope, found: Found, *, confirmed: bool) -> Report:
        """The report in the terms of ``partners.ports``; its key is empty where the Task is not one of ours."""
        said, resources = found
        link = self._link(scope, said) or Link(self._partner.name, "Task", "", said.remote_id)
        outputs, links, not_taken = self._outputs(scope, said, resources)
        return Report(
            message_id=message_id_of(said),
            at=said.last_updated,
            key=link.id,
            notes=TaskNotes(self._tenant, link, said.version, links),
            cursor=said.last_updated.isoformat() if said.last_updated else None,
            confirmed=confirmed,
            status=said.status,
            reason=said.reason_text,
            detail=said.business_status,
            outputs=outputs,
            not_taken=not_taken,
            version=said.version,
        )

    def key_of(self, scope: Scope, report: TaskReport) -> str | None:
        """Our id of the Task that a report is about; None where it is none of ours."""
        link = self._link(scope, report)
        return None if link is None else link.id

    def _link(self, scope: Scope, report: TaskReport) -> Link | None:
        """Which Task of ours it is: by the partner's id, or by our identifier in it when that id is new to us.

        A copy that the partner made of its Task, identifiers and all, is none of ours.
        """
        name = self._partner.name
        link = find_link(scope.connection, scope.tenant, name, "Task", report.remote_id)
        if link is not None:
            return link
        for system, value in report.identifiers:
            if system == own_identifier_system() and resource_rows.current(scope, "Task", value) is not None:
                paired = get_link(scope.connection, scope.tenant, name, "Task", value)
                return Link(name, "Task", value, report.remote_id) if paired is None else None
        return None

    def _outputs(
        self, scope: Scope, said: TaskReport, found: Sequence[Resource]
    ) -> tuple[tuple[Output, ...], tuple[Link, ...], tuple[NotTaken, ...]]:
        fresh = [one for one in found if "id" in one and self._is_outcome(one) and not self._is_known(scope, one)]
        everything = self._names(fresh)
        faults = {
            place: self._fault(_own(one, everything, self._to_ours(scope, everything)))
            for place, one in zip(everything, fresh, strict=True)
        }
        fit = [one for place, one in zip(everything, fresh, strict=True) if faults[place] is None]
        names = self._names(fit)
        target = self._to_ours(scope, names)
        records = {place: _own(one, names, target) for place, one in zip(names, fit, strict=True)}
        links = tuple(
            Link(self._partner.name, body["resourceType"], body["id"], one["id"], _version(one))
            for one, body in zip(fit, records.values(), strict=True)
        )
        outputs = []
        for element in filter(_is_output, said.outputs):
            body = records.get(self._place(element) or "")
            outputs.append(Output(content=rewrite(element, target), records=() if body is None else (body,)))
        return tuple(outputs), links, tuple(fault for fault in faults.values() if fault is not None)

    def _fault(self, resource: Resource) -> NotTaken | None:
        """Why a resource is not taken over; None when it is fit."""
        kind = resource["resourceType"]
        if identifiers_of(kind) is None:
            return NotTaken(kind, ())
        found = errors(self._validator.validate(resource))
        return NotTaken(kind, tuple(sorted({one.rule for one in found}))) if found else None

    @staticmethod
    def _is_outcome(resource: Resource) -> bool:
        """A person's own record at a partner never becomes one of ours."""
        return resource["resourceType"] not in PERSONS

    def _is_known(self, scope: Scope, resource: Resource) -> bool:
        kind, identity = resource["resourceType"], resource["id"]
        return find_link(scope.connection, scope.tenant, self._partner.name, kind, identity) is not None

    def _names(self, resources: Sequence[Resource]) -> dict[str, str]:
        """The partner's ``Type/id`` to our id, the same for every report of the same resource."""
        found = {}
        for one in resources:
            place = f"{one['resourceType']}/{one['id']}"
            found[place] = id_of_outcome(self._tenant, self._partner.name, place)
        return found

    def _to_ours(self, scope: Scope, taken: Mapping[str, str]) -> Target:
        """Maps the partner's references to ours; one that we do not know becomes an absolute URL of the partner's."""
        base = _base(self._partner)

        def target(reference: str) -> str:
            relative = self._relative(reference)
            key = local(relative)
            if key is None:
                return reference
            if relative in taken:
                return f"{key[0]}/{taken[relative]}"
            link = find_link(scope.connection, scope.tenant, self._partner.name, *key)
            if link is not None:
                return f"{link.type}/{link.id}"
            return reference if ":" in reference else f"{base}{relative}"

        return target

    def _place(self, element: Resource) -> str | None:
        """The partner's ``Type/id`` that an output refers to."""
        value = element.get("valueReference")
        reference = value.get("reference") if isinstance(value, dict) else None
        return self._relative(reference) if isinstance(reference, str) else None

    def _relative(self, reference: str) -> str:
        """A reference without the base URL of its server, or the version."""
        for base in self._bases:
            reference = reference.removeprefix(base)
        return reference.split("/_history/")[0]


def message_id_of(report: TaskReport) -> str:
    """What tells this version of a Task from every other."""
    version = report.version or report.last_updated or report.status[:64]
    return f"Task/{report.remote_id}/_history/{version}"


def _is_output(element: Resource) -> bool:
    """Whether what we read of a Task.output has the shape that FHIR gives it."""
    reference = object_in(element.get("valueReference")).get("reference", "")
    concepts = [element[name] for name in ("type", "valueCodeableConcept") if name in element]
    has_value = isinstance(element.get("valueReference", {}), dict) and isinstance(reference, str)
    return has_value and all(_is_concept(one) for one in concepts)


def _is_concept(value: Any) -> bool:  # noqa: ANN401 - as the partner wrote it
    if not isinstance(value, dict) or not isinstance(value.get("text", ""), str):
        return False
    codings = value.get("coding", [])
    whole = isinstance(codings, list) and len(list(objects_in(codings))) == len(codings)
    members = ("system", "version", "code", "display")
    return whole and all(isinstance(one.get(name, ""), str) for one in codings for name in members)


def id_of_outcome(tenant: str, partner: str, place: str) -> str:
    """Our id of what a partner made, from where the partner has it (``Type/id``)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{own_uri('')}{tenant}/{partner}/{place}"))


def _base(partner: Partner) -> str:
    return partner.base_url.rstrip("/") + "/"


@functools.cache
def identifiers_of(resource_type: str) -> str | None:
    """The upper bound of the type's ``identifier``: ``1`` or ``*``; None where it has none."""
    facts = Registry.default().structure(BASE_TYPE + resource_type)
    rows = facts["snapshot"] if facts else []
    return next((row["max"] for row in rows if row["path"] == f"{resource_type}.identifier"), None)


def _version(resource: Resource) -> str | None:
    return text_in(object_in(resource.get("meta")).get("versionId"))


def _own(resource: Resource, names: Mapping[str, str], target: Target) -> Resource:
    """A partner's resource under an id of ours, and an identifier of ours where there is room for one."""
    kind = resource["resourceType"]
    identity = names[f"{kind}/{resource['id']}"]
    body: Resource = rewrite(resource, target)
    meta = {
        name: value for name, value in object_in(body.get("meta")).items() if name in {"profile", "security", "tag"}
    }
    body = {name: value for name, value in body.items() if name not in {"id", "meta", "resourceType"}}
    head = {"resourceType": kind, "id": identity} | ({"meta": meta} if meta else {})
    return head | body | _identified(kind, body.get("identifier"), identity)


def _identified(kind: str, held: Any, identity: str) -> Resource:  # noqa: ANN401 - as the partner wrote it
    most, own = identifiers_of(kind), {"system": own_identifier_system(), "value": identity}
    if most == "*":
        return {"identifier": [*(held if isinstance(held, list) else []), own]}
    if most == "1":
        return {"identifier": held if isinstance(held, dict) and held.get("value") else own}
    return {}
