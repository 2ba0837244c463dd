"""Plans that a simulated recipient can follow, and scripts, which choose a plan for each Task."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from footbridge.partners.fhir.searching import identifiers
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.actions import Plan, accept, complete, reject, repeat, schedule, start

Script = Callable[[Resource, Resource | None], Plan]
"""Chooses a plan for a Task, seen with its ServiceRequest when that is at hand."""

USUAL: Plan = (accept(), schedule(), start(), complete())
JUMPS: Plan = (complete(after=timedelta(days=14)),)
SILENT: Plan = ()
DECLINES: Plan = (reject("No places until the autumn"),)
DECLINES_WITHOUT_A_REASON: Plan = (reject(),)
ANSWERS_TWICE: Plan = (accept(), repeat(), start(), complete(), repeat())
CONTRADICTS_ITSELF: Plan = (accept(), start(), complete(), reject("Never came"))


def late(days: int) -> Plan:
    """The usual plan, begun after so many days."""
    return (accept(after=timedelta(days=days)), *USUAL[1:])


def always(plan: Plan) -> Script:
    """The same plan for every Task."""
    return lambda _task, _order: plan


def in_order(*plans: Plan, then: Plan = USUAL) -> Script:
    """The first plan for the first Task that is seen, the second for the second, and so on."""
    left = list(plans)
    return lambda _task, _order: left.pop(0) if left else then


def by_identifier(plans: Mapping[str, Plan], *, otherwise: Plan = USUAL) -> Script:
    """The plan under the value of an identifier of the Task or of its ServiceRequest."""

    def choose(task: Resource, order: Resource | None) -> Plan:
        values = [str(identifier.get("value")) for identifier in (*identifiers(task), *identifiers(order or {}))]
        return next((plans[value] for value in values if value in plans), otherwise)

    return choose
