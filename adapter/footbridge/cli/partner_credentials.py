"""Tells at the start of a server or worker which partners' credentials are missing: nothing could be sent to them."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.store.engine import Database
    from footbridge.store.partners import Partner


def warn_of_missing_credentials() -> None:
    """Tell on standard error each partner whose credential cannot be read here; a database that fails is not ours."""
    from footbridge.logs import get_logger
    from footbridge.settings import settings
    from footbridge.store.engine import open_database

    found = open_database(settings().database_url.get_secret_value())
    log = get_logger(__name__)
    try:
        for tenant, partner, cause in missing_credentials(found):
            log.warning("partner.credential-missing", tenant=tenant, partner=partner, cause=cause)
            click.echo(
                _(
                    "Warning: partner {partner} of tenant {tenant} cannot be reached. {cause}",
                    partner=partner,
                    tenant=tenant,
                    cause=str(cause),
                ),
                err=True,
            )
    finally:
        found.dispose()


def missing_credentials(found: "Database") -> Iterator[tuple[str, str, str]]:
    """Tenant, partner and cause (in our words) of each credential that is missing."""
    from footbridge.store.credentials import require_secrets
    from footbridge.store.partners import list_partners
    from footbridge.store.tenants import list_tenants

    with found.read() as connection:
        partners = [
            (one.name, entry) for one in list_tenants(connection) for entry in list_partners(connection, one.name)
        ]
    for tenant, partner in partners:
        try:
            credential = reference_of(found, tenant, partner)
            if credential is not None:
                require_secrets(credential)
        except ConfigurationError as error:
            yield tenant, partner.name, str(error)


def reference_of(found: "Database", tenant: str, partner: "Partner") -> str | None:
    """The reference of a partner's secret, wherever that is noted; None where it needs none, or a key of ours signs."""
    from footbridge.errors import NotFoundError
    from footbridge.store.credentials import SMART
    from footbridge.store.smart_servers import get_smart_server

    if partner.credential != SMART:
        return partner.credential
    try:
        with found.read() as connection:
            return get_smart_server(connection, tenant, partner.name).secret
    except NotFoundError:
        return None
