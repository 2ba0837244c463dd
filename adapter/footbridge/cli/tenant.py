"""``footbridge tenant``: organisations whose data are kept apart, and their tokens."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from datetime import UTC, datetime

import click

from footbridge.cli.context import database, partner_of, tenant_of
from footbridge.cli.output import json_option, print_json, show

ROLES = ("requester", "navigator", "recipient", "admin")
OWN_ROLES = ("requester", "navigator", "admin")


@click.group("tenant")
def command() -> None:
    """Add tenants, list them, make tokens for their users.

    \b
    Example:
      footbridge tenant add riverside --jurisdiction ca --actor emr
    """


@command.command("add")
@click.argument("name")
@click.option(
    "--jurisdiction",
    type=click.Choice(["us", "ca"]),
    default="us",
    show_default=True,
    help="Whose rules hold for its prescriptions.",
)
@click.option("--actor", default="admin", show_default=True, help="Name of the first user.")
@click.option(
    "--role", type=click.Choice(OWN_ROLES), default="requester", show_default=True, help="The first user's role."
)
@json_option("one JSON object: tenant, jurisdiction, actor, role, token")
def add(name: str, jurisdiction: str, actor: str, role: str, as_json: bool) -> None:
    """Add a tenant and print a bearer token for its first user.

    NAME has small letters, digits and hyphens. The token is shown this once, alone on standard output. Exit code 1
    when the name is taken.

    \b
    Example:
      footbridge tenant add riverside --jurisdiction ca --actor emr
      TOKEN=$(footbridge tenant add lakeside)
    """
    from footbridge.store.tenants import Caller, add_tenant, make_token

    now = datetime.now(UTC)
    with database().write() as connection:
        tenant = add_tenant(connection, name, "ca" if jurisdiction == "ca" else "us", now)
        token = make_token(connection, Caller(name, actor, role, None), now)
    if as_json:
        found = {"tenant": tenant.name, "jurisdiction": tenant.jurisdiction, "actor": actor, "role": role}
        print_json(found | {"token": token})
        return
    told = f"Tenant {tenant.name} ({tenant.jurisdiction}). Token for {actor}, {role}; it is not shown again:"
    click.echo(told, err=True)
    click.echo(token)


@command.command("token")
@click.argument("name")
@click.option("--actor", required=True, help="Who uses it; appears in the timeline.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What its user may do.")
@click.option("--partner", help="For a recipient: the partner that it speaks for.")
@json_option("one JSON object: tenant, actor, role, partner, token")
def token(name: str, actor: str, role: str, partner: str | None, as_json: bool) -> None:
    """Make a bearer token for a user of the tenant NAME. It is shown this once.

    A requester prescribes; a navigator speaks for services too; a recipient sees what its partner is asked to do; an
    admin reads everything.

    \b
    Example:
      footbridge tenant token riverside --actor "link worker" --role navigator
      footbridge tenant token riverside --actor intake --role recipient --partner north-end-hub
    """
    from footbridge.store.tenants import Caller, make_token

    if (role == "recipient") != (partner is not None):
        raise click.UsageError("A recipient's token needs --partner; no other role's has one.")
    found = database()
    tenant = tenant_of(found, name)
    with found.write() as connection:
        if partner is not None:
            partner_of(connection, tenant, partner)
        made = make_token(connection, Caller(tenant, actor, role, partner), datetime.now(UTC))
    if as_json:
        print_json({"tenant": name, "actor": actor, "role": role, "partner": partner, "token": made})
    else:
        click.echo(made)


@command.command("list")
@json_option("a list of JSON objects: tenant, jurisdiction, since")
def list_(as_json: bool) -> None:
    """List the tenants.

    \b
    Example:
      footbridge tenant list --json
    """
    from footbridge.store.tenants import list_tenants

    with database().read() as connection:
        rows = [
            {"tenant": one.name, "jurisdiction": one.jurisdiction, "since": one.created.isoformat(timespec="seconds")}
            for one in list_tenants(connection)
        ]
    show(rows, "There is no tenant yet: `footbridge tenant add NAME` makes one.", as_json=as_json)
