"""Erases what is held on a person, in one transaction; what stays has no personal data.

``mappings/erasure.json`` says of every column of every table what becomes of it, and a test holds the two together. Of
a prescription stay: a row of ``erased_prescription`` for counts, and its events with names, times and pseudonymous ids.

In partners' compartments a resource leaves its versions as numbers, so that the partner reads Gone and cannot write it
again; in ours no row stays, so that the same document can be prescribed again as that of somebody new.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Table, and_, cast, delete, insert, literal, or_, select, tuple_, update

from footbridge.data import read_json
from footbridge.model.events import event_kind, names
from footbridge.store import inbox
from footbridge.store.audit import erase_patients
from footbridge.store.drafts import erase_drafts
from footbridge.store.erasure import erase
from footbridge.store.exact_json import dumps, loads
from footbridge.store.person_data import Held
from footbridge.store.resource_rows import Scope, lock
from footbridge.store.tables import (
    client,
    client_name,
    erased_prescription,
    event,
    former_link,
    hold,
    idempotency,
    job,
    letter,
    link,
    network_context,
    ocean_document,
    ocean_message,
    person,
    prescription,
    referral,
    resource,
    search_index,
)
from footbridge.store.tables import inbox as received

Cause = Literal["request", "retention"]
One = TypeVar("One")
_SOME = 100  # values that one statement names; some are patterns, each looked for in every row
TAKEN_BACK = "Erased with the client's data."
_TAKEN_KEY = literal("erased/").concat(cast(job.c.id, job.c.key.type))


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; of events it is how many were stripped, and resources are those of compartments, too."""

    prescriptions: int = 0
    referrals: int = 0
    resources: int = 0
    messages: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """Who has it erased, and why: the operator's words, without the client's name."""

    cause: Cause
    actor: str
    reason: str | None = None


def erase_held(scope: Scope, held: Held, order: Order) -> Erased:
    """Erase all of it, in the scope's write transaction. Repeating it erases nothing more."""
    lock(scope)
    ids = held.prescriptions
    _leave_rows(scope, ids, order)
    patients = {(place.compartment, place.id) for place in held.places if place.type == "Patient"}
    erase_patients(scope.connection, scope.tenant, patients)
    resources = _resources(scope, held)
    messages = _jobs(scope, held)
    _received(scope, held)
    for keys in _batches(held.ours):
        _delete(scope, link, tuple_(link.c.type, link.c.id).in_(keys))
        _delete(scope, former_link, tuple_(former_link.c.type, former_link.c.id).in_(keys))
    for some in _batches(ids):
        erase_drafts(scope.connection, scope.tenant, [], some)
        _delete(scope, network_context, network_context.c.prescription.in_(some))
        _delete(scope, letter, letter.c.prescription.in_(some))
        _delete(scope, ocean_message, ocean_message.c.prescription.in_(some))
        _delete(scope, ocean_document, ocean_document.c.prescription.in_(some))
        _delete(scope, hold, hold.c.prescription.in_(some))
        _delete(scope, client_name, client_name.c.prescription.in_(some))
        _delete(scope, idempotency, or_(*(_answers(one) for one in some)))
    events = _events(scope, ids)
    for some in _batches(ids):
        _delete(scope, referral, referral.c.prescription.in_(some))
        _delete(scope, prescription, prescription.c.id.in_(some))
    for pairs in _batches(sorted(held.clients)):
        _delete(scope, client, tuple_(client.c.person, client.c.requester).in_(pairs))
    for some in _batches(sorted(held.persons)):
        erase_drafts(scope.connection, scope.tenant, some, [])
        _delete(scope, client, client.c.person.in_(some))
        _delete(scope, person, person.c.person.in_(some))
    return Erased(len(ids), len(held.referrals), resources, messages, events)


def _leave_rows(scope: Scope, ids: Sequence[str], order: Order) -> None:
    """What stays of each prescription."""
    said = {"tenant": scope.tenant, "erased": scope.now, "cause": order.cause, "actor": order.actor}
    columns = ("id", "requester", "kind", "categories", "status", "created")
    for some in _batches(ids):
        parts: dict[str, list[dict[str, Any]]] = {}
        asked = select(referral).where(referral.c.tenant == scope.tenant, referral.c.prescription.in_(some))
        for row in scope.connection.execute(asked.order_by(referral.c.place, referral.c.id)):
            kept = ("id", "parent", "partner", "attempt", "category", "status")
            parts.setdefault(row.prescription, []).append({name: getattr(row, name) for name in kept})
        query = select(*(prescription.c[name] for name in columns))
        rows = scope.connection.execute(
            query.where(prescription.c.tenant == scope.tenant, prescription.c.id.in_(some))
        ).all()
        values = [
            {**row._mapping, **said, "reason": order.reason, "referrals": dumps(parts.get(row.id, []))}  # noqa: SLF001 - the public name of a row's columns
            for row in rows
        ]
        if values:
            scope.connection.execute(insert(erased_prescription), values)


