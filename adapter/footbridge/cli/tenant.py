"""``footbridge tenant``: organisations whose data are kept apart, and their tokens."""

from datetime import UTC, datetime

import click

from footbridge.cli.context import database, json_option, print_json, show
from footbridge.store.tenants import Caller, add_tenant, list_tenants, make_token

ROLES = ("requester", "navigator", "recipient", "admin")


@click.group("tenant")
def command() -> None:
    """Add tenants, list them, make tokens for their users."""


@command.command("add")
@click.argument("name")
@click.option("--jurisdiction", type=click.Choice(["us", "ca"]), default="us", show_default=True)
@click.option("--actor", default="admin", show_default=True, help="Name of the first user.")
@click.option("--role", type=click.Choice(ROLES), default="requester", show_default=True, help="The first user's role.")
@json_option
def add(name: str, jurisdiction: str, actor: str, role: str, as_json: bool) -> None:
    """Add a tenant and print a bearer token for its first user. The token is shown this once.

    \b
    Example:
      footbridge tenant add riverside --jurisdiction ca --actor emr
    """
    now = datetime.now(UTC)
    with database().write() as connection:
        tenant = add_tenant(connection, name, "ca" if jurisdiction == "ca" else "us", now)
        token = make_token(connection, Caller(name, actor, role, None), now)
    if as_json:
        print_json({"tenant": tenant.name, "jurisdiction": tenant.jurisdiction, "token": token})
    else:
        click.echo(f"Tenant {tenant.name} ({tenant.jurisdiction}). Token for {actor}, {role}; it is not shown again:")
        click.echo(token)


@command.command("token")
@click.argument("name")
@click.option("--actor", required=True, help="Who uses it; appears in the timeline.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--partner", help="For a recipient: the partner that it speaks for.")
@json_option
def token(name: str, actor: str, role: str, partner: str | None, as_json: bool) -> None:
    """Make a bearer token for a user of a tenant. It is shown this once.

    \b
    Example:
      footbridge tenant token riverside --actor "link worker" --role navigator
    """
    with database().write() as connection:
        made = make_token(connection, Caller(name, actor, role, partner), datetime.now(UTC))
    if as_json:
        print_json({"tenant": name, "actor": actor, "role": role, "partner": partner, "token": made})
    else:
        click.echo(made)


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the tenants.

    \b
    Example:
      footbridge tenant list --json
    """
    with database().read() as connection:
        rows = [
            {"tenant": one.name, "jurisdiction": one.jurisdiction, "since": one.created.isoformat()}
            for one in list_tenants(connection)
        ]
    show(rows, "There is no tenant yet: `footbridge tenant add NAME` makes one.", as_json=as_json)
