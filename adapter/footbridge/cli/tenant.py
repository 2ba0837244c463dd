"""``footbridge tenant``: organisations whose data are kept apart, and their tokens."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, partner_of, tenant_of
from footbridge.cli.output import json_option, print_json, show
from footbridge.cli.tenant_set import Narratives, narratives, set_
from footbridge.i18n import LANGUAGES
from footbridge.i18n.eager import _
from footbridge.model.principals import Principal

if TYPE_CHECKING:
    from footbridge.store.partners import Partner
    from footbridge.store.tenants import Token

SHOWN = 12
"""Characters of a digest that are shown: enough to tell tokens apart."""

ROLES = ("requester", "navigator", "recipient", "admin")
OWN_ROLES = ("requester", "navigator", "admin")


@click.group("tenant")
def command() -> None:
    """Add tenants, change and list them, make and revoke tokens.

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
    help="Jurisdiction whose rules apply to its prescriptions.",
)
@click.option("--actor", default="admin", show_default=True, help="Name of the first user.")
@click.option(
    "--role", type=click.Choice(OWN_ROLES), default="requester", show_default=True, help="The first user's role."
)
@click.option("--language", type=Narratives(LANGUAGES), help="Language of the narratives that are made for it.")
@json_option("one JSON object: tenant, jurisdiction, actor, role, token")
def add(name: str, jurisdiction: str, actor: str, role: str, language: str | None, as_json: bool) -> None:
    """Add a tenant and print a bearer token for its first user.

    NAME has small letters, digits and hyphens. The token is printed on standard output, and only this once. Exit code 1
    when the name is taken.

    \b
    Example:
      footbridge tenant add riverside --jurisdiction ca --actor emr
      TOKEN=$(footbridge tenant add lakeside)
    """
    from footbridge.store.tenants import add_tenant, make_token, set_language

    now = datetime.now(UTC)
    with database(create=True).write() as connection:
        tenant = add_tenant(connection, name, "ca" if jurisdiction == "ca" else "us", now)
        if language is not None:
            set_language(connection, tenant.name, narratives(language))
        token = make_token(connection, Principal(role, None, name=actor, tenant=name), now)
    if as_json:
        found = {"tenant": tenant.name, "jurisdiction": tenant.jurisdiction, "actor": actor, "role": role}
        print_json(found | {"token": token})
        return
    told = _(
        "Tenant {tenant} ({jurisdiction}). Token for {actor}, {role}; it is not shown again:",
        tenant=tenant.name,
        jurisdiction=tenant.jurisdiction,
        actor=actor,
        role=role,
    )
    click.echo(told, err=True)
    click.echo(token)


@command.command("token")
@click.argument("name")
@click.option("--actor", required=True, help="Who uses it; appears in the timeline.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What its user may do.")
@click.option("--partner", help="The partner that it speaks for; required for a recipient.")
@json_option("one JSON object: tenant, actor, role, partner, token")
def token(name: str, actor: str, role: str, partner: str | None, as_json: bool) -> None:
    """Make a bearer token for a user of the tenant NAME. It is shown only once.

    A requester prescribes; a navigator speaks for services too; a recipient sees what its partner is asked to do; an
    admin reads everything. With --partner a requester, navigator or admin works on the prescriptions of that requester
    only.

    \b
    Example:
      footbridge tenant token riverside --actor "link worker" --role navigator
      footbridge tenant token riverside --actor "second clinic" --role requester --partner second-emr
      footbridge tenant token riverside --actor intake --role recipient --partner north-end-hub
    """
    from footbridge.store.tenants import make_token

    if role == "recipient" and partner is None:
        raise click.UsageError(_("A recipient's token needs --partner: the service that it speaks for."))
    found = database()
    tenant = tenant_of(found, name)
    with found.write() as connection:
        if partner is not None:
            _must_fit(role, partner_of(connection, tenant, partner))
        made = make_token(connection, Principal(role, partner, name=actor, tenant=tenant), datetime.now(UTC))
    if as_json:
        print_json({"tenant": name, "actor": actor, "role": role, "partner": partner, "token": made})
    else:
        click.echo(made)


