"""Who may see and do what: the one place that says so, as conditions in SQL that every query uses.

Actions and whose prescriptions a role sees are the table ``mappings/access.json``. The API, FHIR, the portal and the
commands ask here; what may happen to a referral in its state is the lifecycle's to say (``model.lifecycle``), and what
of a prescription's document a partner may know is ``security.disclosure``'s.
"""

import functools
from collections.abc import Iterable
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    false,
    func,
    select,
)

from footbridge.data import read_json
from footbridge.errors import ForbiddenError, NotFoundError
from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.security import recipient_view
from footbridge.store.tables import prescription, referral
from footbridge.store.tables import tenant as tenants
from footbridge.store.tenants import Tenant

_DEFAULT_REQUESTER = select(tenants.c.requester, tenants.c.requester_chosen).where(tenants.c.name == bindparam("of"))


class Asked(Protocol):
    """A referral, as far as access asks."""

    @property
    def partner(self) -> str | None:
        """The partner that is asked to do it."""


Referral = TypeVar("Referral", bound=Asked)


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "access.json")
    return table


def require(principal: Principal, action: str) -> None:
    """Refuse an action that the principal's role may not do. Raises ForbiddenError, which names the roles that may."""
    roles = _table()["actions"][action]
    if principal.role not in roles:
        raise ForbiddenError(
            _("Role {roles} is required; yours is {role}.", roles=" or ".join(roles), role=principal.role)
        )


def may(principal: Principal, action: str) -> bool:
    """Whether the principal's role may do this."""
    return principal.role in _table()["actions"][action]


def is_action(name: str) -> bool:
    """Whether the table names the action."""
    return name in _table()["actions"]


def roles_that_may(action: str) -> tuple[str, ...]:
    """The roles that may do this, in the table's order."""
    return tuple(_table()["actions"][action])


def user_roles() -> tuple[str, ...]:
    """The roles that people have in the portal, in the table's order."""
    return tuple(_table()["users"])


def roles_of_principals(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles of people that act as one of these roles of principals, in the table's order."""
    wanted = set(roles)
    return tuple(name for name, row in _table()["users"].items() if row["principal"] in wanted)


def works_for_partner(user_role: str) -> bool:
    """Whether people of this role work for a partner, and see its referrals only."""
    return bool(_table()["users"][user_role].get("partner", False))


def role_text(user_role: str, language: str, what: Literal["title", "about"] = "title") -> str:
    """What a role is called, or is for, in words. Raises KeyError for a role that the table lacks."""
    return str(_table()["users"][user_role][what][language])


def users_principal(user_role: str, partner: str | None, *, name: str, tenant: str) -> Principal:
    """As whom a person of the portal acts; one of no known role may do nothing."""
    row = _table()["users"].get(user_role, {"principal": "none"})
    speaks_for = partner if row.get("partner") else None
    return Principal(row["principal"], speaks_for, name=name, tenant=tenant, channel="portal")


def requester_of(connection: Connection, principal: Principal, tenant: Tenant | None = None) -> str:
    """The requester whose prescriptions those are that the principal submits; empty: the tenant's own users'.

    That is the partner that it speaks for, else the tenant's default. What is written in the portal belongs to the
    default only where a person chose it: the first requester that is added becomes the default of programs alone.
    ``tenant`` is the principal's, where it was read already.
    """
    if principal.partner is not None and principal.role != "recipient":
        return principal.partner
    if tenant is None:
        row = connection.execute(_DEFAULT_REQUESTER, {"of": principal.tenant}).one_or_none()
        name, chosen = ("", False) if row is None else (row.requester, row.requester_chosen)
    else:
        name, chosen = tenant.requester, tenant.requester_chosen
    return name or "" if chosen or principal.channel != "portal" else ""


def sees_whole(principal: Principal) -> bool:
    """Whether it sees prescriptions whole, and not only what a partner is asked to do."""
    return _whose(principal) in {"own", "all"}


def sees_own(principal: Principal) -> bool:
    """Whether, of the prescriptions of the tenant, it sees only those of a requester: its own."""
    return _whose(principal) == "own"


def seen_prescriptions(principal: Principal) -> ColumnElement[bool]:
    """The rows of ``prescription`` that a principal sees."""
    here = prescription.c.tenant == principal.tenant
    match _whose(principal):
        case "asked":
            asked = select(referral.c.id).where(seen_referrals(principal), referral.c.prescription == prescription.c.id)
            return and_(here, asked.exists())
        case "own" if principal.partner is None:
            default = select(func.coalesce(tenants.c.requester, "")).where(tenants.c.name == principal.tenant)
            return and_(here, prescription.c.requester.in_(["", default.scalar_subquery()]))
        case "own":
            return and_(here, prescription.c.requester == principal.partner)
        case "all":
            return here
        case _:
            return false()


def seen_referrals(principal: Principal) -> ColumnElement[bool]:
    """The rows of ``referral`` that a principal sees, of a prescription that it sees."""
    here = referral.c.tenant == principal.tenant
    return here if sees_whole(principal) else and_(here, recipient_view.asked(principal.partner))


def of_those(principal: Principal, rows: Iterable[Referral]) -> list[Referral]:
    """Those of a visible prescription's referrals that the principal sees."""
    return [row for row in rows if sees_whole(principal) or row.partner == (principal.partner or "")]


def must_see(connection: Connection, principal: Principal, identity: str) -> None:
    """Raises NotFoundError when there is no such prescription, or none that the principal may see."""
    query = select(prescription.c.id).where(seen_prescriptions(principal), prescription.c.id == identity)
    if connection.execute(query).first() is None:
        raise NotFoundError(_("Prescription not found."))


def _whose(principal: Principal) -> str:
    whose = str(_table()["whose"].get(principal.role, "none"))
    return "own" if whose == "all" and principal.partner is not None else whose
