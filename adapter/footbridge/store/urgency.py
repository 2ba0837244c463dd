"""How urgent a referral is: the place of its prescription's priority in ``mappings/urgency.json``, 0 the most urgent.

It stands in the row of each referral, so that a list in this order is read by an index. It follows the prescription:
when a referral is added, and when an amendment changes the priority.
"""

import functools

from sqlalchemy import Connection, ScalarSelect, bindparam, case, func, select, update

from footbridge.data import read_json
from footbridge.store.tables import prescription, referral


@functools.cache
def _order() -> dict[str, int]:
    return {name: place for place, name in enumerate(read_json("mappings", "urgency.json")["order"])}


@functools.cache
def urgency() -> ScalarSelect[int]:
    """Of the prescription that the parameters ``whose`` (tenant) and ``of`` (id) name; the least of an unknown one."""
    least = len(_order()) - 1
    mine = (prescription.c.tenant == bindparam("whose"), prescription.c.id == bindparam("of"))
    named = select(case(_order(), value=prescription.c.priority, else_=least)).where(*mine).scalar_subquery()
    return select(func.coalesce(named, least)).scalar_subquery()


def set_urgency(connection: Connection, tenant: str, prescription_id: str, priority: str) -> None:
    """The priority of a prescription is another now: so are its referrals."""
    wanted = _order().get(priority, len(_order()) - 1)
    mine = (referral.c.tenant == tenant, referral.c.prescription == prescription_id, referral.c.urgency != wanted)
    connection.execute(update(referral).where(*mine).values(urgency=wanted))
