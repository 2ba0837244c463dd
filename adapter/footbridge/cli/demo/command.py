"""``footbridge demo``: the whole loop on one machine, in one process, in seconds."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys

import click

from footbridge.cli.output import json_option


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave everything running, and print addresses and tokens to try it with.")
@click.option(
    "--database-url",
    metavar="URL",
    help="An empty database, e.g. postgresql+psycopg://USER@HOST/NAME; a temporary SQLite file when left out.",
)
@json_option("one object: the rows of the table, and the proof")
def command(*, keep: bool, database_url: str | None, as_json: bool) -> None:
    """Play the prescriptions of examples/: from the medical record to the services, and the outcomes back.

    Starts the adapter, a simulated EMR and two simulated services on loopback, moves their clock through eleven
    weeks, shows what happens, then reads the outcomes back from the EMR and compares. Exit code 1 when anything
    disagrees.

    \b
    Example:
      footbridge demo
      footbridge demo --keep
    """
    from footbridge.cli.demo.performance import perform

    sys.exit(0 if perform(keep=keep, database_url=database_url, as_json=as_json) else 1)
