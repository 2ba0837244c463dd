"""What several commands need: the database, the tenant meant, the partner meant."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import difflib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from footbridge.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.partners.networks import Networks
    from footbridge.store.engine import Database
    from footbridge.store.partners import Partner

PREFIX = "FOOTBRIDGE_"

tenant_option = click.option("--tenant", help="Tenant name; optional if there is only one.")


def database() -> "Database":
    """The database of the settings, migrated; it is closed when the command ends."""
    from footbridge.settings import settings
    from footbridge.store.engine import open_database
    from footbridge.store.migrate import upgrade

    found = open_database(settings().database_url.get_secret_value())
    click.get_current_context().call_on_close(found.dispose)
    upgrade(found)
    return found


def networks(found: "Database") -> "Networks":
    """The partners' networks over a database."""
    from footbridge.model.clock import SystemClock
    from footbridge.partners.networks import Networks, Surroundings
    from footbridge.validation import Validator

    return Networks(Surroundings(found, SystemClock(), Validator()))


def check_settings() -> None:
    """Raise ConfigurationError where a setting is wrong, before a command begins that reads them only underway.

    They are looked at only where there are any: most often there is none, and to read them takes longer than to
    validate a resource. FOOTBRIDGE_TEST_ is for the tests.
    """
    names = {name.upper() for name in os.environ}
    if any(name.startswith("FOOTBRIDGE_") and not name.startswith("FOOTBRIDGE_TEST_") for name in names):
        from footbridge.settings import settings

        settings()


def warn_of_misspelt_settings() -> None:
    """Tell on standard error each variable that is nearly a setting."""
    from footbridge.settings import Settings, variables

    names = [variable for name in Settings.model_fields for variable in variables(name)]
    for given in sorted(os.environ):
        if given.upper().startswith(PREFIX) and given.upper() not in names:
            near = difflib.get_close_matches(given.upper(), names, n=1, cutoff=0.8)
            if near:
                click.echo(f"Warning: {given} is not a setting; did you mean {near[0]}?", err=True)


def tenant_of(found: "Database", named: str | None) -> str:
    """The tenant that is named, or the only one. Raises ConfigurationError when neither tells it."""
    from footbridge.store.tenants import list_tenants

    with found.read() as connection:
        names = [tenant.name for tenant in list_tenants(connection)]
    if named is None and len(names) == 1:
        return names[0]
    if named in names:
        return str(named)
    if not names:
        raise ConfigurationError("No tenant yet: `footbridge tenant add NAME` creates one.")
    if named is None:
        raise ConfigurationError(f"Specify --tenant (one of: {', '.join(names)}).")
    raise ConfigurationError(unknown("tenant", named, names))


def partner_of(connection: "Connection", tenant: str, name: str) -> "Partner":
    """The tenant's partner of that name; raises NotFoundError with the nearest one's name."""
    from footbridge.store.partners import list_partners

    known = {partner.name: partner for partner in list_partners(connection, tenant)}
    if name not in known:
        raise NotFoundError(unknown("partner", name, known))
    return known[name]


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence that says that there is no such thing, and what there is."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"Unknown {what} {name!r}. Did you mean {near[0]!r}?"
    return f"Unknown {what} {name!r}; known: {', '.join(names) or 'none yet'}."
