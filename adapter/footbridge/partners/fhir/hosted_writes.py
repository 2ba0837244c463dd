"""Judges what a partner writes in its compartment, before it is stored and in the same transaction: a ``WritePolicy``.

What it may write is the table ``mappings/hosted-writes.json``. A change of its Task goes through the same door as a
poll: the lifecycle decides. What is refused is 422 with the reason and what is allowed instead, and nothing is stored;
members of the Task that are not the partner's to write keep their values, and the answer says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from footbridge import traces
from footbridge.i18n import _, joined
from footbridge.mapping.references import local, references
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.model.lifecycle.tables import machines
from footbridge.partners.fhir.hosted import Compartment
from footbridge.partners.fhir.hosted_asking import asks_by_status, is_part
from footbridge.partners.fhir.hosted_capacity import take_capacity
from footbridge.partners.fhir.hosted_conformance import Inspection
from footbridge.partners.fhir.hosted_messages import communication_message, new_notes, task_of
from footbridge.partners.fhir.hosted_offer import writes_of
from footbridge.partners.fhir.hosted_prescriptions import amend_from, prescribe_from
from footbridge.partners.fhir.inbound import Found, Reader, id_of_outcome
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.translate import task_report
from footbridge.partners.ports import Deviation, Inbound, Outcome, Prescriptions, Report
from footbridge.store import resource_rows
from footbridge.store.erasure import was_erased
from footbridge.store.interaction_errors import Forbidden, NotFound, UnprocessableEntity
from footbridge.store.interactions.write_policy import Write
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import find_link
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

Receive = Callable[[Scope, Partner, Inbound], Outcome]
"""The door of the workflow: ``referrals.inbound.receive``."""

SPEC = "https://hl7.org/fhir/R4/task.html#statemachine"
SPEC_ERASED = "https://hl7.org/fhir/R4/http.html#delete"


@dataclass(frozen=True, slots=True)
class HostedWrites:
    """The policy of one partner's compartment.

    Attributes:
        tenant, partner: whose compartment it is.
        clock: the time that everything goes by.
        validator: what does not conform is not taken over as an outcome.
        receive: the door.
        inspection: what was put up with in the resources of this request; None: they were not checked.
        prescriptions: the intake, for what a requester prescribes.
        clear: transactions that name nothing which was erased.
    """

    tenant: str
    partner: Partner
    clock: Clock
    validator: Validator
    receive: Receive
    inspection: Inspection | None = None
    prescriptions: Prescriptions | None = None
    clear: list[Sequence[Write]] = field(default_factory=list)

    def judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        """The resource to store. Raises Forbidden, NotFound or UnprocessableEntity."""
        with traces.span("hosted.write", partner=self.partner.name, interaction=write.interaction):
            return self._judge(connection, write)

    def _judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        is_new = write.previous is None or write.previous.deleted
        interaction = "create" if is_new else write.interaction  # a PUT may create
        rule = writes_of(self.partner.role).get(write.type, {}).get(interaction)
        if rule is None and is_new and write.interaction == "update" and write.type == "Task":
            raise NotFound(_("Task not found: a recipient cannot create a referral."))
        if rule is None:
            raise Forbidden(
                _(
                    "A {role} may not {interaction} a {type}.",
                    role=self.partner.role,
                    interaction=write.interaction,
                    type=write.type,
                )
            )
        traces.note(type=write.type)
        if rule == "own" and not self._is_own(connection, write):
            raise Forbidden(_("This {type} was not created by this partner: it is read-only.", type=write.type))
        if is_new:
            self._must_be_about_what_is_there(connection, write)
        if self.inspection is not None:
            write.issues.extend(self.inspection.of(write.place))
        if rule == "asked" and self._is_asked(connection, write):
            return self._judge_task(connection, write)
        if write.type == "Task":
            self._ask(connection, write)
        if write.type == "Communication":
            self._send(connection, write)
        if write.type == "HealthcareService" and self.partner.role == "recipient":
            write.issues.extend(take_capacity(connection, self.tenant, self.partner, write, self.clock.now()))
        # under an id of its own a requester may send what it referred to before
        arrives = is_new and write.interaction == "update" and write.type != "Task"
        if (arrives or not is_new) and write.type != "Communication":
            self._amend(connection, write)
        return write.resource

    def _is_own(self, connection: Connection, write: Write) -> bool:
        """Whether the partner made it: what was delivered to it has a link from a resource of ours that came first."""
        if write.previous is None:
            return False
        link = find_link(connection, self.tenant, self.partner.name, write.type, write.id)
        return link is None or link.id == id_of_outcome(self.tenant, self.partner.name, f"{write.type}/{write.id}")

    def _must_be_about_what_is_there(self, connection: Connection, write: Write) -> None:
        """Refuse what is new about a client whose records were erased: nothing of them is stored again."""
        if any(write.together is one for one in self.clear):
            return
        there = self._scope(connection, self.partner.name)
        made = {(one.type, one.id) for one in write.together if one.interaction == "create"}  # ids that are new
        if write.together and not was_erased(there, set().union(*map(_named, write.together)) - made):
            self.clear.append(write.together)  # nothing that the transaction names: not asked again for each write
            return
        if was_erased(there, _named(write)):
            message = _("It is about records that were erased, which this partner may no longer know.")
            issue = Issue("write.erased", "error", "business-rule", message, expression=write.type, spec=SPEC_ERASED)
            raise UnprocessableEntity(message, expression=write.type, issues=[issue])

    def _judge_task(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        if write.previous is None:
            raise NotFound(_("Task not found."))
        there = self._scope(connection, self.partner.name)
        before = write.previous.resource
        wanted = self._merged(before, write.resource)
        if self.partner.role == "requester" and wanted.get("status") == before.get("status"):
            _warn_of_kept(write, before, self.partner.role)
            self._amend(connection, replace(write, resource=wanted))
            return wanted
        kept = _warn_of_kept(write, before, self.partner.role)
        report = replace(self._report(connection, write, wanted), deviation=self._deviation(write, kept))
        outcome = self._told(connection, report, _refusal)
        for message in new_notes(before, wanted, report.key or "", report.version or "", self.clock.now()):
            self._told(connection, message, _refusal)
        stored = resource_rows.current(there, "Task", write.id)
        now = before if stored is None or stored.deleted else stored.resource
        return self._merged(now, wanted) | ({} if outcome.status is None else {"status": outcome.status})

    def _is_asked(self, connection: Connection, write: Write) -> bool:
        """Whether the Task is that of a referral; one that a requester wrote as a draft is none yet."""
        if self.partner.role == "recipient":
            return True
        return find_link(connection, self.tenant, self.partner.name, "Task", write.id) is not None

    def _ask(self, connection: Connection, write: Write) -> None:
        """Take a Task in as a prescription; one that asks for nothing is stored, and the answer says so."""
        there = self._scope(connection, self.partner.name)
        if is_part(there, self.partner, write):
            return
        if not asks_by_status(write.resource):
            write.issues.append(_asks_nobody(write.resource))
            return
        if self.prescriptions is None:
            raise Forbidden(_("Prescriptions are not taken in here."))
        prescribe_from(there, self.partner, write, self.prescriptions)

    def _amend(self, connection: Connection, write: Write) -> None:
        """Let what a requester changed reach the services that are at work."""
        if self.partner.role == "requester" and self.prescriptions is not None:
            amend_from(self._scope(connection, self.partner.name), self.partner, write, self.prescriptions)

    def _told(self, connection: Connection, inbound: Inbound, refusal: Callable[[Outcome], Issue]) -> Outcome:
        """What became of it at the door; raises UnprocessableEntity where that is nothing."""
        outcome = self.receive(self._scope(connection, ""), self.partner, inbound)
        if outcome.code in {"refused", "not-ours", "failed"}:
            issue = refusal(outcome)
            raise UnprocessableEntity(issue.message, expression=issue.expression, issues=[issue])
        return outcome

    def _send(self, connection: Connection, write: Write) -> None:
        """Let a Communication reach the other side of the referral that it is about."""
        there = Compartment(self._scope(connection, self.partner.name))
        task = task_of(there.store, write.resource)
        link = None if task is None else find_link(connection, self.tenant, self.partner.name, "Task", task)
        if link is None:
            issue = _unaddressed()
            raise UnprocessableEntity(issue.message, expression=issue.expression, issues=[issue])
        message = communication_message(write.resource, link.id, self.clock.now())
        if message is not None:
            deviation = self._deviation(write, ())
            self._told(connection, replace(message, deviation=deviation), lambda _outcome: _unaddressed())

    def _deviation(self, write: Write, kept: Sequence[str]) -> Deviation | None:
        tolerated = () if self.inspection is None else self.inspection.tolerated.get(write.place, ())
        rules = tuple(sorted({one.rule for one in tolerated}))
        return Deviation(tuple(kept), rules) if kept or rules else None

    def _report(self, connection: Connection, write: Write, wanted: Resource) -> Report:
        """The proposed Task as a report; its version is the one that it will have."""
        compartment = _Proposed(self._scope(connection, self.partner.name), write)
        reader = Reader(self.tenant, self.partner, compartment, self.validator)
        version = "1" if write.previous is None else str(write.previous.version + 1)
        said = replace(task_report(wanted), remote_id=write.id, version=version, last_updated=self.clock.now())
        found: Found = reader.referenced(said)
        return reader.report(self._scope(connection, ""), found, confirmed=True)

    def _merged(self, base: Resource, proposed: Mapping[str, Any]) -> Resource:
        """The Task with the members that are the partner's to write."""
        mine = [name for name in {*base, *proposed} if _is_its_own(self.partner.role, name)]
        kept = {name: value for name, value in base.items() if name not in mine}
        return kept | {name: proposed[name] for name in proposed if name in mine}

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


