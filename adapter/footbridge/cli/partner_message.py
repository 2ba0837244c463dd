"""``footbridge partner message``: what Ocean sites sent, and what becomes of messages that cannot be processed."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from typing import Any

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, show
from footbridge.i18n.eager import _

MEMBERS = "number, partner, event, state, why, text, at, since, referral, size"


@click.group("message")
def message() -> None:
    """List messages that Ocean sites sent; read one again, or drop it.

    \b
    Example:
      footbridge partner message list --state failed
    """


@message.command("list")
@click.option("--site", metavar="NAME", help="Of this site only.")
@click.option(
    "--state", type=click.Choice(["received", "read", "done", "failed", "dropped"]), help="In this state only."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Maximum number to list.")
@tenant_option
@json_option(f"a list of JSON objects: {MEMBERS}")
def list_(site: str | None, state: str | None, limit: int, tenant: str | None, as_json: bool) -> None:
    """List messages, the newest first.

    received, read: they wait for their turn. done: WHY says what became of it. failed: it cannot be processed, and
    waits for a person: `retry` reads it again, `drop` says that nobody needs it.

    \b
    Example:
      footbridge partner message list --state failed
    """
    from footbridge.i18n import current
    from footbridge.referrals.failed_messages import text_of
    from footbridge.store.ocean_messages import listed

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        rows = listed(connection, owner, partner=site, state=state, limit=limit)
    shown: list[dict[str, Any]] = [
        {
            "number": row.number,
            "partner": row.partner,
            "event": row.event,
            "state": row.state,
            "why": row.why,
            "text": text_of(row.why, current()),
            "at": None if row.at is None else row.at.isoformat(timespec="seconds"),
            "since": row.received.isoformat(timespec="seconds"),
            "referral": row.referral,
            "size": row.size,
        }
        for row in rows
    ]
    if not as_json:
        shown = [{name: one[name] for name in ("number", "partner", "event", "state", "why", "since")} for one in shown]
    show(shown, _("No message."), as_json=as_json)


@message.command("retry")
@click.argument("number", type=int)
@tenant_option
def retry(number: int, tenant: str | None) -> None:
    """Read the failed message NUMBER again, after its cause was corrected.

    \b
    Example:
      footbridge partner message retry 17
    """
    from footbridge.referrals.failed_messages import read_again

    found = database()
    owner = tenant_of(found, tenant)
    read_again(found, owner, number)
    click.echo(_("Message {number} will be read again.", number=number))


@message.command("drop")
@click.argument("number", type=int)
@tenant_option
def drop(number: int, tenant: str | None) -> None:
    """Say that nobody needs the failed message NUMBER: it waits no more.

    \b
    Example:
      footbridge partner message drop 17
    """
    from footbridge.store.ocean_messages import decide

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        decide(connection, owner, number, "dropped")
    click.echo(_("Message {number} is dropped.", number=number))
