"""``footbridge waiting``: the referrals that go no further until a person does something."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, show


@click.command("waiting")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Maximum number to list.")
@tenant_option
@json_option("a list of JSON objects: identifier, prescription, referral, partner, status, why, since")
def command(limit: int, tenant: str | None, as_json: bool) -> None:
    """List the referrals that wait for a person, those that wait longest first.

    nobody-asked: no partner has it. not-helped: its service declined or cancelled it, or failed. overdue: its
    service has not answered within FOOTBRIDGE_RESPONSE_DAYS.

    \b
    Example:
      footbridge waiting
    """
    from footbridge.model.principals import Principal
    from footbridge.security.access import seen_prescriptions
    from footbridge.store.worklist import waiting_referrals

    found = database()
    owner = tenant_of(found, tenant)
    admin = Principal("admin", name="command", tenant=owner, channel="command")
    with found.read() as connection:
        rows = [
            {
                "identifier": row.identifier_value,
                "prescription": row.prescription,
                "referral": row.id,
                "partner": row.partner,
                "status": row.status,
                "why": row.why,
                "since": row.since.isoformat(timespec="seconds"),
            }
            for row in waiting_referrals(connection, seen_prescriptions(admin), limit=limit)
        ]
    show(rows, "No referrals wait for a person.", as_json=as_json)
