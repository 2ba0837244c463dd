"""``footbridge outbox``: messages to partners, and those that need a person."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, tenant_of, unknown
from footbridge.cli.output import json_option, print_json, show
from footbridge.errors import NotFoundError
from footbridge.i18n import current
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.model.principals import Principal
    from footbridge.referrals.outbox import OutboxEntry
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
@json_option(
    "a list of JSON objects: id, tenant, partner, identifier, categories, kind, state, why, attempts, due, answer, "
    "error, prescription, referral"
)
def list_(state: str | None, partner: str | None, tenant: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first, each with the prescription that it is about.

    KIND says what a message brings: the referral, an update of it, a message in words. WHY says why it failed or was
    abandoned, or that a later one superseded it. ANSWER is the HTTP status by which the partner did not take it, and
    ERROR what the last attempt failed of; both are empty for a message that was sent or superseded.

    \b
    Example:
      footbridge outbox list --state failed
    """
    from footbridge.referrals.outbox import listed

    found = database()
    owner = None if tenant is None else tenant_of(found, tenant)
    with found.read() as connection:
        rows = [_row(entry) for entry in listed(connection, state=state, partner=partner, tenant=owner, limit=limit)]
    if not as_json:
        rows = [{name: value for name, value in row.items() if name not in _IDS} for row in rows]
    show(rows, _("No such messages."), as_json=as_json)


_IDS = ("prescription", "referral")
"""Ids of ours, which only programs want to read."""


def _row(entry: "OutboxEntry") -> dict[str, Any]:
    message = entry.message
    return {
        "id": message.id,
        "tenant": message.tenant,
        "partner": message.partner,
        "identifier": entry.identifier,
        "categories": list(entry.categories),
        "kind": message.kind,
        "state": message.state,
        "why": message.why,
        "attempts": message.attempts,
        "due": message.due.isoformat(timespec="seconds"),
        "answer": message.last_status,
        "error": message.last_error,
        "prescription": message.prescription,
        "referral": message.referral,
    }


@command.command("retry")
@click.argument("message", type=int, required=False)
@_several
@click.option("--by", default="command line", show_default=True, help="Who retries it; stored in the timeline.")
@json_option("one JSON object: id, state; of several messages: state, count")
def retry(message: int | None, every: bool, partner: str | None, tenant: str | None, by: str, as_json: bool) -> None:
    """Retry a failed or abandoned message at once, or all failed ones.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is in another
    state. With --all or --partner, messages that somebody abandoned are left out.

    \b
    Example:
      footbridge outbox retry 17
      footbridge outbox retry --partner north-end-hub
    """
    from footbridge.model.clock import SystemClock
    from footbridge.referrals import outbox

    _must_say_which(message, every, partner, tenant)
    found = database()
    whose = _whose(found, partner, tenant)
    with found.write() as connection:
        count = outbox.retry(connection, SystemClock(), _operator(by), message, partner=partner, tenant=whose)
    _tell(message, count, "ready", as_json=as_json)


@command.command("drop")
@click.argument("message", type=int, required=False)
@_several
@click.option(
    "--by",
    default="command line",
    show_default=True,
    help="Who abandons it; stored with the message and in the timeline.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("one JSON object: id, state; of several messages: state, count")
def drop(  # noqa: PLR0913, PLR0917 - one parameter an option
    message: int | None, every: bool, partner: str | None, tenant: str | None, by: str, yes: bool, as_json: bool
) -> None:
    """Abandon a message, so that later ones about its prescription are sent; or all failed ones.

    MESSAGE is its number in `footbridge outbox list`. Exit code 1 when there is no such message, or it is done. The
    partner never gets an abandoned message: inform it by other means.

    \b
    Example:
      footbridge outbox drop 17 --yes
      footbridge outbox drop --partner closed-service --by kit
    """
    from footbridge.jobs.queue import JobQueue
    from footbridge.model.clock import SystemClock
    from footbridge.referrals import outbox

    _must_say_which(message, every, partner, tenant)
    found = database()
    whose = _whose(found, partner, tenant)
    if not yes:
        with found.read() as connection:
            if message is None:
                number = JobQueue(connection).counts(partner=partner, tenant=whose)["failed"]
                question = _("Messages that no partner will get: {number}. Abandon them?", number=number)
            else:
                question = _question(outbox.entry_of(connection, message))
        click.confirm(question, abort=True)
    with found.write() as connection:
        count = outbox.drop(connection, SystemClock(), _operator(by), message, partner=partner, tenant=whose)
    _tell(message, count, "abandoned", as_json=as_json)


def _question(entry: "OutboxEntry") -> str:
    """What is lost if a message is given up: whose, to whom, about what."""
    from footbridge.model.reasons import carried_text

    message, about = entry.message, ", ".join(entry.categories)
    about = f" ({about})" if about else ""
    named = (
        _("prescription {identifier}", identifier=entry.identifier)
        if entry.identifier
        else _("a prescription that is gone")
    )
    return _(
        "Message {number} to {partner} about {named}{about}, {state}: {carried}\n"
        "{partner} will not get it. Abandon it?",
        number=message.id,
        partner=message.partner,
        named=named,
        about=about,
        state=message.state,
        carried=carried_text(message.kind, current()),
    )


def _operator(by: str) -> "Principal":
    from footbridge.model.principals import Principal

    return Principal("admin", name=by, channel="command")


def _must_say_which(message: int | None, every: bool, partner: str | None, tenant: str | None) -> None:
    if message is not None and (every or partner is not None or tenant is not None):
        raise click.UsageError(_("Specify one MESSAGE, or several with --all, --partner or --tenant; not both."))
    if message is None and not every and partner is None:
        raise click.UsageError(_("Specify a MESSAGE, or all failed ones with --all or --partner NAME."))


def _whose(found: "Database", partner: str | None, tenant: str | None) -> str | None:
    """The tenant that is named; raises when it, or its partner, is unknown."""
    from footbridge.store.partners import list_partners
    from footbridge.store.tenants import list_tenants

    owner = None if tenant is None else tenant_of(found, tenant)
    with found.read() as connection:
        owners = [one.name for one in list_tenants(connection)] if owner is None else [owner]
        names = sorted({one.name for whose in owners for one in list_partners(connection, whose)})
    if partner is not None and partner not in names:
        raise NotFoundError(unknown(_("partner"), partner, names))
    return owner


def _tell(message: int | None, count: int, state: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"state": state, "count": count} if message is None else {"id": message, "state": state})
    elif state == "ready" and message is not None:
        click.echo(_("Message {number} is ready to be sent.", number=message))
    elif state == "ready":
        click.echo(_("Messages that are ready to be sent: {count}.", count=count))
    elif message is not None:
        click.echo(_("Message {number} is abandoned.", number=message))
    else:
        click.echo(_("Messages that are abandoned: {count}.", count=count))
