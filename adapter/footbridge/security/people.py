"""Which partner a user of the portal works for: the rule of the roles in ``mappings/access.json``."""

from sqlalchemy import Connection

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.security.access import works_for_partner
from footbridge.store.partners import get_partner


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
