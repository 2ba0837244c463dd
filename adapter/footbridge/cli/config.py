"""``footbridge config``: which settings hold, and where they come from."""

import json
import os

import click
from pydantic import SecretStr
from sqlalchemy import make_url

from footbridge.settings import Settings, settings


@click.group("config")
def command() -> None:
    """Look at the settings."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(as_json: bool) -> None:
    """Print every setting: its value, where it comes from, what it means. Passwords are hidden.

    \b
    Example:
      FOOTBRIDGE_PORT=9000 footbridge config show
    """
    rows = [_row(name) for name in Settings.model_fields]
    if as_json:
        click.echo(json.dumps({row["setting"]: row for row in rows}, indent=2))
        return
    for row in rows:
        click.echo(f"{click.style(row['setting'], bold=True)}={row['value']}  ({row['from']})")
        click.echo(f"    {row['meaning']}")


def _row(name: str) -> dict[str, str]:
    variable = f"FOOTBRIDGE_{name.upper()}"
    value = getattr(settings(), name)
    if isinstance(value, SecretStr):
        value = make_url(value.get_secret_value()).render_as_string(hide_password=True)
    return {
        "setting": variable,
        "value": "" if value is None else str(value),
        "from": "environment" if variable in os.environ else "default",
        "meaning": Settings.model_fields[name].description or "",
    }
