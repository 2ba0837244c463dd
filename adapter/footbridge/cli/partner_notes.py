"""Notes on standard error that several commands about partners print."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import click

from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _


def note_missing(credential: str | None) -> None:
    """Tell when a credential is not to be found from here; the server may well see it."""
    from footbridge.store.credentials import require_secrets

    try:
        if credential is not None:
            require_secrets(credential)
    except ConfigurationError as error:
        click.echo(_("Note: {error}", error=str(error)), err=True)
