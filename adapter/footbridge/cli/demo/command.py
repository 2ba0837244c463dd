"""``footbridge demo``: the whole loop on one machine, in one process, in seconds."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys

import click

from footbridge.cli.output import json_option
from footbridge.i18n.eager import _


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave everything running, and print addresses and tokens to try it with.")
@click.option(
    "--database-url",
    metavar="URL",
    help="An empty database, e.g. postgresql+psycopg://USER@HOST/NAME; a temporary SQLite file when left out.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65532),
    metavar="PORT",
    help="Port of the API; the EMR and the services take the next three. 0 takes free ones. Left out: with --keep 8090 "
    "to 8093 if they are free, else free ones.",
)
@click.option(
    "--network",
    type=click.Choice(["fhir", "ocean"]),
    default="fhir",
    show_default=True,
    help="fhir: an EMR and services with FHIR servers. ocean: six referrals of a clinic in a simulated Ocean.",
)
@json_option("one object: the rows of the table, and the proof")
def command(*, keep: bool, port: int | None, database_url: str | None, network: str, as_json: bool) -> None:
    """Play the prescriptions of examples/: from the medical record to the services, and the outcomes back.

    Starts the adapter, a simulated EMR and two simulated services on loopback, moves their clock through eleven
    weeks, shows what happens, then reads the outcomes back from the EMR and compares. Exit code 1 when anything
    disagrees. With --keep everything goes on until Ctrl-C or SIGTERM: the services work on each new referral within
    half a minute.

    \b
    Example:
      footbridge demo
      footbridge demo --keep
      footbridge demo --keep --port 9000
      footbridge demo --network ocean
    """
    if network == "ocean":
        if keep or port is not None or database_url is not None:
            raise click.UsageError(_("--keep, --port and --database-url are not for --network ocean."))
        from footbridge.cli.demo.ocean import perform_ocean

        sys.exit(0 if perform_ocean(as_json=as_json) else 1)
    from footbridge.cli.demo.performance import perform

    sys.exit(0 if perform(keep=keep, port=port, database_url=database_url, as_json=as_json) else 1)
