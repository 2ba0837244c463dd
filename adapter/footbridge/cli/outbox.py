"""``footbridge outbox``: messages owed to partners; what waits for a person."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from datetime import UTC, datetime

import click

from footbridge.cli.context import database, tenant_of
from footbridge.cli.output import json_option, print_json, show

STATES = ("ready", "done", "dead", "parked")


@click.group("outbox")
def command() -> None:
    """Look at messages owed to partners; send one again or give it up.

    \b
    Example:
      footbridge outbox list --state parked
    """


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only messages in this state; parked ones wait for a person.")
@click.option("--partner", help="Only messages to this partner.")
@click.option("--tenant", help="Only messages of this tenant.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The most that are listed."
)
@json_option("a list of JSON objects: id, tenant, partner, kind, state, attempts, due, answer, error")
def list_(state: str | None, partner: str | None, tenant: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first, with the status of the partner's last answer.

    \b
    Example:
      footbridge outbox list --state parked
    """
    from footbridge.sync import admin

    found = database()
    owner = None if tenant is None else tenant_of(found, tenant)
    with found.read() as connection:
        entries = admin.entries(connection, state=state, partner=partner, tenant=owner, limit=limit)
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
        for entry in entries
    ]
    show(rows, "No such messages.", as_json=as_json)


@command.command("retry")
@click.argument("message", type=int)
@json_option("one JSON object: id, state")
def retry(message: int, as_json: bool) -> None:
    """Send a parked or dead message again, at once.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is in another
    state.

    \b
    Example:
      footbridge outbox retry 17
    """
    from footbridge.sync import admin

    with database().write() as connection:
        admin.retry(connection, message, now=datetime.now(UTC))
    _tell(message, "ready", "is ready to be sent", as_json=as_json)


@command.command("drop")
@click.argument("message", type=int)
@click.option("--by", default="command line", show_default=True, help="Who gives it up; kept with the message.")
@click.confirmation_option(prompt="The partner will not get this message. Give it up?", help="Do not ask.")
@json_option("one JSON object: id, state")
def drop(message: int, by: str, as_json: bool) -> None:
    """Give a message up, so that what waits behind it goes on.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is done.

    \b
    Example:
      footbridge outbox drop 17 --yes
    """
    from footbridge.sync import admin

    with database().write() as connection:
        admin.drop(connection, message, by=by, now=datetime.now(UTC))
    _tell(message, "dead", "is given up", as_json=as_json)


def _tell(message: int, state: str, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": message, "state": state})
    else:
        click.echo(f"Message {message} {said}.")
