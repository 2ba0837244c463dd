"""``footbridge route``: which partner is asked for which SDOH category."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.i18n.eager import _


@click.group("route")
def command() -> None:
    """Configure which partners are asked for which categories.

    A route applies when a prescription names no partner, and after a decline: then the next partner is asked.

    \b
    Example:
      footbridge route set food-insecurity north-end-hub lakeside-services
    """


@command.command("set")
@click.argument("sdoh_category", metavar="CATEGORY")
@click.argument("partners", nargs=-1)
@tenant_option
@json_option("one JSON object: category, partners")
def set_(sdoh_category: str, partners: tuple[str, ...], tenant: str | None, as_json: bool) -> None:
    """Set the partners of an SDOH category, in the order in which they are asked.

    CATEGORY is a code of the SDOHCC guide, or * for every category without a route of its own. Without a partner the
    route is removed: then a person decides.

    \b
    Example:
      footbridge route set food-insecurity north-end-hub lakeside-services
      footbridge route set "*" north-end-hub
    """
    from footbridge.referrals.onboarding import change_route

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        for name in partners:
            partner_of(connection, owner, name)
        change_route(connection, owner, sdoh_category, partners)
    if as_json:
        print_json({"category": sdoh_category, "partners": list(dict.fromkeys(partners))})
    else:
        asked = _(", then ").join(dict.fromkeys(partners)) or _("a person decides")
        click.echo(_("{category}: {partners}.", category=sdoh_category, partners=asked))


@command.command("list")
@tenant_option
@json_option("a list of JSON objects: category, partners (a list, in their order)")
def list_(tenant: str | None, as_json: bool) -> None:
    """List the routes.

    \b
    Example:
      footbridge route list
    """
    from footbridge.store.routes import list_routes

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        routes = list_routes(connection, owner)
    rows = [{"category": name, "partners": partners} for name, partners in sorted(routes.items())]
    show(rows, _("No routes: a prescription that names no partner waits for a person."), as_json=as_json)
