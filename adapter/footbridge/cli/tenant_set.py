"""``footbridge tenant set``: who a tenant is, its default requester, retention, language, time zone."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, partner_of, tenant_of
from footbridge.cli.output import json_option, print_json
from footbridge.cli.tenant_organization import organization_options, tell
from footbridge.cli.timezone import NONE, Timezone
from footbridge.i18n import LANGUAGES, Language, language_of_tag
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_DAYS = 36_500


class _Days(click.IntRange):
    """A number of days; 0 and ``off`` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """As an integer; 0 for off."""
        return super().convert(0 if value == "off" else value, param, ctx)


AS_WRITTEN = "as-written"


class Narratives(click.Choice[str]):
    """A language by any tag of it, or a word that stands for none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """The language, or the word."""
        return super().convert(language_of_tag(str(value)) or value, param, ctx)


def narratives(language: str) -> "Language | None":
    """The language of narratives; None where each is as it was written."""
    return None if language == AS_WRITTEN else language_of_tag(language)


@click.command("set")
@click.argument("name")
@click.option(
    "--requester", help="The partner to which prescriptions belong that come with no partner's token; none: to none."
)
@click.option(
    "--retention-days",
    type=_Days(0, MOST_DAYS),
    metavar="N",
    help="Erase prescriptions N days after they ended; 0 or off: never, as it is at first.",
)
@click.option(
    "--language",
    type=Narratives((*LANGUAGES, AS_WRITTEN)),
    help="Language of the narratives that are made from now on; as-written: that of each prescription, as at first.",
)
@click.option(
    "--timezone",
    type=Timezone(),
    metavar="ZONE",
    help="Time zone of its people, such as America/Vancouver; none: that of its directory or country, as at first.",
)
@organization_options
@json_option("one JSON object: tenant, jurisdiction, requester, retention_days, language, timezone, organization")
def set_(
    name: str,
    requester: str | None,
    retention_days: int | None,
    language: str | None,
    timezone: str | None,
    as_json: bool,
    **organization: str | None,
) -> None:
    """Change the tenant NAME: who it is, its default requester, its language and time zone, its retention.

    With --title and what follows it, letters, copies and prescriptions that are written in the portal name the
    organization so, with its phone and address. Set the profession and phone of each prescriber with `footbridge user
    set`.

    With --requester, prescriptions of the tenant's own users belong to it from now on, and their outcomes go there;
    those that are there already stay with the requester that they came from; none ends that. The first requester that
    is added is the default of programs until then; what is written in the portal belongs to no partner.

    With --retention-days, workers erase what is held for a prescription N days after it ended, as `footbridge client
    erase` does. It cannot be undone.

    With --language, headings and labels in the narratives of FHIR resources are in that language, whatever the language
    of a prescription; what the prescriber wrote stays as it is. Resources that are there already stay as they are until
    they are mapped again.

    With --timezone, the portal and letters show times in that zone, and an appointment that is typed there is meant in
    it. The hours of a directory stay in the zone of the directory.

    \b
    Example:
      footbridge tenant set riverside --title "Riverside Family Health Team" --phone 807-555-0100
      footbridge tenant set riverside --requester second-emr
      footbridge tenant set riverside --language fr --timezone America/Vancouver
      footbridge tenant set riverside --retention-days 3650
    """
    from footbridge.store.own_organization import flat, own_organization
    from footbridge.store.tenants import get_tenant

    own = {member: text for member, text in organization.items() if text is not None}
    asked = {"requester": requester, "retention_days": retention_days, "language": language, "timezone": timezone}
    said = {member: value for member, value in asked.items() if value is not None}
    if not said and not own:
        raise click.UsageError(_("Specify --title, --requester, --retention-days, --language or --timezone."))
    found = database()
    tenant = tenant_of(found, name)
    with found.write() as connection:
        _change(connection, tenant, said, own)
        kept = get_tenant(connection, tenant)
        shown = flat(own_organization(connection, tenant))
    if as_json:
        members = {"tenant": kept.name, "jurisdiction": kept.jurisdiction, "requester": kept.requester}
        more = {"retention_days": kept.retention_days, "language": kept.language, "timezone": kept.timezone}
        print_json(members | more | {"organization": shown})
        return
    if own:
        click.echo(tell(tenant, shown["title"] or None))
    told = {
        "requester": lambda: _requester(tenant, kept.requester),
        "retention_days": lambda: _retention(tenant, kept.retention_days),
        "language": lambda: _language(tenant, kept.language),
        "timezone": lambda: _zone(tenant, kept.timezone),
    }
    for member in said:
        click.echo(told[member]())


def _change(connection: "Connection", tenant: str, said: dict[str, Any], own: dict[str, str]) -> None:
    from footbridge.store.own_organization import change_own_organization
    from footbridge.store.tenants import set_language, set_requester, set_retention, set_timezone

    if own:
        change_own_organization(connection, tenant, own)
    if "requester" in said:
        set_requester(connection, tenant, _wanted(connection, tenant, said["requester"]))
    if "retention_days" in said:
        set_retention(connection, tenant, said["retention_days"] or None)
    if "language" in said:
        set_language(connection, tenant, narratives(said["language"]))
    if "timezone" in said:
        set_timezone(connection, tenant, None if said["timezone"] == NONE else said["timezone"])


def _wanted(connection: "Connection", tenant: str, requester: str) -> str | None:
    """The partner that is to be the default requester; None for none."""
    if requester == NONE:
        return None
    partner = partner_of(connection, tenant, requester)
    if partner.role != "requester":
        message = _(
            "Partner {name} is a {role}; prescriptions come from a requester.", name=partner.name, role=partner.role
        )
        raise click.UsageError(message)
    return partner.name


def _requester(tenant: str, requester: str | None) -> str:
    if requester is None:
        return _("Prescriptions of {tenant}'s own users belong to no partner.", tenant=tenant)
    return _("The default requester of {tenant} is {requester}.", tenant=tenant, requester=requester)


def _language(tenant: str, language: str | None) -> str:
    if language is None:
        return _("Narratives of {tenant} are in the language of each prescription.", tenant=tenant)
    return _("Narratives of {tenant} are in: {language}.", tenant=tenant, language=language)


def _zone(tenant: str, zone: str | None) -> str:
    return _("Time zone of {tenant}: {zone}.", tenant=tenant, zone=zone or _("that of its directory or country"))


def _retention(tenant: str, days: int | None) -> str:
    if days is None:
        return _("Prescriptions of {tenant} stay until they are erased by hand.", tenant=tenant)
    return _("Prescriptions of {tenant} are erased {days} days after they ended.", tenant=tenant, days=days)