def _named(write: Write) -> set[tuple[str, str]]:
    """Type and id of a resource that is written, and of what it refers to, by our URLs too."""
    relative = ("/".join(one.split("/")[-2:]) for one in references(dict(write.resource)))
    return {(write.type, write.id), *(key for one in relative if (key := local(one)) is not None)}


def _refusal(outcome: Outcome) -> Issue:
    moves = [
        machine.moves.get((event, outcome.status or "")) for machine in machines().values() for event in outcome.allowed
    ]
    statuses = dict.fromkeys(move.after for move in moves if move is not None)
    said = [outcome.message or _("This change is not allowed.")]
    if statuses:
        said.append(_("Allowed from here: {statuses}.", statuses=", ".join(statuses)))
    message = joined(said)
    return Issue("task.refused", "error", "business-rule", message, expression="Task.status", spec=SPEC)


def _asks_nobody(task: Mapping[str, Any]) -> Issue:
    status = task.get("status")
    message = _("A Task with the status {status} asks nobody: it is stored, and nothing is sent.", status=str(status))
    return Issue("task.asks-nobody", "information", "informational", message, expression="Task.status")


def _unaddressed() -> Issue:
    message = _("It names no referral of this partner, so nobody would get it: put its Task into about.")
    return Issue("communication.about", "error", "business-rule", message, expression="Communication.about")


def _is_its_own(role: str, name: str) -> bool:
    """Whether a member of a Task is this partner's to write."""
    table = writes_of(role)["Task"]
    return name not in table["keeps"] if "keeps" in table else name in table["members"]


def _warn_of_kept(write: Write, before: Resource, role: str) -> list[str]:
    """Name the members of the Task that were proposed otherwise and keep their values; returns their FHIRPaths."""
    passed = {"meta", "text", "id", "resourceType"}
    names = sorted(
        name
        for name in (before.keys() | write.resource.keys()) - passed
        if not _is_its_own(role, name) and before.get(name) != write.resource.get(name)
    )
    for name in names:
        message = _("Task.{name} cannot be changed by the {role}: its value stays.", name=name, role=role)
        write.issues.append(Issue("task.member-kept", "warning", "business-rule", message, expression=f"Task.{name}"))
    return [f"Task.{name}" for name in names]
