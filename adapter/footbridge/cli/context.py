"""What several commands need: the database, the tenant meant, the partner meant."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import difflib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.partners.networks import Networks
    from footbridge.store.engine import Database
    from footbridge.store.partners import Partner

PREFIX = "FOOTBRIDGE_"

tenant_option = click.option("--tenant", help="Tenant name; else FOOTBRIDGE_TENANT; optional if there is only one.")


def database(*, create: bool = False, any_version: bool = False) -> "Database":
    """The database of the settings, at the version of the code; it is closed when the command ends.

    Only a command that begins something (``create``) makes a SQLite file or the tables of an empty database. Raises
    ConfigurationError where another finds none, since an empty database under a misspelt path would hide the right one,
    and for a database of another version (but with ``any_version``): nothing migrates it in passing.
    """
    from footbridge.settings import settings
    from footbridge.store.engine import file_of, open_database
    from footbridge.store.migrate import require_current

    url = settings().database_url.get_secret_value()
    path = file_of(url)
    is_missing = path is not None and not path.exists()
    if is_missing and not create:
        raise ConfigurationError(
            _(
                "There is no database at {path}. `footbridge tenant add NAME` creates it; if it is "
                "elsewhere, set FOOTBRIDGE_DATABASE_URL.",
                path=path,
            )
        )
    found = open_database(url)
    click.get_current_context().call_on_close(found.dispose)
    if not any_version:
        require_current(found, create=create)
    if is_missing:
        click.echo(_("Created the database {path}.", path=path), err=True)
    return found


def warn_of_wide_modes() -> None:
    """Log each file of the SQLite database, and its folder, that other users of the machine may open."""
    from footbridge.logs import get_logger
    from footbridge.private_files import wide_modes
    from footbridge.settings import settings
    from footbridge.store.engine import file_of, files_of

    path = file_of(settings().database_url.get_secret_value())
    for wide in wide_modes(files_of(path)) if path is not None else ():
        get_logger(__name__).warning("database.mode-too-wide", path=wide.path, mode=wide.mode, mend=wide.command)


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
    names.discard("FOOTBRIDGE_LANG")  # the root command has read it
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
                click.echo(
                    _("Warning: {given} is not a setting; did you mean {near}?", given=given, near=near[0]), err=True
                )


def our_address() -> str:
    """The address at which others reach us, as far as the settings say: without a slash at its end."""
    from footbridge.settings import settings

    return settings().own_url


def tenant_of(found: "Database", named: str | None) -> str:
    """The tenant that is named, by the setting ``tenant`` too, or the only one. Raises ConfigurationError."""
    from footbridge.settings import settings
    from footbridge.store.tenants import list_tenants

    named = named or settings().tenant
    with found.read() as connection:
        names = [tenant.name for tenant in list_tenants(connection)]
    if named is None and len(names) == 1:
        return names[0]
    if named in names:
        return str(named)
    if not names:
        raise ConfigurationError(_("No tenant yet: `footbridge tenant add NAME` creates one."))
    if named is None:
        raise ConfigurationError(
            _("Specify --tenant or set FOOTBRIDGE_TENANT (one of: {names}).", names=", ".join(names))
        )
    raise ConfigurationError(unknown(_("tenant"), named, names))


def partner_of(connection: "Connection", tenant: str, name: str) -> "Partner":
    """The tenant's partner of that name; raises NotFoundError with the nearest one's name."""
    from footbridge.store.partners import list_partners

    known = {partner.name: partner for partner in list_partners(connection, tenant)}
    if name not in known:
        raise NotFoundError(unknown(_("partner"), name, known))
    return known[name]


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence that says that there is no such thing, and what there is."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return _("Unknown {what} {name!r}. Did you mean {near!r}?", what=what, name=name, near=near[0])
    return _("Unknown {what} {name!r}; known: {names}.", what=what, name=name, names=", ".join(names) or _("none yet"))
