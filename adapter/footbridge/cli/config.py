"""``footbridge config``: which settings hold, and where they come from."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import click

from footbridge.cli.context import warn_of_misspelt_settings
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import translated


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
    from footbridge.shown_settings import setting_rows

    rows = setting_rows()
    warn_of_misspelt_settings()
    if as_json:
        print_json({row["setting"]: row for row in rows})
        return
    for row in rows:
        click.echo(f"{click.style(row['setting'], bold=True)}={row['value']}  ({row['from']})")
        click.echo(f"    {translated(row['meaning'])}")
