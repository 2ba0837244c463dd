"""``footbridge partner``: the systems that Footbridge talks to."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.cli.partner_changes import MEMBERS, remove, set_, tell_kept


@click.group("partner")
def command() -> None:
    """Add partners, list them, test the connection to one, change or remove one.

    \b
    Example:
      footbridge partner add emr https://emr.test/fhir --role requester --credential env:EMR_TOKEN
    """


@command.command("add")
@click.argument("name")
@click.argument("base_url")
@click.option(
    "--role",
    type=click.Choice(["requester", "recipient", "record"]),
    default="recipient",
    show_default=True,
    help="requester: the system that prescriptions come from and outcomes go to, such as an EMR (formerly: record). "
    "recipient: a service that takes referrals.",
)
@click.option("--title", help="Name of the organisation; the partner's name when left out.")
@click.option("--network", default="fhir", show_default=True, help="Network: the language that it speaks.")
@click.option("--credential", help="Where its bearer token is: env:NAME or file:PATH; never the token itself.")
@click.option(
    "--delivery",
    type=click.Choice(["transaction", "resources"]),
    default="transaction",
    show_default=True,
    help="One transaction Bundle, or conditional creates one by one.",
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
@tenant_option
@json_option(f"one JSON object: {MEMBERS}")
def add(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: str,
    base_url: str,
    role: str,
    title: str | None,
    network: str,
    credential: str | None,
    delivery: str,
    guide: str,
    custodian: bool,
    poll_seconds: int | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Add a partner NAME whose FHIR server is at BASE_URL.

    NAME has small letters, digits and hyphens. Nothing is sent yet: `footbridge partner test NAME` does that.

    \b
    Example:
      footbridge partner add emr https://emr.test/fhir --role requester --credential env:EMR_TOKEN
      footbridge partner add north-end-hub https://hub.test/fhir --delivery resources
    """
    from footbridge.cli.context import networks
    from footbridge.referrals.onboarding import register_partner
    from footbridge.settings import settings
    from footbridge.store.partners import Partner

    found = database()
    owner = tenant_of(found, tenant)
    partner = Partner(
        name=name,
        network=network,
        role="recipient" if role == "recipient" else "requester",
        title=title or name,
        base_url=base_url,
        credential=credential,
        delivery="resources" if delivery == "resources" else "transaction",
        guide="2.3.0" if guide == "2.3.0" else "3.0.0",
        custodian=custodian,
        poll_seconds=poll_seconds or settings().poll_seconds,
    )
    with found.write() as connection:
        added = register_partner(connection, owner, partner, datetime.now(UTC))
        networks(found).of(owner, added)  # refuses what no delivery could use; connects nothing
    tell_kept(added, f"Partner {added.name} ({added.role}).", as_json=as_json)


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
    show(rows if as_json else people, "No partner yet: `footbridge partner add NAME URL`.", as_json=as_json)


@command.command("test")
@click.argument("name")
@tenant_option
@json_option("one JSON object: reachable, problem, version, software, supports")
def test(name: str, tenant: str | None, as_json: bool) -> None:
    """Ask a partner what it is and what it supports.

    It reads the partner's CapabilityStatement and searches one Task with the credential. Exit code 1 when the partner
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
    if as_json:
        print_json(asdict(answer) | {"supports": dict(answer.supports or {})})
    else:
        click.echo(f"{name}: {'reachable' if answer.reachable else 'not reachable'} at {partner.base_url}")
        if answer.version or answer.software:
            click.echo(
                f"  FHIR {answer.version or 'version not specified'}; software {answer.software or 'not specified'}"
            )
        for feature, supported in (answer.supports or {}).items():
            click.echo(f"  {feature}: {'yes' if supported else 'no'}")
        click.echo(f"  problem: {answer.problem}" if answer.problem else "  ready for use")
    sys.exit(1 if answer.problem or not answer.reachable else 0)


command.add_command(set_)
command.add_command(remove)
