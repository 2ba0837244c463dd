"""``footbridge outbox``: messages to partners, and those that need a person."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, tenant_of, unknown
from footbridge.cli.output import json_option, print_json, show
from footbridge.errors import NotFoundError

if TYPE_CHECKING:
    from footbridge.store.engine import Database

STATES = ("ready", "done", "failed", "abandoned")
FORMER_STATES = {"parked": "failed", "dead": "abandoned"}


class _State(click.Choice[str]):
    """A state of a message; its former name is accepted too."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(FORMER_STATES.get(value, value), param, ctx)


def _several(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command takes several failed messages in place of one by its number."""
    for option in (
        click.option("--tenant", help="With --all or --partner: only messages of this tenant."),
        click.option("--partner", help="Every failed message to this partner."),
        click.option("--all", "every", is_flag=True, help="Every failed message."),
    ):
        command = option(command)
    return command


@click.group("outbox")
def command() -> None:
    """List messages to partners; retry or drop them.

    \b
    Example:
      footbridge outbox list --state failed
    """


@command.command("list")
@click.option("--state", type=_State(STATES), help="Only messages in this state; failed ones wait for a person.")
@click.option("--partner", help="Only messages to this partner.")
@click.option("--tenant", help="Only messages of this tenant.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Maximum number to list.")
@json_option("a list of JSON objects: id, tenant, partner, kind, state, attempts, due, answer, error")
def list_(state: str | None, partner: str | None, tenant: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first, with the status of the partner's last answer.

    \b
    Example:
      footbridge outbox list --state failed
    """
    from footbridge.jobs.queue import JobQueue

    found = database()
    owner = None if tenant is None else tenant_of(found, tenant)
    with found.read() as connection:
        entries = JobQueue(connection).list(state=state, partner=partner, tenant=owner, limit=limit)
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
@click.argument("message", type=int, required=False)
@_several
@json_option("one JSON object: id, state; of several messages: state, count")
def retry(message: int | None, every: bool, partner: str | None, tenant: str | None, as_json: bool) -> None:
    """Retry a failed or abandoned message at once, or all failed ones.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is in another
    state. With --all or --partner, messages that somebody abandoned are left out.

    \b
    Example:
      footbridge outbox retry 17
      footbridge outbox retry --partner north-end-hub
    """
    from footbridge.jobs.queue import JobQueue

    _must_say_which(message, every, partner, tenant)
    found = database()
    whose = _whose(found, partner, tenant)
    with found.write() as connection:
        count = JobQueue(connection).retry_again(message, now=datetime.now(UTC), partner=partner, tenant=whose)
    _tell(message, count, "ready", "ready to be sent", as_json=as_json)


@command.command("drop")
@click.argument("message", type=int, required=False)
@_several
@click.option("--by", default="command line", show_default=True, help="Who abandons it; stored with the message.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("one JSON object: id, state; of several messages: state, count")
def drop(  # noqa: PLR0913, PLR0917 - one parameter an option
    message: int | None, every: bool, partner: str | None, tenant: str | None, by: str, yes: bool, as_json: bool
) -> None:
    """Abandon a message, so that later messages of its key are sent; or all failed ones.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is done. The
    partner never gets an abandoned message: inform it by other means.

    \b
    Example:
      footbridge outbox drop 17 --yes
      footbridge outbox drop --partner closed-service --by kit
    """
    from footbridge.jobs.queue import JobQueue

    _must_say_which(message, every, partner, tenant)
    found = database()
    whose = _whose(found, partner, tenant)
    if not yes:
        with found.read() as connection:
            number = JobQueue(connection).counts(partner=partner, tenant=whose)["failed"]
        one = "The partner will not get this message. Abandon it?"
        click.confirm(one if message else f"Messages that no partner will get: {number}. Abandon them?", abort=True)
    with found.write() as connection:
        count = JobQueue(connection).abandon(message, by=by, now=datetime.now(UTC), partner=partner, tenant=whose)
    _tell(message, count, "abandoned", "abandoned", as_json=as_json)


def _must_say_which(message: int | None, every: bool, partner: str | None, tenant: str | None) -> None:
    if message is not None and (every or partner is not None or tenant is not None):
        raise click.UsageError("Specify one MESSAGE, or several with --all, --partner or --tenant; not both.")
    if message is None and not every and partner is None:
        raise click.UsageError("Specify a MESSAGE, or all failed ones with --all or --partner NAME.")


def _whose(found: "Database", partner: str | None, tenant: str | None) -> str | None:
    """The tenant that is named; raises when it, or its partner, is unknown."""
    from footbridge.store.partners import list_partners
    from footbridge.store.tenants import list_tenants

    owner = None if tenant is None else tenant_of(found, tenant)
    with found.read() as connection:
        owners = [one.name for one in list_tenants(connection)] if owner is None else [owner]
        names = sorted({one.name for whose in owners for one in list_partners(connection, whose)})
    if partner is not None and partner not in names:
        raise NotFoundError(unknown("partner", partner, names))
    return owner


def _tell(message: int | None, count: int, state: str, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"state": state, "count": count} if message is None else {"id": message, "state": state})
    elif message is not None:
        click.echo(f"Message {message} is {said}.")
    else:
        click.echo(f"Messages that are {said}: {count}.")
