"""``footbridge partner listing``: what a referral to each listing of an Ocean site means, and where it goes."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.partners.ocean.listing import Listing

MEMBERS = "target, external, kind, jurisdiction, consent, categories, forms, service, partner, language"


@click.group("listing")
def listing() -> None:
    """Add, list and remove the listings of an Ocean site.

    \b
    Example:
      footbridge partner listing list clinic-ocean
    """


@listing.command("add")
@click.argument("site")
@click.argument("target", required=False)
@click.option("--external", metavar="ID", help="External Service ID that the site set for it in Ocean.")
@click.option(
    "--kind", type=click.Choice(["signpost", "warm-connection", "navigator"]), help="Kind of the prescriptions."
)
@click.option("--jurisdiction", type=click.Choice(["ca", "us"]), help="Whose rules hold; ca when left out.")
@click.option(
    "--consent",
    type=click.Choice(["express-in-form", "implied", "none"]),
    help="How the client's consent is known; none when left out: a person confirms each referral.",
)
@click.option("--consent-field", metavar="LINKID", help="Field of the form that says so; else the form's mapping does.")
@click.option("--consent-answer", "answers", multiple=True, metavar="TEXT", help="An answer that means yes.")
@click.option("--category", "categories", multiple=True, metavar="CODE", help="SDOH category that it is about.")
@click.option("--form", "forms", multiple=True, metavar="NAME", help="Mapping of forms that have none of their own.")
@click.option("--service", metavar="ID", help="Service of the directory that it is.")
@click.option("--partner", metavar="NAME", help="Partner that its referrals go to; else the routes decide.")
@click.option("--language", metavar="TAG", help="Language of its texts, such as fr-CA; en when left out.")
@click.option("--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="JSON file: a list of listings.")
@tenant_option
@json_option(f"a list of JSON objects: {MEMBERS}")
def add(  # noqa: PLR0913, PLR0917 - one parameter an option
    site: str,
    target: str | None,
    external: str | None,
    consent: str | None,
    consent_field: str | None,
    answers: tuple[str, ...],
    service: str | None,
    file: Path | None,
    tenant: str | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - options that are members as they are
) -> None:
    """Add a listing TARGET to the Ocean site SITE, or change the one of that name.

    TARGET is the listing's reference in Ocean: a name and 8 digits. --file adds many at once.

    \b
    Example:
      footbridge partner listing add clinic-ocean food_bank12345678 --category food-insecurity
    """
    from footbridge.partners.ocean.listing import Listing

    if (file is None) == (target is None and external is None):
        raise click.UsageError(_("Give TARGET or --external, or else --file."))
    if file is None:
        basis: dict[str, Any] = {"basis": consent or "none", "linkId": consent_field, "accepted": list(answers)}
        members = {**given, "target": target, "external": external, "consent": _set(basis)}
        if service is not None:
            members["service"] = {"directoryId": service}
        rows: list[Any] = [_set({name: list(one) if isinstance(one, tuple) else one for name, one in members.items()})]
    else:
        rows = _rows_of(file)
    decoded = [Listing.decode(row) for row in rows]
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        _must_be_site(connection, owner, site)
        for one in decoded:
            _put(connection, owner, site, one)
    if as_json:
        print_json([one.encode() for one in decoded])
    else:
        names = ", ".join(str(one.target or one.external) for one in decoded)
        click.echo(_("Listings of {site} that are set: {names}.", site=site, names=names))


@listing.command("list")
@click.argument("site")
@tenant_option
@json_option(f"a list of JSON objects: {MEMBERS}")
def list_(site: str, tenant: str | None, as_json: bool) -> None:
    """List the listings of the Ocean site SITE.

    \b
    Example:
      footbridge partner listing list clinic-ocean --json
    """
    from footbridge.store.ocean_sites import listings_of

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        _must_be_site(connection, owner, site)
        rows: list[Any] = list(listings_of(connection, owner, site).values())
    people = [
        {
            "name": row.get("target") or row.get("external"),
            "kind": row.get("kind"),
            "categories": ", ".join(row.get("categories", ())),
            "partner": row.get("partner"),
            "service": (row.get("service") or {}).get("directoryId"),
            "language": row.get("language"),
        }
        for row in rows
    ]
    show(rows if as_json else people, _("No listing yet: `footbridge partner listing add`."), as_json=as_json)


@listing.command("remove")
@click.argument("site")
@click.argument("target")
@tenant_option
def remove(site: str, target: str, tenant: str | None) -> None:
    """Remove the listing TARGET of the Ocean site SITE.

    Referrals that came by it stay. New ones to it wait for a person.

    \b
    Example:
      footbridge partner listing remove clinic-ocean food_bank12345678
    """
    from footbridge.store.ocean_sites import remove_listing

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        _must_be_site(connection, owner, site)
        remove_listing(connection, owner, site, target)
    click.echo(_("The listing {target} is removed.", target=target))


def _rows_of(file: Path) -> list[Any]:
    try:
        found = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ConfigurationError(_("{file} cannot be read as JSON.", file=str(file))) from None
    if not isinstance(found, list) or not found:
        raise ConfigurationError(_("{file} must be a JSON list of listings.", file=str(file)))
    return found


def _set(members: dict[str, Any]) -> dict[str, Any]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, [], {})}


def _must_be_site(connection: "Connection", tenant: str, name: str) -> None:
    if partner_of(connection, tenant, name).network != "ocean":
        raise ConfigurationError(_("Partner {name} is not of the network ocean.", name=name))


def _put(connection: "Connection", tenant: str, site: str, one: "Listing") -> None:
    from footbridge.directory.lookup import find_service
    from footbridge.store.ocean_sites import put_listing

    if one.partner is not None and partner_of(connection, tenant, one.partner).role != "recipient":
        raise ConfigurationError(_("Partner {name} receives no referrals.", name=one.partner))
    named = (one.service or {}).get("directoryId")
    if named is not None and find_service(connection, tenant, named) is None:
        raise ConfigurationError(_("The directory has no service {service}.", service=named))
    put_listing(connection, tenant, site, str(one.target or one.external), one.encode())
