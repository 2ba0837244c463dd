"""A prescription that a hosted requester writes in its compartment: its new Task, with all that it refers to.

It is the Task that asks, so the prescription is read when the Task is written: in one transaction with the rest, or
alone, when the rest is there already. What it refers to is looked for among what is written together, then in the
compartment. The reading is ``mapping.reader``; what can be no prescription is refused whole, each reason at the place
of the resource that it is about. The requester's own resources become the copies of ours, so that whatever happens
comes home on *its* Task, ServiceRequest, Goal and Consent.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

from footbridge.errors import ConflictError, PrescriptionError
from footbridge.i18n import _
from footbridge.mapping import Read, from_bundle
from footbridge.mapping.element_map import elements
from footbridge.mapping.references import local, references
from footbridge.model.holds import rules_of
from footbridge.model.issues import Issue
from footbridge.model.prescription import Consent, Prescription
from footbridge.model.prescription.rules_of_consent import discloses
from footbridge.partners.fhir.hosted_absent import absent_from, key_of
from footbridge.partners.fhir.hosted_asking import earlier_try, prescriptions_table
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.ports import OWN_RECORDS, Prescriptions, ReadAgain
from footbridge.store import resource_rows
from footbridge.store import search as searching
from footbridge.store.interaction_errors import UnprocessableEntity
from footbridge.store.interactions.write_policy import Write
from footbridge.store.network_context import put_context
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, find_link, put_new_links
from footbridge.store.resource_rows import Scope

MOST = 200
"""Resources that a prescription may consist of."""
MAY_WAIT = frozenset({"consent"})
"""Reasons of ``mappings/holds.json`` that do not refuse a prescription."""
_MOST = ("_count", str(MOST))
_PLACE = re.compile(r"%resources\[(\d+)\]")


Key = tuple[str, str]
Taken = TypeVar("Taken")
_Placed = tuple[dict[str, Any], int | None]


@dataclass(frozen=True, slots=True)
class _Material:
    """The resources of a prescription, and where each is in the request; None for one that is stored already."""

    resources: list[dict[str, Any]]
    places: list[int | None]

    def holds(self, key: Key) -> bool:
        """Whether this resource is one of them."""
        return any((one["resourceType"], one["id"]) == key for one in self.resources)

    def placed(self, expression: str, write: Write) -> str:
        """An expression of the reader, as the place in the request."""
        found = _PLACE.match(expression)
        if found is None:
            return f"{write.type}"
        index, rest = int(found[1]), expression[found.end() :]
        kind, place = self.resources[index]["resourceType"], self.places[index]
        if write.place is None or place is None:  # a single resource, or one that was there before
            return f"{kind}{rest}"
        return f"Bundle.entry[{place}].resource{rest}"


def prescribe_from(there: Scope, partner: Partner, write: Write, prescriptions: Prescriptions) -> None:
    """Take the prescription of a new Task in; ``there`` is the compartment that it is written in.

    Raises UnprocessableEntity, with every reason at its place.
    """
    material = _material(there, write, (write.type, write.id))
    read, prescription = _read(material, write, partner)
    absent, missing = absent_from(material.resources, there.base_url)
    earlier = earlier_try(there, partner, write)
    if earlier is None:
        take = functools.partial(prescriptions.prescribe, _ours(there), partner, prescription, absent)
    else:
        again = ReadAgain(earlier, prescription, absent)
        owner = _owner(material, there, write)
        take = functools.partial(prescriptions.ask_again, _ours(there), partner, again, owner)
    found = _taken(take, read, material, write)
    if not found.created:
        _refuse([_duplicate(_("This prescription is here already: change its Task instead of writing another."))])
    for one in (*read.not_carried, *missing, *found.warnings):
        moved = _traced(one, read, material, write) if one.pointer is not None else _moved(one, material, write)
        write.issues.append(replace(moved, severity="warning" if moved.severity == "warning" else "information"))
    put_context(there.connection, there.tenant, partner.name, found.id, OWN_RECORDS)
    links = list(_links(partner.name, read, found.records, write))
    put_new_links(there.connection, there.tenant, partner.name, links)


def _owner(material: _Material, there: Scope, write: Write) -> str | None:
    """The name of the service that a Task names as its owner."""
    owner = object_in(write.resource.get("owner"))
    key = key_of(text_in(owner.get("reference")) or "", there.base_url)
    found = next((one for one in material.resources if key == (one["resourceType"], one["id"])), {})
    return text_in(found.get("name")) or text_in(owner.get("display"))


def amend_from(there: Scope, partner: Partner, write: Write, prescriptions: Prescriptions) -> None:
    """Amend every open prescription that a changed resource is a part of.

    Raises UnprocessableEntity where one could not be as it reads then.
    """
    for task, ours in _tasks_about(there, partner, write, prescriptions):
        material = _material(there, write, ("Task", task))
        if not material.holds((write.type, write.id)):
            continue
        read, prescription = _read(material, write, partner)
        absent, _missing = absent_from(material.resources, there.base_url)
        take = functools.partial(prescriptions.amend, _ours(there), partner, ReadAgain(ours, prescription, absent))
        records = _taken(take, read, material, write)
        links = [one for one in _links(partner.name, read, records, write) if one.type != "Task"]
        put_new_links(there.connection, there.tenant, partner.name, links)


def _tasks_about(
    there: Scope, partner: Partner, write: Write, prescriptions: Prescriptions
) -> Iterator[tuple[str, str]]:
    """The requester's own Tasks about the same client whose prescription may change, each with the id of ours.

    A Task that was declined is one of them until its order is tried again: whom a person asks next gets the newest
    word, and nobody where the client's consent ended meanwhile. Of a Task itself, that one.
    """
    for identity, task in _candidates(there, write):
        link = find_link(there.connection, there.tenant, partner.name, "Task", identity)
        if link is not None and not task.get("partOf") and prescriptions.may_amend(_ours(there), link.id):
            yield identity, link.id


def _candidates(there: Scope, write: Write) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tasks that a written resource may be about, by id; an order and a Task may be about another client by now."""
    if write.type == "Task":
        yield write.id, write.resource
        return
    client = write.resource if write.type == "Patient" else _client_of(write.resource)
    reference = f"Patient/{write.id}" if write.type == "Patient" else str(client.get("reference", ""))
    if not reference:
        return  # a practitioner or an organization: of many referrals, and what they say of it stays as it was sent
    queries = [("subject", reference)]
    if write.type == "ServiceRequest":
        queries.append(("focus", f"ServiceRequest/{write.id}"))
    found = {one.id: one for two in queries for one in searching.search(there, "Task", [two, _MOST]).matches}
    for one in found.values():
        yield one.id, one.resource


