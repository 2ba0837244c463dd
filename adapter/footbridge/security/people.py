"""Which partner a user of the portal works for, and who may sign in: the rule of the roles in ``mappings/access.json``.

A service worker whose partner was removed works for nobody, and may not sign in.
"""

from sqlalchemy import Connection

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.security.access import works_for_partner
from footbridge.store.partners import get_partner
from footbridge.store.users import User


def works_for(connection: Connection, tenant: str, role: str, partner: str | None) -> str | None:
    """The partner of a user in this role; None for those who work for none.

    Raises ConfigurationError where a partner is missing, or must not be; NotFoundError for one that is not there.
    """
    if not works_for_partner(role):
        if partner is not None:
            raise ConfigurationError(_("Only a service worker has --partner."))
        return None
    if partner is None:
        raise ConfigurationError(_("A service worker needs --partner: the partner that they work for."))
    found = get_partner(connection, tenant, partner)
    if found.role != "recipient":
        raise ConfigurationError(
            _("{partner} is a requester; a service worker works for a recipient.", partner=partner)
        )
    return found.name


def may_sign_in(user: User) -> bool:
    """Whether a user gets in: not a service worker without a service."""
    return user.partner is not None or not works_for_partner(user.role)


def who_may(user: User | None) -> User | None:
    """The user when they may sign in; None for nobody, and for one who may not: nothing tells the two apart."""
    return user if user is not None and may_sign_in(user) else None
