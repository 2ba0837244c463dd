"""``footbridge route``: which partner is asked for which SDOH category."""

import click

from footbridge.cli.context import database, json_option, show, tenant_of, tenant_option
from footbridge.errors import ConfigurationError
from footbridge.store.routes import EVERY_CATEGORY, list_routes, set_route
from footbridge.terminology import category, nearest_category


@click.group("route")
def command() -> None:
    """Say who is asked for a category when a prescription names no partner, and who next after a decline."""


@command.command("set")
@click.argument("sdoh_category", metavar="CATEGORY")
@click.argument("partners", nargs=-1)
@tenant_option
def set_(sdoh_category: str, partners: tuple[str, ...], tenant: str | None) -> None:
    """Set the partners of an SDOH category, in the order in which they are asked; no partner unsets it.

    CATEGORY is a code of the SDOHCC guide, or * for every category without a route of its own.

    \b
    Example:
      footbridge route set food-insecurity north-end-hub lakeside-services
    """
    if sdoh_category != EVERY_CATEGORY and category(sdoh_category) is None:
        near = nearest_category(sdoh_category)
        hint = f" Did you mean {near}?" if near else ""
        raise ConfigurationError(f"{sdoh_category!r} is no SDOH category of the guide.{hint}")
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        set_route(connection, owner, sdoh_category, partners)
    click.echo(f"{sdoh_category}: {', then '.join(partners) or 'a person decides'}.")


@command.command("list")
@tenant_option
@json_option
def list_(tenant: str | None, as_json: bool) -> None:
    """List the routes.

    \b
    Example:
      footbridge route list
    """
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        routes = list_routes(connection, owner)
    rows = [{"category": name, "partners": ", then ".join(partners)} for name, partners in sorted(routes.items())]
    show(rows, "No routes: a prescription that names no partner waits for a person.", as_json=as_json)