def _client_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    named = (object_in(resource.get(name)) for name in ("subject", "for", "patient"))
    return next((one for one in named if one.get("reference")), {})


def _ours(there: Scope) -> Scope:
    return replace(there, compartment="", policy=None, place=None)


def _read(material: "_Material", write: Write, partner: Partner) -> tuple[Read, Prescription]:
    """What was read of the resources, and the prescription that they are.

    Where no Consent came, the basis counts that the partner is set to.
    """
    read = from_bundle(material.resources)
    if read.prescription is None:
        _refuse([_moved(one, material, write) for one in read.not_carried if one.is_error])
    prescription = read.prescription
    if prescription.consent is None and partner.consent_basis is not None and discloses(prescription.kind):
        basis = Consent(status="given", basis=partner.consent_basis)
        prescription = prescription.model_copy(update={"consent": basis})
    return read, prescription


def _taken(take: Callable[[], Taken], read: Read, material: "_Material", write: Write) -> Taken:
    try:
        return take()
    except PrescriptionError as error:
        waits = rules_of(MAY_WAIT)  # would not refuse it alone
        faults = [one for one in error.issues if one.is_error]
        counted = [one for one in faults if one.rule not in waits] or faults
        _refuse([_traced(one, read, material, write) for one in counted])
    except ConflictError as error:
        _refuse([_duplicate(str(error))])


