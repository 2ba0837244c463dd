"""What becomes of a follow-up besides the goals: the answers as records, another try, and a need that nothing meets.

An answer becomes a QuestionnaireResponse (https://hl7.org/fhir/R4/questionnaireresponse.html) and an Observation for
each barrier that got in the way and for how it suited the person. Whoever could not be reached is asked again by the
table ``mappings/follow-up.json``; after the last try a person decides.
"""

import functools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from footbridge.data import read_json
from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.jobs.queue import JobQueue
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import Resource
from footbridge.mapping.terms import own_concept
from footbridge.model.clock import utc_instant
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act
from footbridge.model.lifecycle.permission import allowed
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals.chosen_service import count_unmet_need
from footbridge.referrals.events import apply_event
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.store.tables import event
from footbridge.store.worklist import needs_of
from footbridge.terminology import own_code_system
from footbridge.uris import own_uri

NOT_REACHED: Final = "not-reached"
UNMET: Final = "record-unmet-need"
NEVER_REACHED: Final = "person-not-reached"
OPEN: Final = frozenset({"requested", "accepted", "in-progress", "on-hold"})


@dataclass(frozen=True, slots=True)
class FollowUpSaid:
    """What a person said at the follow-up besides how far their goals are.

    Attributes:
        happened: yes, partly or no.
        barriers: kinds of barriers that got in the way (CodeSystem barrier-kind).
        satisfaction: a key of ``satisfaction`` in ``mappings/follow-up.json``.
        more: anything else, in their words. Personal: never logged.
    """

    happened: str | None = None
    barriers: Sequence[str] = ()
    satisfaction: str | None = None
    more: str | None = field(default=None, repr=False)


def must_be_known(said: FollowUpSaid) -> None:
    """Raise PrescriptionError for a code that the tables lack, at a JSON Pointer into the command."""
    faults = []
    kinds = barrier_kinds()
    for place, kind in enumerate(said.barriers):
        if kind not in kinds:
            message = _("Not a kind of barrier; known: {names}.", names=", ".join(kinds))
            pointer = f"/barriers/{place}"
            faults.append(Issue("command.unknown-barrier", "error", "code-invalid", message, pointer=pointer))
    known = read_json("mappings", "follow-up.json")["satisfaction"]
    if said.satisfaction is not None and said.satisfaction not in known:
        message = _("Unknown answer; known: {names}.", names=", ".join(known))
        faults.append(Issue("command.unknown-answer", "error", "code-invalid", message, pointer="/satisfaction"))
    if faults:
        raise PrescriptionError(faults)


def barrier_kinds() -> tuple[str, ...]:
    """The kinds of barriers, in the order of the code system."""
    return tuple(one["code"] for one in own_code_system("barrier-kind")["concept"])


def record_answers(
    unit: PrescriptionUnit,
    row: ReferralRow,
    principal: Principal,
    said: FollowUpSaid,
    at: datetime,
    goals: Sequence[tuple[int, str]] = (),
) -> None:
    """Store what was said as records of ours, and queue them for the requester.

    ``goals``: how far each is, as (place in the prescription, code of goal-achievement).
    """
    made = _records(unit, said, at, goals)
    if not made[0].get("item"):
        return  # nothing was answered
    unit.create(made)
    if unit.requester is not None and unit.requester.name != principal.origin:
        unit.enqueue_delivery(unit.requester.name, row, [(one["resourceType"], one["id"]) for one in made])


