"""Judges what a partner writes in its compartment, before it is stored and in the same transaction: a ``WritePolicy``.

What it may write is the table ``mappings/hosted-writes.json``. A change of its Task goes through the same door as a
poll: the lifecycle decides. What is refused is 422 with the reason and what is allowed instead, and nothing is stored;
members of the Task that are not the partner's to write keep their values, and the answer says so.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from footbridge.data import read_json
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.partners.fhir.hosted import Compartment
from footbridge.partners.fhir.inbound import Found, Reader, id_of_outcome
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.translate import task_report
from footbridge.partners.ports import Inbound, Outcome
from footbridge.store import resource_rows
from footbridge.store.interaction_errors import Forbidden, NotFound, UnprocessableEntity
from footbridge.store.interactions.write_policy import Write
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import find_link
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

Receive = Callable[[Scope, Partner, Inbound], Outcome]
"""The door of the workflow: ``referrals.inbound.receive``."""

SPEC = "https://hl7.org/fhir/R4/task.html#statemachine"


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "hosted-writes.json")
    return table


@dataclass(frozen=True, slots=True)
class HostedWrites:
    """The policy of one partner's compartment.

    Attributes:
        tenant, partner: whose compartment it is.
        clock: the time that everything goes by.
        validator: what does not conform is not taken over as an outcome.
        receive: the door.
    """

    tenant: str
    partner: Partner
    clock: Clock
    validator: Validator
    receive: Receive

    def judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        """The resource to store. Raises Forbidden, NotFound or UnprocessableEntity."""
        rule = _table()[self.partner.role].get(write.type, {}).get(write.interaction)
        if rule is None:
            raise Forbidden(f"A {self.partner.role} may not {write.interaction} a {write.type}.")
        if rule == "own" and not self._is_own(connection, write):
            raise Forbidden(f"This {write.type} was not created by this partner: it is read-only.")
        return self._judge_task(connection, write) if rule == "asked" else write.resource

    def _is_own(self, connection: Connection, write: Write) -> bool:
        """Whether the partner made it: what was delivered to it has a link from a resource of ours that came first."""
        if write.previous is None:
            return False
        link = find_link(connection, self.tenant, self.partner.name, write.type, write.id)
        return link is None or link.id == id_of_outcome(self.tenant, self.partner.name, f"{write.type}/{write.id}")

    def _judge_task(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        if write.previous is None or write.previous.deleted:
            raise NotFound("Task not found: a recipient cannot create a referral.")
        there = self._scope(connection, self.partner.name)
        before = write.previous.resource
        wanted = self._merged(before, write.resource)
        _warn_of_kept(write, before)
        outcome = self.receive(self._scope(connection, ""), self.partner, self._report(connection, write, wanted))
        if outcome.code in {"refused", "not-ours", "failed"}:
            issue = _refusal(outcome)
            raise UnprocessableEntity(issue.message, expression=issue.expression, issues=[issue])
        stored = resource_rows.current(there, "Task", write.id)
        now = before if stored is None or stored.deleted else stored.resource
        return self._merged(now, wanted) | ({} if outcome.status is None else {"status": outcome.status})

    def _report(self, connection: Connection, write: Write, wanted: Resource) -> Inbound:
        """The proposed Task as a report; its version is the one that it will have."""
        compartment = _Proposed(self._scope(connection, self.partner.name), write)
        reader = Reader(self.tenant, self.partner, compartment, self.validator)
        version = "1" if write.previous is None else str(write.previous.version + 1)
        said = replace(task_report(wanted), remote_id=write.id, version=version, last_updated=self.clock.now())
        found: Found = reader.referenced(said)
        return reader.report(self._scope(connection, ""), found, confirmed=True)

    def _merged(self, base: Resource, proposed: Mapping[str, Any]) -> Resource:
        """The Task with the members that are the partner's to write."""
        members = _table()[self.partner.role]["Task"]["members"]
        kept = {name: value for name, value in base.items() if name not in members}
        return kept | {name: proposed[name] for name in members if name in proposed}

    def _scope(self, connection: Connection, compartment: str) -> Scope:
        return Scope(connection, self.tenant, self.clock.now(), compartment=compartment)


@dataclass(frozen=True, slots=True)
class _Proposed(Compartment):
    """The compartment as it would be with what is written in the same transaction."""

    write: Write

    def _read(self, type_: str, id_: str) -> Resource | None:
        for one in self.write.together:
            if (one.type, one.id) == (type_, id_):
                return dict(one.resource)
        return Compartment._read(self, type_, id_)  # noqa: SLF001 - of our own base, whose slots super() does not know


def _refusal(outcome: Outcome) -> Issue:
    allowed = f" Allowed: {', '.join(outcome.allowed)}." if outcome.allowed else ""
    message = f"{outcome.message or 'This change is not allowed.'}{allowed}"
    return Issue("task.refused", "error", "business-rule", message, expression="Task.status", spec=SPEC)


def _warn_of_kept(write: Write, before: Resource) -> None:
    """Name the members of the Task that were proposed otherwise and keep their values."""
    members = {*_table()["recipient"]["Task"]["members"], "meta", "text", "id", "resourceType"}
    names = sorted(
        name
        for name in before.keys() | write.resource.keys()
        if name not in members and before.get(name) != write.resource.get(name)
    )
    for name in names:
        message = f"Task.{name} cannot be changed by the recipient: its value stays."
        write.issues.append(Issue("task.member-kept", "warning", "business-rule", message, expression=f"Task.{name}"))
