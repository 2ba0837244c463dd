"""``footbridge outbox``: messages owed to partners; what waits for a person."""

from datetime import UTC, datetime

import click

from footbridge.cli.context import database, json_option, show
from footbridge.sync import admin
from footbridge.sync.outbox import STATES


@click.group("outbox")
def command() -> None:
    """Look at messages owed to partners; send one again or give it up."""


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only messages in this state; parked ones wait for a person.")
@click.option("--partner", help="Only messages to this partner.")
@click.option("--tenant", help="Only messages of this tenant.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
def list_(state: str | None, partner: str | None, tenant: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first, with the status of the partner's last answer.

    \b
    Example:
      footbridge outbox list --state parked
    """
    with database().read() as connection:
        found = admin.entries(connection, state=state, partner=partner, tenant=tenant, limit=limit)
    rows = [
        {
            "id": entry.id,
            "tenant": entry.tenant,
            "partner": entry.partner,
            "kind": entry.kind,
            "state": entry.state,
            "attempts": entry.attempts,
            "due": entry.due.isoformat(timespec="seconds"),
            "answer": entry.last_status,
            "error": entry.last_error,
        }
        for entry in found
    ]
    show(rows, "No such messages.", as_json=as_json)


@command.command("retry")
@click.argument("message", type=int)
def retry(message: int) -> None:
    """Send a parked or dead message again, at once.

    \b
    Example:
      footbridge outbox retry 17
    """
    with database().write() as connection:
        admin.retry(connection, message, now=datetime.now(UTC))
    click.echo(f"Message {message} is ready to be sent.")


@command.command("drop")
@click.argument("message", type=int)
@click.option("--by", default="command line", show_default=True, help="Who gives it up; kept with the message.")
@click.confirmation_option(prompt="The partner will not get this message. Give it up?")
def drop(message: int, by: str) -> None:
    """Give a message up, so that what waits behind it goes on.

    \b
    Example:
      footbridge outbox drop 17 --yes
    """
    with database().write() as connection:
        admin.drop(connection, message, by=by, now=datetime.now(UTC))
    click.echo(f"Message {message} is given up.")