def _resources(scope: Scope, held: Held) -> int:
    there: dict[str, list[tuple[str, str]]] = {}
    for place in sorted(held.places):
        there.setdefault(place.compartment, []).append((place.type, place.id))
    ours = there.pop("", [])
    count = 0
    for compartment, keys in there.items():
        count += erase(Scope(scope.connection, scope.tenant, scope.now, compartment=compartment), keys)
    own = (resource.c.tenant == scope.tenant, resource.c.compartment == "")
    for some in _batches(ours):
        which = (*own, tuple_(resource.c.type, resource.c.id).in_(some))
        rows = scope.connection.execute(select(resource.c.type, resource.c.id, resource.c.last_updated).where(*which))
        found = rows.all()
        count += len({(row.type, row.id) for row in found})
        for moments in _batches([row.last_updated for row in found]):
            _delete(scope, search_index, and_(search_index.c.compartment == "", search_index.c.moment.in_(moments)))
        scope.connection.execute(delete(resource).where(*which))
    return count


def _jobs(scope: Scope, held: Held) -> int:
    """Messages about the prescriptions, sent ones too, and work that would fall due.

    A message that a worker may be sending keeps its row until it is purged, empty and done, for SQLite gives the number
    of a deleted row to the next one: what that worker says of it in the end is heard by nobody.
    """
    mine = job.c.tenant == scope.tenant
    partners = scope.connection.scalars(select(job.c.partner).where(mine, job.c.partner.is_not(None)).distinct()).all()
    count = 0
    for some in _batches(held.prescriptions):
        keys = [f"{partner}/{one}" for partner in partners for one in some]
        for part in _batches(keys, 500):
            taken = (mine, job.c.key.in_(part), job.c.state == "ready", job.c.lease_owner.is_not(None))
            empty = {
                "key": _TAKEN_KEY,
                "dedupe": _TAKEN_KEY,
                "payload": "{}",
                "state": "done",
                "finished": scope.now,
                "last_error": TAKEN_BACK,
                "why": None,
                "prescription": None,
                "referral": None,
                "lease_owner": None,
                "lease_until": None,
                "lease_token": job.c.lease_token + 1,
            }
            count += scope.connection.execute(update(job).where(*taken).values(empty)).rowcount
            count += _delete(scope, job, job.c.key.in_(part))
    for some in _batches([*held.prescriptions, *held.referrals]):
        _delete(scope, job, and_(job.c.subject.in_(some), job.c.kind != "poll"))
    return count


def _received(scope: Scope, held: Held) -> None:
    """Ids of received messages: a digest stays. Of older rows, which do not say what they were about, none."""
    for some in _batches(held.prescriptions):
        inbox.forget(scope.connection, scope.tenant, some)
    query = select(link.c.partner, link.c.remote_id).where(link.c.tenant == scope.tenant)
    for keys in _batches(held.ours):
        for partner, remote in scope.connection.execute(query.where(tuple_(link.c.type, link.c.id).in_(keys))).all():
            begins = received.c.message.startswith(f"Task/{remote}/_history/", autoescape=True)
            _delete(scope, received, and_(received.c.partner == partner, begins))


def _answers(identity: str) -> ColumnElement[bool]:
    """Answers that are kept about a prescription: each says where it is."""
    return or_(idempotency.c.location.endswith(f"/{identity}"), idempotency.c.key == f"prescription {identity}")


def _events(scope: Scope, ids: Sequence[str]) -> int:
    """Take free text out of the timeline: names, times, ids, codes and partners stay."""
    count = 0
    for some in _batches(ids):
        here = (event.c.tenant == scope.tenant, event.c.prescription.in_(some))
        rows = scope.connection.execute(select(event.c.number, event.c.name, event.c.detail).where(*here)).all()
        scope.connection.execute(update(event).where(*here).values(reason=None))
        scope.connection.execute(update(event).where(*here, event.c.role == "person").values(actor=""))
        for row in rows:
            if row.detail is not None:
                kept = kept_detail(row.name, loads(row.detail))
                mine = (event.c.tenant == scope.tenant, event.c.number == row.number)
                scope.connection.execute(update(event).where(*mine).values(detail=dumps(kept) if kept else None))
        count += len(rows)
    return count


def kept_detail(name: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What stays of an event's detail: codes of our tables, and the members that ``mappings/erasure.json`` names."""
    kept = set(read_json("mappings", "erasure.json")["eventDetail"]["keep"])
    if name in names():
        kept |= {member for member, one in event_kind(name).detail.items() if one.codes is not None}
    return {member: value for member, value in detail.items() if member in kept}


def _delete(scope: Scope, table: Table, which: ColumnElement[bool]) -> int:
    return scope.connection.execute(delete(table).where(table.c.tenant == scope.tenant, which)).rowcount


def _batches(values: Iterable[One], size: int = _SOME) -> Iterator[list[One]]:
    found = list(values)
    for start in range(0, len(found), size):
        yield found[start : start + size]
