"""``footbridge partner set`` and ``footbridge partner remove``: what becomes of a partner that is there."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.errors import ConfigurationError

if TYPE_CHECKING:
    from footbridge.store.partners import Partner

MEMBERS = "name, network, role, title, base_url, credential, delivery, guide, custodian, poll_seconds"


@click.command("set")
@click.argument("name")
@click.option("--base-url", help="New address of the same server, with what was sent to it.")
@click.option("--title", help="Name of the organisation.")
@click.option("--credential", help="Where its bearer token is: env:NAME or file:PATH; never the token itself.")
@click.option("--no-credential", is_flag=True, help="It needs no token any more.")
@click.option(
    "--delivery",
    type=click.Choice(["transaction", "resources"]),
    help="One transaction Bundle, or conditional creates one by one.",
)
@click.option(
    "--guide", type=click.Choice(["3.0.0", "2.3.0"]), help="Version of the SDOH Clinical Care guide that it is set to."
)
@click.option(
    "--custodian/--no-custodian",
    default=None,
    help="Whether it is a health information custodian, who may get health card numbers.",
)
@click.option("--poll-seconds", type=click.IntRange(min=1), help="Seconds between two polls, from the next one on.")
@tenant_option
@json_option(f"one JSON object: {MEMBERS}")
def set_(name: str, no_credential: bool, tenant: str | None, as_json: bool, **given: str | int | None) -> None:
    """Change a partner NAME; what is not specified stays as it is.

    A running server uses it from the next message or poll on. Another system is another partner: add it under a name
    of its own.

    \b
    Example:
      footbridge partner set emr --credential file:/run/secrets/emr-token
      footbridge partner set north-end-hub --base-url https://fhir.hub.test/r4 --poll-seconds 1800
    """
    from footbridge.cli.context import networks
    from footbridge.store.partners import Partner, change_partner

    wanted: dict[str, str | int | None] = {member: value for member, value in given.items() if value is not None}
    if no_credential and "credential" in wanted:
        raise click.UsageError("Give --credential or --no-credential, not both.")
    if no_credential:
        wanted["credential"] = None
    if not wanted:
        raise click.UsageError("Specify what to change, such as --title or --base-url.")
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        entry = Partner(**{**asdict(partner_of(connection, owner, name)), **wanted})
        changed = change_partner(connection, owner, entry)
        networks(found).of(owner, changed)  # refuses what no delivery could use; connects nothing
    tell_kept(changed, f"Partner {name} is changed.", as_json=as_json)


@click.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@tenant_option
@json_option("one JSON object: name, revoked_tokens")
def remove(name: str, yes: bool, tenant: str | None, as_json: bool) -> None:
    """Remove a partner NAME, and revoke the tokens of its users.

    Prescriptions and their timelines stay. Where it was the tenant's default requester, there is none until
    `footbridge tenant set` names another. Exit code 1 while it is in use: by a route, by messages that are queued for
    it, by open referrals; a requester, by prescriptions that are still open.

    \b
    Example:
      footbridge partner remove closed-service
    """
    from footbridge.referrals.onboarding import unregister_partner
    from footbridge.store.tenants import get_tenant

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        partner_of(connection, owner, name)
        was_default = get_tenant(connection, owner).requester == name
    if not yes:
        click.confirm(
            f"Footbridge will delete the address of {name} and the links to its records. Remove it?", abort=True
        )
    with found.write() as connection:
        revoked = unregister_partner(connection, owner, name, datetime.now(UTC))
    if was_default:
        words = f"{name} was the default requester; `footbridge tenant set {owner} --requester PARTNER` names another."
        click.echo(f"Note: {words}", err=True)
    if as_json:
        print_json({"name": name, "revoked_tokens": revoked})
    else:
        click.echo(f"Partner {name} is removed. Tokens revoked: {revoked}.")


def tell_kept(partner: "Partner", words: str, *, as_json: bool) -> None:
    """Tell what a partner is from now on, and how to try it."""
    note_missing(partner.credential)
    if as_json:
        print_json(asdict(partner))
    else:
        click.echo(f"{words} Try it with `footbridge partner test {partner.name}`.")


def note_missing(credential: str | None) -> None:
    """Tell when a credential is not to be found from here; the server may well see it."""
    from footbridge.store.credentials import resolve_credential

    try:
        if credential is not None:
            resolve_credential(credential)
    except ConfigurationError as error:
        click.echo(f"Note: {error}", err=True)