@command.command("revoke")
@click.argument("name")
@click.option("--digest", help="Beginning of the token's digest, as `footbridge tenant list --tokens` shows it.")
@json_option("one JSON object: tenant, revoked (the digest's beginning, or null)")
def revoke(name: str, digest: str | None, as_json: bool) -> None:
    """Revoke a bearer token of the tenant NAME; requests with it are refused from now on.

    Without --digest the token is read from standard input, so that it is not in the shell's history.
    Exit code 1 when the tenant has no such valid token.

    \b
    Example:
      footbridge tenant revoke riverside --digest 3f9a2c71b0de
      footbridge tenant revoke riverside < leaked-token
    """
    from footbridge.store.tenants import PREFIX, revoke_digest, revoke_token

    if digest is not None and not re.fullmatch("[0-9a-f]{8,64}", digest):
        if digest.startswith(PREFIX):
            raise click.UsageError(_("This is a token, not its digest: send it on standard input, and revoke it now."))
        raise click.UsageError(_("A digest's beginning has 8 to 64 of the characters 0-9 and a-f."))
    found = database()
    tenant = tenant_of(found, name)
    token = None if digest is not None else _token()
    with found.write() as connection:
        if token is not None:
            revoke_token(connection, tenant, token, datetime.now(UTC))
            revoked = _("The token is revoked.")
        else:
            ended = revoke_digest(connection, tenant, digest or "", datetime.now(UTC))
            who = ended.principal
            revoked = _("The token of {actor}, {role}, is revoked.", actor=who.name, role=who.role)
    if as_json:
        print_json({"tenant": tenant, "revoked": digest})
    else:
        click.echo(revoked)


@command.command("list")
@click.option("--tokens", is_flag=True, help="List their tokens instead: by digest, never the tokens themselves.")
@json_option(
    "a list of JSON objects: tenant, jurisdiction, requester, retention_days, language, since; of tokens: tenant, "
    "digest, actor, role, partner, since, revoked"
)
def list_(tokens: bool, as_json: bool) -> None:
    """List the tenants, or their tokens.

    The requester of a tenant is the partner to which prescriptions belong that come with no partner's token.

    \b
    Example:
      footbridge tenant list --json
      footbridge tenant list --tokens
    """
    from footbridge.store.tenants import list_tenants, list_tokens

    with database().read() as connection:
        if tokens:
            rows = [_of_token(one) for one in list_tokens(connection)]
        else:
            rows = [
                {
                    "tenant": one.name,
                    "jurisdiction": one.jurisdiction,
                    "requester": one.requester,
                    "retention_days": one.retention_days,
                    "language": one.language,
                    "timezone": one.timezone,
                    "since": _day(one.created),
                }
                for one in list_tenants(connection)
            ]
    show(rows, _("No tenant yet: `footbridge tenant add NAME` creates one."), as_json=as_json)


def _must_fit(role: str, partner: "Partner") -> None:
    wanted = "recipient" if role == "recipient" else "requester"
    if partner.role != wanted:
        raise click.UsageError(
            _(
                "Partner {name} is a {role}; a token of role {wanted_role} needs a {wanted}.",
                name=partner.name,
                role=partner.role,
                wanted_role=role,
                wanted=wanted,
            )
        )


def _of_token(one: "Token") -> dict[str, Any]:
    whose = one.principal
    return {
        "tenant": whose.tenant,
        "digest": one.digest[:SHOWN],
        "actor": whose.name,
        "role": whose.role,
        "partner": whose.partner,
        "since": _day(one.created),
        "revoked": None if one.revoked is None else _day(one.revoked),
    }


def _day(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _token() -> str:
    """The token from standard input, asked for without an echo on a terminal."""
    if sys.stdin.isatty():
        return str(click.prompt(_("Token"), hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


command.add_command(set_)
