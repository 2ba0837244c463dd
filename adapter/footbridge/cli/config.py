"""``footbridge config``: which settings hold, and where they come from."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import os
import re
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import warn_of_misspelt_settings
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _, translated

if TYPE_CHECKING:
    from pydantic import SecretStr

USER_INFO = r"(//[^/@:]*:)[^/@]*@"


@click.group("config")
def command() -> None:
    """Show the settings.

    \b
    Example:
      footbridge config show
    """


@command.command("show")
@json_option("one JSON object: by the name of each setting an object with setting, value, from, meaning")
def show(as_json: bool) -> None:
    """Print every setting: its value, where it comes from, what it means.

    Passwords are hidden. A variable that looks like a setting but is not one is reported on standard error.

    \b
    Example:
      FOOTBRIDGE_PORT=9000 footbridge config show
    """
    from footbridge.settings import Settings

    rows = [_row(name) for name in Settings.model_fields]
    warn_of_misspelt_settings()
    if as_json:
        print_json({row["setting"]: row for row in rows})
        return
    for row in rows:
        click.echo(f"{click.style(row['setting'], bold=True)}={row['value']}  ({row['from']})")
        click.echo(f"    {translated(row['meaning'])}")


def _row(name: str) -> dict[str, str]:
    from pydantic import SecretStr

    from footbridge.settings import Settings, settings, variables

    names = variables(name)
    value = getattr(settings(), name)
    if isinstance(value, SecretStr):
        value = _without_password(value) if name == "database_url" else "***"
    return {
        "setting": names[0],
        "value": "" if value is None else re.sub(USER_INFO, r"\1***@", str(value)),
        "from": "environment" if {given.upper() for given in os.environ}.intersection(names) else "default",
        "meaning": Settings.model_fields[name].description or "",
    }


def _without_password(url: "SecretStr") -> str:
    """A database URL to look at; ``***`` for one that cannot be read, since a secret may be anywhere in it."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url.get_secret_value())
    except (ArgumentError, ValueError):
        return _("*** (this is not a database URL)")
    shown = {name: value for name, value in parsed.query.items() if "password" not in name.lower()}
    left_out = "" if len(shown) == len(parsed.query) else _(" (and a password, ***)")
    return parsed.set(query=shown).render_as_string(hide_password=True) + left_out