def _material(scope: Scope, write: Write, root: Key) -> _Material:
    """The Task and everything that it leads to: written together, or in the compartment."""
    together = {(one.type, one.id): one for one in write.together} | {(write.type, write.id): write}
    found: dict[tuple[str, str], tuple[dict[str, Any], int | None]] = {}
    waiting = [root]
    while waiting:
        key = waiting.pop(0)
        if key in found:
            continue
        written = together.get(key)
        if written is not None:
            found[key] = (dict(written.resource), written.place)
        else:
            stored = resource_rows.current(scope, *key)
            if stored is None or stored.deleted:
                continue
            found[key] = (stored.resource, None)
        if len(found) > MOST:
            _refuse([Issue("prescription.too-large", "error", "too-costly", _("It refers to too many resources."))])
        waiting += _keys(found[key][0], scope.base_url)
    for key, (resource, place) in _pointing(scope, together, found):
        found.setdefault(key, (resource, place))
    rows = list(found.values())
    return _Material([row[0] for row in rows], [row[1] for row in rows])


def _pointing(
    scope: Scope, together: Mapping[Key, Write], found: Mapping[Key, _Placed]
) -> Iterator[tuple[Key, _Placed]]:
    """What belongs to a prescription by a reference to it.

    A follow-up is a Task that is part of its Task; the panel of a screening an Observation that has its answer as a
    member.
    """
    candidates = [(dict(one.resource), one.place) for one in together.values()]
    for kind, identity in found:
        written = together.get((kind, identity))
        if kind == "Patient" and (written is None or written.interaction != "create"):  # nothing is about a new id
            page = searching.search(scope, "Observation", [("subject", f"Patient/{identity}"), ("_count", str(MOST))])
            candidates += [(one.resource, None) for one in page.matches]
    for resource, place in candidates:
        parts = [*objects_in(resource.get("partOf")), *objects_in(resource.get("hasMember"))]
        kind = resource["resourceType"]
        if any(key[0] == kind and key in found for key in _keys({"of": parts}, scope.base_url)):
            yield (kind, resource["id"]), (resource, place)


def _keys(resource: Mapping[str, Any], base_url: str) -> Iterator[tuple[str, str]]:
    for reference in references(dict(resource)):
        key = key_of(reference, base_url)
        if key is not None:
            yield key


def _links(partner: str, read: Read, records: Mapping[str, str], write: Write) -> Iterator[Link]:
    """Pairs of our record and the requester's own resource in the same role."""
    seen = set()
    for role, source in read.sources.items():
        ours = local(records.get(role, ""))
        theirs = (source.type, source.id)
        if ours is None or source.id is None or ours[0] != source.type or theirs in seen or ours in seen:
            continue
        seen |= {theirs, ours}
        is_task = role == "task"
        version = str(write.previous.version + 1 if write.previous is not None else 1) if is_task else None
        yield Link(partner, source.type, ours[1], source.id, version)


def _moved(issue: Issue, material: _Material, write: Write) -> Issue:
    """An issue of the reader at its place in the request; an element of a resource that is not there, in its words."""
    said = issue.expression or ""
    if said and not said.startswith("%") and said.partition(".")[0] != write.type:
        message = _("{element}: {message}", element=said, message=issue.message)
        return replace(issue, message=message, expression=material.placed(said, write))
    return replace(issue, expression=material.placed(said, write))


def _traced(issue: Issue, read: Read, material: _Material, write: Write) -> Issue:
    """An issue at a JSON Pointer of the prescription, at the resource that the part was read from."""
    table: Mapping[str, str] = prescriptions_table()["roles"]
    parts = (issue.pointer or "").strip("/").split("/")
    role = table.get(parts[0], "service-request")
    source = (
        read.sources.get(f"{role}/{parts[1]}" if len(parts) > 1 else role)
        or read.sources.get(role)
        or read.sources.get("service-request")
        or read.sources.get("task")
    )
    if source is None:
        return replace(issue, expression=material.placed("", write), pointer=None)
    steps = tuple(int(part) if part.isdigit() else part for part in parts)
    named = (one.partition(".") for one in elements(steps))
    rest = next((f".{rest}" for kind, point, rest in named if kind == source.type and point and "(" not in rest), "")
    return replace(issue, expression=material.placed(f"{source.place}{rest}", write), pointer=None)


def _duplicate(message: str) -> Issue:
    return Issue("prescription.duplicate", "error", "duplicate", message, expression="Task")


def _refuse(issues: Sequence[Issue]) -> NoReturn:
    message = _("This cannot be taken in as a prescription.")
    raise UnprocessableEntity(message, issues=issues)