def not_reached(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """Nobody was reached: plan the next try by the table, or let a person decide after the last one."""
    row = newest_tries(unit.rows, None)[0]
    if not is_open(unit):
        raise LifecycleError(_("No follow-up is open."), reason="no-follow-up")
    tries = read_json("mappings", "follow-up.json")["tries"]
    before = _tries(unit)
    unit.note(principal, NOT_REACHED, row.id, at=at, reason=reason)
    if before >= len(tries):
        given = reason or _("The person could not be reached.")
        apply_event(unit, row.id, Act("fail", at, given, which="follow-up"), principal)
        unit.needs_person(TIMER, unit.row(row.id), NEVER_REACHED)
        return
    due = unit.scope.now + timedelta(days=tries[before])
    unit.save(row, replace(row, due=due, state=replace(row.state, follow_up_due=False)))
    end = {"restriction": {"period": {"end": due.date().isoformat()}}}
    unit.edit(unit.role("follow-up"), lambda task: task | end)
    JobQueue(unit.scope.connection).plan(
        tenant=unit.scope.tenant, kind="follow-up", subject=unit.prescription.id, due=due
    )


def record_unmet_need(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """No easy answer exists: count it for the directory, without the person, and keep the note for advocacy."""
    if not reason or not reason.strip():
        raise LifecycleError(_("A note is required: what is missing, and what would help."), reason="reason-required")
    count_unmet_need(unit)
    row = newest_tries(unit.rows, None)[0]
    categories = list(dict.fromkeys(need.category for need in unit.prescription.document.needs))
    unit.note(principal, "unmet-need", row.id, at=at, reason=reason, detail={"categories": categories})
    wait_no_more(unit, principal, at, reason)


def wait_no_more(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str) -> None:
    """What a person decided ends what waited: the follow-up's question, and an order that nobody has or helped with."""
    row = newest_tries(unit.rows, None)[0]
    if needs_of(unit.scope.connection, unit.scope.tenant, row.id) == NEVER_REACHED:
        unit.heard(row.id)
    names = allowed(row.state, principal)
    if nobody_has(unit, row) and "cancel" in names:
        apply_event(unit, row.id, Act("cancel", at, reason), principal)
    elif unit.status == "waiting" and "withdraw" in names:
        apply_event(unit, row.id, Act("withdraw", at, reason), principal)


def nobody_has(unit: PrescriptionUnit, row: ReferralRow) -> bool:
    """Whether no service is asked for a referral that is open, and it is not in parts."""
    is_split = any(one.parent == row.id for one in unit.rows)
    fresh = row.partner is None and row.status in {"draft", "requested"}
    return fresh and row.machine == "referral" and not is_split


def is_open(unit: PrescriptionUnit) -> bool:
    """Whether the follow-up is still to be done."""
    state = newest_tries(unit.rows, None)[0].state.follow_up
    return state is not None and state.status in OPEN


def _tries(unit: PrescriptionUnit) -> int:
    here = (event.c.tenant == unit.scope.tenant, event.c.prescription == unit.prescription.id)
    query = select(func.count()).select_from(event).where(*here, event.c.name == NOT_REACHED)
    return unit.scope.connection.scalar(query) or 0


def _records(
    unit: PrescriptionUnit, said: FollowUpSaid, at: datetime, goals: Sequence[tuple[int, str]]
) -> list[Resource]:
    name = f"{unit.namespace}/{unit.prescription.id}/follow-up/{utc_instant(at)}"
    new = functools.partial(_record, unit, name, at)
    language = unit.prescription.document.language
    named = [(unit.prescription.document.goals[place].description, code) for place, code in goals]
    response = new("QuestionnaireResponse", "answers")
    response |= {
        "questionnaire": own_uri(read_json("mappings", "follow-up.json")["questionnaire"]),
        "status": "completed",
        "authored": utc_instant(at),
        "item": _items(said, named, language),
    }
    response["identifier"] = response["identifier"][0]
    response.pop("effectiveDateTime")
    found = [response]
    for kind in dict.fromkeys(said.barriers):
        observation = new("Observation", f"barrier-{kind}")
        found.append(observation | {"code": own_concept("barrier-kind", kind, language), "valueBoolean": True})
    if said.satisfaction is not None:
        observation = new("Observation", "satisfaction")
        code = own_concept("follow-up-question", "satisfaction", language)
        value = own_concept("follow-up-fit", said.satisfaction, language)
        found.append(observation | {"code": code, "valueCodeableConcept": value})
    answers = {"reference": f"QuestionnaireResponse/{response['id']}"}
    return [response, *(one | {"derivedFrom": [answers]} for one in found[1:])]


def _record(unit: PrescriptionUnit, name: str, at: datetime, kind: str, what: str) -> Resource:
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{what}"))
    order = unit.role("service-request")
    made: dict[str, Any] = {
        "resourceType": kind,
        "id": identity,
        "identifier": [{"system": own_identifier_system(), "value": identity}],
        "status": "final",
        "subject": {"reference": unit.prescription.resources["patient"]},
        "effectiveDateTime": utc_instant(at),
    }
    if order is not None:
        made["basedOn"] = [{"reference": "/".join(order)}]
    return made


def _items(said: FollowUpSaid, goals: Sequence[tuple[str, str]], language: str) -> list[Resource]:
    """The answers under the questions of CodeSystem follow-up-question; of each goal one below its own."""
    happened = {"yes": "yes", "partly": "partly", "no": "no"}.get(said.happened or "")
    fit = said.satisfaction
    answers: dict[str, list[Resource]] = {
        "did-it-happen": [{"valueString": happened}] if happened else [],
        "barriers": [{"valueCoding": _coding(own_concept("barrier-kind", one, language))} for one in said.barriers],
        "satisfaction": [{"valueCoding": _coding(own_concept("follow-up-fit", fit, language))}] if fit else [],
        "new-needs": [{"valueString": said.more}] if said.more else [],
    }
    question = functools.partial(own_concept, "follow-up-question", language=language)
    found: list[Resource] = [
        {"linkId": code, "text": question(code=code)["text"], "answer": given}
        for code, given in answers.items()
        if given
    ]
    system = read_json("mappings", "lifecycle", "codes.json")["goalAchievement"]["system"]
    progress = [
        {
            "linkId": f"goal-progress.{place + 1}",
            "text": text,
            "answer": [{"valueCoding": {"system": system, "code": code}}],
        }
        for place, (text, code) in enumerate(goals)
    ]
    if progress:
        found.append({"linkId": "goal-progress", "text": question(code="goal-progress")["text"], "item": progress})
    return found


def _coding(concept: Resource) -> Resource:
    return {**concept["coding"][0], "display": concept["text"]}
