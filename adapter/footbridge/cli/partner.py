"""``footbridge partner``: the systems that Footbridge talks to."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.cli.partner_changes import CONFORMANCE, CREDENTIAL, MEMBERS, remove, set_, tell_kept
from footbridge.cli.partner_letter import letter_
from footbridge.cli.partner_listing import listing
from footbridge.cli.partner_message import message
from footbridge.cli.partner_site import site_
from footbridge.cli.partner_smart import checked, note_of_server, save_server, smart_options
from footbridge.cli.partner_token import (
    GIVEN,
    HOSTED,
    TASK_ONLY,
    make_partner_token,
    new_segment,
    our_base_url,
    tell_segment,
    tell_token,
    token,
    warn_of_segment,
)
from footbridge.cli.partner_webhook import webhook
from footbridge.i18n.eager import _


@click.group("partner")
def command() -> None:
    """Add partners, list them, test the connection to one, change or remove one.

    \b
    Example:
      footbridge partner add emr https://emr.test/fhir --role requester --credential env:EMR_TOKEN
    """


@command.command("add")
@click.argument("name")
@click.argument("base_url", required=False)
@click.option("--base-url", "base_url_option", metavar="URL", help="Its address, in place of BASE_URL.")
@click.option("--site", metavar="NUMBER", help="Of an Ocean site: its number, such as 1234.")
@click.option(
    "--role",
    type=click.Choice(["requester", "recipient", "record"]),
    default="recipient",
    show_default=True,
    help="requester: the system that prescriptions come from and outcomes go to, such as an EMR (formerly: record). "
    "recipient: a service that takes referrals.",
)
@click.option("--title", help="Name of the organisation; the partner's name when left out.")
@click.option(
    "--network",
    default="fhir",
    show_default=True,
    help="Network: fhir for a partner with a FHIR server of its own; hosted for one that works on our /fhir; "
    "letter for a service with neither; ocean for a site of Ocean.",
)
@click.option("--credential", help=CREDENTIAL)
@smart_options
@click.option(
    "--delivery",
    type=click.Choice(["transaction", "resources", "task-only"]),
    default="transaction",
    show_default=True,
    help="One transaction Bundle, or conditional creates one by one; task-only: only the Task, and the partner reads "
    "what it refers to on our /fhir, with a token of ours.",
)
@click.option(
    "--guide",
    type=click.Choice(["3.0.0", "2.3.0"]),
    default="3.0.0",
    show_default=True,
    help="Version of the SDOH Clinical Care guide that it is set to.",
)
@click.option("--custodian", is_flag=True, help="It is a health information custodian: it may get health card numbers.")
@click.option("--poll-seconds", type=click.IntRange(min=1), help="Seconds between two polls (FOOTBRIDGE_POLL_SECONDS).")
@click.option(
    "--conformance",
    type=click.Choice(["compatible", "strict"]),
    default="compatible",
    show_default=True,
    help=CONFORMANCE,
)
@click.option(
    "--no-token",
    is_flag=True,
    help="Of a hosted partner that cannot send a token: it gets a secret base URL (FOOTBRIDGE_ALLOW_TOKENLESS).",
)
@click.option(
    "--from",
    "addresses",
    multiple=True,
    metavar="ADDRESS",
    help="With --no-token: an address or network from which it may call, such as 192.0.2.0/24; may be repeated.",
)
@tenant_option
@json_option(f"one JSON object: {MEMBERS}; of a hosted or task-only partner also {GIVEN}")
def add(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: str,
    base_url: str | None,
    base_url_option: str | None,
    site: str | None,
    role: str,
    title: str | None,
    network: str,
    credential: str | None,
    delivery: str,
    guide: str,
    custodian: bool,
    poll_seconds: int | None,
    conformance: str,
    no_token: bool,
    addresses: tuple[str, ...],
    tenant: str | None,
    as_json: bool,
    **smart: Any,  # noqa: ANN401 - those of ``smart_options``
) -> None:
    """Add a partner NAME whose FHIR server is at BASE_URL.

    A site of Ocean is a requester of the network ocean, with --site. What its administrator enters in Ocean is printed
    once: the address for messages, the token endpoint, client id and secret.

    NAME has small letters, digits and hyphens. Nothing is sent yet: `footbridge partner test NAME` does that.

    With --network hosted the partner has no server and no BASE_URL: it works on our /fhir, in a compartment of its own.
    Its bearer token is printed on standard output, only this once, and what it must be given on standard error.

    With --network letter, BASE_URL is mailto:ADDRESS, or the path of a folder that a fax gateway watches.

    \b
    Example:
      footbridge partner add emr https://emr.test/fhir --role requester --credential env:EMR_TOKEN
      footbridge partner add north-end-hub https://hub.test/fhir --delivery resources
      footbridge partner add lakeside-services https://ls.test/fhir --smart https://ls.test/token
      footbridge partner add shelter https://shelter.test/fhir --delivery task-only
      footbridge partner add food-bank --network hosted
      footbridge partner add clinic --network hosted --role requester
      footbridge partner add soup-kitchen mailto:office@soup.test --network letter
      footbridge partner add clinic-ocean https://o.test --network ocean --role requester --site 1234
    """
    from footbridge.cli.context import networks
    from footbridge.cli.partner_site import OCEAN, checked_site, poll_seconds_of, tell_site
    from footbridge.referrals.onboarding import register_partner
    from footbridge.store.partners import Delivery, Partner, segment_digest

    credential = checked(smart, credential)
    if base_url is not None and base_url_option is not None:
        raise click.UsageError(_("Give the address once: as BASE_URL or with --base-url."))
    address = base_url or base_url_option
    if network == HOSTED and address is not None:
        raise click.UsageError(_("A hosted partner works on our /fhir: leave BASE_URL out."))
    if network != HOSTED and address is None:
        raise click.UsageError(_("Specify BASE_URL, or --network hosted for a partner without a server."))
    segment = new_segment(network, addresses) if no_token else None
    if addresses and not no_token:
        raise click.UsageError(_("--from is for a partner without a token: give --no-token too."))
    from footbridge.store.ocean_sites import set_site

    checked_site(network, site)
    found = database()
    owner = tenant_of(found, tenant)
    partner = Partner(
        name=name,
        network=network,
        role="recipient" if role == "recipient" else "requester",
        title=title or name,
        base_url=address or "",
        credential=credential,
        delivery=cast("Delivery", delivery),
        guide="2.3.0" if guide == "2.3.0" else "3.0.0",
        custodian=custodian,
        poll_seconds=poll_seconds or poll_seconds_of(network),
        conformance="strict" if conformance == "strict" else "compatible",
        segment=None if segment is None else segment_digest(segment),
        addresses=",".join(addresses) or None,
    )
    made = None
    with found.write() as connection:
        added = register_partner(connection, owner, partner, datetime.now(UTC))
        save_server(connection, owner, added, smart)
        networks(found).of(owner, added)  # refuses what no delivery could use; connects nothing
        is_served = network == HOSTED or delivery == TASK_ONLY
        key = make_partner_token(connection, owner, added) if is_served and not no_token else None
        made = set_site(connection, owner, name, site, datetime.now(UTC)) if network == OCEAN and site else None
    note_of_server(found, owner, added)
    words = _("Partner {name} ({role}).", name=added.name, role=added.role)
    if segment is not None:
        tell_segment(added, segment, as_json=as_json, more=asdict(added))
    elif key is not None:
        tell_token(added, key, as_json=as_json, more=asdict(added))
    elif made is not None and site is not None:
        tell_site(added, site, made, words, as_json=as_json)
    else:
        tell_kept(added, words, as_json=as_json)


@command.command("list")
@tenant_option
@json_option(f"a list of JSON objects: {MEMBERS}")
def list_(tenant: str | None, as_json: bool) -> None:
    """List the partners.

    \b
    Example:
      footbridge partner list --json
    """
    from footbridge.store.partners import list_partners

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        rows = [asdict(one) for one in list_partners(connection, owner)]
    shown = ("name", "role", "title", "base_url", "delivery", "guide", "custodian", "credential")
    people = [{name: row[name] for name in shown} for row in rows]
    show(rows if as_json else people, _("No partner yet: `footbridge partner add NAME URL`."), as_json=as_json)


@command.command("test")
@click.argument("name")
@tenant_option
@json_option("one JSON object: reachable, problem, version, software, supports, step")
def test(name: str, tenant: str | None, as_json: bool) -> None:
    """Ask a partner what it is and what it supports.

    It gets an access token where the partner wants one, reads the CapabilityStatement, and searches one Task. It names
    the step that fails: discovery, token, scope (the token does not allow enough) or read. Exit code 1 when the partner
    is not ready for use.

    \b
    Example:
      footbridge partner test emr
    """
    from footbridge.cli.context import networks
    from footbridge.cli.logs import log_to_stderr

    log_to_stderr(logging.CRITICAL)  # what goes wrong is the answer here
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        partner = partner_of(connection, owner, name)
    answer = networks(found).of(owner, partner).test()
    warn_of_segment(partner)
    if as_json:
        print_json(asdict(answer) | {"supports": dict(answer.supports or {})})
    else:
        where = partner.base_url or our_base_url()
        reached = _("{name}: reachable at {url}", name=name, url=where)
        unreached = _("{name}: not reachable at {url}", name=name, url=where)
        click.echo(reached if answer.reachable else unreached)
        if answer.version or answer.software:
            click.echo(
                _(
                    "  FHIR {version}; software {software}",
                    version=answer.version or _("version not specified"),
                    software=answer.software or _("not specified"),
                )
            )
        for feature, supported in (answer.supports or {}).items():
            click.echo(_("  {feature}: yes", feature=feature) if supported else _("  {feature}: no", feature=feature))
        if answer.problem and answer.step:
            click.echo(_("  failed step: {step}", step=answer.step))
        click.echo(_("  problem: {problem}", problem=answer.problem) if answer.problem else _("  ready for use"))
    sys.exit(1 if answer.problem or not answer.reachable else 0)


for _more in (letter_, listing, message, set_, site_):
    command.add_command(_more)
command.add_command(remove)
command.add_command(token)
command.add_command(webhook)
