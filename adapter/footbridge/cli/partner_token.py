"""``footbridge partner token``: bearer tokens of hosted partners, and what such a partner must be given."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, our_address, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.model.principals import Principal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.store.partners import Partner

HOSTED = "hosted"
TASK_ONLY = "task-only"
GIVEN = "fhir_base_url, token_endpoint, token"


@click.command("token")
@click.argument("name")
@tenant_option
@json_option(f"one JSON object: name, role, {GIVEN}")
def token(name: str, tenant: str | None, as_json: bool) -> None:
    """Make another bearer token for the partner NAME that works on our /fhir. It is shown only once.

    The token gives access to the partner's compartment on our /fhir, and to nothing else. Older tokens stay valid:
    `footbridge tenant revoke` ends one. The token is printed on standard output, what the partner must be given on
    standard error.

    \b
    Example:
      footbridge partner token food-bank
    """
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        partner = partner_of(connection, owner, name)
        if partner.network != HOSTED and partner.delivery != TASK_ONLY:
            raise click.UsageError(
                _("{name} has a server of its own; a token is for a hosted or task-only partner.", name=name)
            )
        made = make_partner_token(connection, owner, partner)
    tell_token(partner, made, as_json=as_json, more={"name": partner.name, "role": partner.role})


def make_partner_token(connection: "Connection", tenant: str, partner: "Partner") -> str:
    """A bearer token for a partner's own system."""
    from footbridge.store.tenants import make_token

    whose = Principal(partner.role, partner.name, name=partner.title, tenant=tenant)
    return make_token(connection, whose, datetime.now(UTC))


def new_segment(network: str, addresses: tuple[str, ...]) -> str:
    """A segment for the base URL of a partner without a token. Raises ConfigurationError, or UsageError."""
    from footbridge.settings import settings

    if network != HOSTED or not addresses:
        raise click.UsageError(_("--no-token is for a partner of the network hosted, with --from ADDRESS."))
    if not settings().allow_tokenless:
        message = _("Partners without a token are off: set FOOTBRIDGE_ALLOW_TOKENLESS=true if you need one.")
        raise ConfigurationError(message)
    return secrets.token_urlsafe(32)


def tell_segment(partner: "Partner", segment: str, *, as_json: bool, more: Mapping[str, Any]) -> None:
    """Print the base URL that stands for a token on standard output, and what goes with it on standard error."""
    base_url = f"{our_base_url().removesuffix('/fhir')}/open/{segment}/fhir"
    warn_of_segment(partner)
    if as_json:
        print_json({**more, "fhir_base_url": base_url})
        return
    click.echo(_("Give it this base URL, which is not shown again; who knows it needs no token:"), err=True)
    click.echo(base_url)


def warn_of_segment(partner: "Partner") -> None:
    """Tell on standard error that a partner needs no token."""
    if partner.segment is not None:
        words = _(
            "Warning: {name} sends no token. Whoever knows its base URL works in its compartment from {addresses}.",
            name=partner.name,
            addresses=partner.addresses or _("nowhere"),
        )
        click.echo(words, err=True)


def our_base_url() -> str:
    """The address of our /fhir as partners reach it, as far as the settings say."""
    return f"{our_address()}/fhir"


def tell_token(partner: "Partner", made: str, *, as_json: bool, more: Mapping[str, Any]) -> None:
    """Print a token on standard output, and what goes with it on standard error; as JSON all of it in one object."""
    base_url = our_base_url()
    endpoint = f"{base_url}/token"
    if as_json:
        print_json({**more, "fhir_base_url": base_url, "token_endpoint": endpoint, "token": made})
        return
    lines = [
        _("Partner {name} ({role}) works on our FHIR server. Give it:", name=partner.name, role=partner.role),
        _("  base URL: {url}", url=base_url),
        _("  token endpoint, for SMART Backend Services: {url}", url=endpoint),
        _("  bearer token, which is not shown again:"),
    ]
    click.echo("\n".join(lines), err=True)
    click.echo(made)
