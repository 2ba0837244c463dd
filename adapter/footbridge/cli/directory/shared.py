"""What several subcommands of ``footbridge directory`` need: the source that is meant."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import unknown
from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.directory.model import ServiceDocument
    from footbridge.directory.sources import Source


def moment(at: datetime, *, as_json: bool) -> str:
    """A time in UTC: for programs as RFC 3339 has it, for people to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if as_json else "%Y-%m-%d %H:%M UTC")


source_option = click.option("--source", metavar="NAME", help="Name of the source; optional if there is only one.")


def source_of(connection: "Connection", tenant: str, named: str | None) -> "Source":
    """The source that is named, or the only one. Raises ConfigurationError."""
    from footbridge.directory.sources import list_sources

    known = {one.name: one for one in list_sources(connection, tenant)}
    if not known:
        raise ConfigurationError(_("No directory yet: `footbridge directory import PATH --source NAME` imports one."))
    if named is None and len(known) == 1:
        return next(iter(known.values()))
    if named is None:
        raise ConfigurationError(_("Specify --source (one of: {known}).", known=", ".join(known)))
    if named not in known:
        raise ConfigurationError(unknown(_("source"), named, known))
    return known[named]


def current_of(connection: "Connection", tenant: str, named: Sequence[str]) -> dict[str, int]:
    """The import that counts of each source that is named, or of all. Raises ConfigurationError for an unknown one."""
    from footbridge.directory.sources import current_imports

    known = current_imports(connection, tenant)
    for name in named:
        if name not in known:
            raise ConfigurationError(unknown(_("source"), name, known))
    return {name: known[name] for name in named or known}


def check_imported(source: "Source") -> None:
    """Raise ConfigurationError where no import of a source has ended well yet: nothing can be said of its records."""
    if not source.current:
        raise ConfigurationError(
            _(
                "No import of {name} has ended well yet, so there is nothing to show. Import it again:"
                " `footbridge directory import {location} --source {name}`.",
                name=source.name,
                location=source.location,
            )
        )


def service_of(connection: "Connection", tenant: str, named: str) -> "ServiceDocument":
    """The service that is named, by our id or ``SOURCE:ID``. Raises NotFoundError."""
    from footbridge.directory.lookup import find_service

    found = find_service(connection, tenant, named)
    if found is None:
        raise NotFoundError(
            _("The directory has no service {service!r}: `footbridge directory search` finds ids.", service=named)
        )
    return found
