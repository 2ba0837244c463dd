"""The filters of the worklists as conditions: category, service, priority, the same person, who works on it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, select

from footbridge.model.principals import Principal
from footbridge.security.access import sees_whole
from footbridge.store.tables import event, prescription, referral


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows of a list; every condition that is not None holds.

    Attributes:
        category: an SDOH category.
        partner: who is asked; of use to those who ordered.
        priority: routine, urgent, asap or stat.
        of: the id of a prescription, to list what there is for the same person; of use to those who ordered.
        worker: somebody who did something about it, as whom the history has them.
    """

    category: str | None = None
    partner: str | None = None
    priority: str | None = None
    of: str | None = None
    worker: Principal | None = None


def filtered(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of all filters, on ``referral`` and ``prescription``."""
    found = of_prescriptions(principal, filters)
    if filters.category is not None:
        whole = prescription.c.categories.contains(f"|{filters.category}|", autoescape=True)
        found.append(or_(referral.c.category == filters.category, and_(referral.c.category.is_(None), whole)))
    if filters.partner is not None and sees_whole(principal):
        found.append(referral.c.partner == filters.partner)
    return found


def of_prescriptions(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on ``prescription`` alone, but that of the category."""
    found: list[ColumnElement[bool]] = []
    if filters.priority is not None:
        found.append(prescription.c.priority == filters.priority)
    if filters.of is not None and sees_whole(principal):
        same = prescription.alias("same")
        mine = select(same.c.person).where(same.c.tenant == principal.tenant, same.c.id == filters.of)
        found.append(prescription.c.person == mine.scalar_subquery())
    if filters.worker is not None:
        its = and_(event.c.tenant == prescription.c.tenant, event.c.prescription == prescription.c.id)
        found.append(exists().where(its, written_by(filters.worker)))
    return found


def written_by(worker: Principal) -> ColumnElement[bool]:
    """The events that somebody wrote."""
    return and_(
        event.c.actor == worker.name,
        event.c.role == worker.role,
        event.c.source == worker.source,
        literal_column("event.role <> 'system'"),  # the words of the index
    )


def of_category(filters: Filters) -> list[ColumnElement[bool]]:
    """That a prescription has a need of the category."""
    if filters.category is None:
        return []
    return [prescription.c.categories.contains(f"|{filters.category}|", autoescape=True)]
