"""``footbridge waiting``: the referrals that go no further until a person does something."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, show
from footbridge.i18n import current
from footbridge.i18n.eager import _


@click.command("waiting")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Maximum number to list.")
@tenant_option
@json_option(
    "a list of JSON objects: identifier, partner, status, why, since, cause, message, action, prescription, referral, "
    "service"
)
def command(limit: int, tenant: str | None, as_json: bool) -> None:
    """List the referrals that wait for a person, those that wait longest first.

    not-delivered: a message about it failed, so that PARTNER does not have it; CAUSE says why, and MESSAGE is its
    number for `footbridge outbox retry` and `drop`. given-up: such a message was abandoned. nobody-asked: no partner
    has it. not-helped: its service declined or cancelled it, or failed. overdue: its service has it, and has not
    answered within FOOTBRIDGE_RESPONSE_DAYS. not-processed, ended-otherwise, answer-contradicts: what its service or
    the client says does not fit. not-verified: nobody has verified its service in the directory for long. --json says
    what to do about each, and how its service of the directory is reached.

    \b
    Example:
      footbridge waiting
    """
    from footbridge.model.principals import Principal
    from footbridge.model.reasons import action_for
    from footbridge.referrals.chosen_service import contact_words, named_services
    from footbridge.security.access import seen_prescriptions
    from footbridge.store.ocean_messages import failed
    from footbridge.store.worklist import waiting_referrals

    found = database()
    owner = tenant_of(found, tenant)
    admin = Principal("admin", name="command", tenant=owner, channel="command")
    with found.read() as connection:
        waiting = waiting_referrals(connection, seen_prescriptions(admin), limit=limit)
        messages = failed(connection, owner, limit)
        services = named_services(connection, owner, (row.prescription for row in waiting if row.partner is None))
        rows = [
            {
                "identifier": row.identifier_value,
                "partner": row.partner,
                "status": row.status,
                "why": row.why,
                "since": row.since.isoformat(timespec="seconds"),
                "cause": row.cause,
                "message": row.message,
                "action": action_for(row.why, current()),
                "prescription": row.prescription,
                "referral": row.id,
                "service": contact_words(services[row.prescription]) if row.prescription in services else None,
            }
            for row in waiting
        ]
    if not as_json:
        rows = [{name: value for name, value in row.items() if name not in _FOR_PROGRAMS} for row in rows]
    show(rows, _("No referrals wait for a person."), as_json=as_json)
    if messages:
        note = _("Messages of Ocean sites that cannot be processed: {count}.", count=len(messages))
        click.echo(_("{note} `footbridge partner message list --state failed` lists them.", note=note), err=True)


_FOR_PROGRAMS = ("action", "prescription", "referral", "service")
"""Too wide for a line: ids of ours, and whole sentences."""
