"""``footbridge partner site``: what the administrator of an Ocean site enters there, and a new secret."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from footbridge.cli.context import database, our_address, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.store.ocean_sites import Credentials
    from footbridge.store.partners import Partner

OCEAN: Final = "ocean"
POLL_SECONDS: Final = 10
"""Between two looks for messages of a site; a message that comes makes the next one due at once."""

MEMBERS = "site, message_url, token_url, client_id, client_secret"


@click.command("site")
@click.argument("name")
@click.option("--number", metavar="NUMBER", help="Its number at Ocean, where that was wrong.")
@click.option("--new-secret", is_flag=True, help="Make a new client secret; the old one ends at once.")
@tenant_option
@json_option(f"one JSON object: {MEMBERS}; the secret only when it is made")
def site_(name: str, number: str | None, new_secret: bool, tenant: str | None, as_json: bool) -> None:
    """Show what the administrator of the Ocean site NAME enters in Ocean.

    \b
    Example:
      footbridge partner site clinic-ocean
      footbridge partner site clinic-ocean --new-secret
    """
    from footbridge.errors import ConfigurationError
    from footbridge.store.ocean_sites import get_site, renew_secret, set_site

    found = database()
    owner = tenant_of(found, tenant)
    made = None
    with found.write() as connection:
        partner = partner_of(connection, owner, name)
        if partner.network != OCEAN:
            raise ConfigurationError(_("Partner {name} is not of the network ocean.", name=name))
        if number is not None:
            made = set_site(connection, owner, name, number, datetime.now(UTC))
        if new_secret:
            made = renew_secret(connection, owner, name)
        site = get_site(connection, owner, name)
    shown = _shown(site.number, site.client_id, None if made is None else made.secret)
    print_json(shown) if as_json else _tell(shown)


def checked_site(network: str, site: str | None) -> None:
    """Raise click.UsageError for a site without its number, and for the number of what is none."""
    if network == OCEAN and site is None:
        raise click.UsageError(_("An Ocean site needs --site NUMBER."))
    if network != OCEAN and site is not None:
        raise click.UsageError(_("--site is for the network ocean."))


def poll_seconds_of(network: str) -> int:
    """Seconds between two polls of a partner, where none are specified."""
    from footbridge.settings import settings

    return POLL_SECONDS if network == OCEAN else settings().poll_seconds


def tell_site(partner: "Partner", site: str, made: "Credentials", words: str, *, as_json: bool) -> None:
    """Tell what a new site's administrator enters in Ocean; the secret is shown here only."""
    shown = _shown(site, made.client_id, made.secret)
    if as_json:
        print_json({**asdict(partner), **shown})
        return
    click.echo(words)
    _tell(shown)
    click.echo(_("Add its listings with `footbridge partner listing add {name}`.", name=partner.name))


def _shown(site: str, client_id: str, secret: str | None) -> dict[str, str | None]:
    base = our_address()
    return {
        "site": site,
        "message_url": f"{base}/ocean/{site}/$process-message",
        "token_url": f"{base}/ocean/{site}/token",
        "client_id": client_id,
        "client_secret": secret,
    }


def _tell(shown: dict[str, str | None]) -> None:
    click.echo(_("Enter in Ocean (Admin, Integrations), for site {site}:", site=shown["site"]))
    click.echo(_("  Request URL: {url}", url=shown["message_url"]))
    click.echo(_("  Token URL: {url}", url=shown["token_url"]))
    click.echo(_("  Client id: {client}", client=shown["client_id"]))
    if shown["client_secret"] is None:
        click.echo(_("  Client secret: shown once, when it was made; --new-secret makes another one"))
    else:
        click.echo(_("  Client secret: {secret}  (shown only now)", secret=shown["client_secret"]))
