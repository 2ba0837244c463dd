"""Which events a user can send, which of them they may send now, and which referral they mean by one."""

import functools

from footbridge.data import read_json
from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.model.lifecycle.permission import allowed
from footbridge.model.lifecycle.tables import machine, machines
from footbridge.model.principals import Principal
from footbridge.referrals import decisions
from footbridge.referrals.forwarding import FORWARD, FORWARD_AWAY, can_forward
from footbridge.referrals.report_back import REPORT_BACK, can_report_back
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.security.access import may as may_do
from footbridge.security.access import of_those, sees_whole


@functools.cache
def event_names() -> tuple[str, ...]:
    """Every event that a user can send, in alphabetical order: ``Command.event``."""
    known = {name for machine in machines().values() for name in machine.targets}
    known |= {row.event for machine in machines().values() for row in machine.orders}
    known |= {"route", "split", "answer", FORWARD, REPORT_BACK, *decisions.ACTIONS}
    return tuple(sorted(known - read_json("mappings", "events.json")["notSent"].keys()))


def may(row: ReferralRow, principal: Principal) -> list[str]:
    """The names of the events that this user may send now: ``split``, and ``route`` in place of ``assign``."""
    names = allowed(row.state, principal)
    taken_on = row.state.task.owner is None and row.machine == "referral" and FORWARD in names
    if "assign" in names or taken_on or (row.state.standing == "as-task" and "reopen" in names):
        names.append("route")
    if row.state.task.owner is None and FORWARD in names:
        names.remove(FORWARD)  # nobody has it: that is to route it
    is_sent = row.machine == "referral" and row.status not in machine(row.machine).unsent
    if principal.role in {"navigator", "requester"} and is_sent and "cancel" in names:
        names.append("split")
    return [name for name in dict.fromkeys(names) if name != "assign"]


def events_now(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> list[str]:
    """As ``may``, and with the newest try of the whole the decisions about the client."""
    is_whole = row.id in {one.id for one in newest_tries(unit.rows, None)}
    names = may(row, principal)
    if FORWARD not in names and may_do(principal, f"referral.{FORWARD_AWAY}") and can_forward(unit, row, principal):
        names.append(FORWARD)
    if can_report_back(unit, row, principal):
        names.append(REPORT_BACK)
    return names + (decisions.decisions_now(unit, principal) if is_whole else [])


def meant(unit: PrescriptionUnit, principal: Principal, referral: str | None) -> ReferralRow:
    """The referral that a user means: the one named, else the newest try of the whole.

    A recipient that names none means its own: the whole if that is open, else its one open part, else the newest.
    Raises NotFoundError for one that the user does not see, and where several could be meant.
    """
    seen = of_those(principal, unit.rows)
    if referral is not None:
        rows = [row for row in seen if row.id == referral]
    elif sees_whole(principal):
        rows = newest_tries(unit.rows, None)
    else:
        still_open = [row for row in seen if not row.is_ended]
        rows = [row for row in still_open if row.parent is None] or still_open or seen[-1:]
    if not rows or (len(rows) > 1 and not sees_whole(principal)):
        raise NotFoundError(_("Unknown referral of this prescription."))
    return rows[0]
