"""``footbridge partner set`` and ``footbridge partner remove``: what becomes of a partner that is there."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.cli.partner_notes import note_missing
from footbridge.cli.partner_smart import (
    CLIENT,
    OPTIONS,
    checked,
    client_members,
    note_of_keys,
    note_of_server,
    read_jwks,
    save_server,
    smart_options,
)
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from footbridge.store.partners import Partner

MEMBERS = (
    "name, network, role, title, base_url, credential, delivery, guide, custodian, poll_seconds, conformance, segment, "
    "addresses, consent_basis"
)

CREDENTIAL = (
    "Where its bearer token is: env:NAME or file:PATH; never the token itself. oauth:PATH for SMART Backend Services: "
    "a JSON file with clientId, key or secret (env:NAME or file:PATH), and maybe keyId, algorithm, scope, tokenUrl."
)


CONFORMANCE = (
    "Of a hosted partner. strict: what breaks a profile is refused. compatible: it is stored, and answer and timeline "
    "say so. What is not valid FHIR R4 is always refused."
)


CONSENT_BASIS = (
    "Of a hosted requester: what consent it holds where it sends no Consent; recorded in each prescription. "
    "none: such a prescription waits for a person."
)


@click.command("set")
@click.argument("name")
@click.option("--base-url", help="New address of the same server, with what was sent to it.")
@click.option("--title", help="Name of the organisation.")
@click.option("--credential", help=CREDENTIAL)
@click.option("--no-credential", is_flag=True, help="It needs no token any more.")
@smart_options
@click.option(
    "--jwks",
    metavar="FILE|URL",
    help="Its public keys (a JWK Set): it logs on with them at our token endpoint, by SMART Backend Services.",
)
@click.option("--no-jwks", is_flag=True, help="It does not log on with keys any more.")
@click.option(
    "--delivery",
    type=click.Choice(["transaction", "resources"]),
    help="One transaction Bundle, or conditional creates one by one.",
)
@click.option(
    "--guide", type=click.Choice(["3.0.0", "2.3.0"]), help="Version of the SDOH Clinical Care guide that it is set to."
)
@click.option(
    "--custodian/--no-custodian",
    default=None,
    help="Whether it is a health information custodian, who may get health card numbers.",
)
@click.option("--poll-seconds", type=click.IntRange(min=1), help="Seconds between two polls, from the next one on.")
@click.option("--conformance", type=click.Choice(["compatible", "strict"]), help=CONFORMANCE)
@click.option("--consent-basis", type=click.Choice(["express", "implied", "none"]), help=CONSENT_BASIS)
@click.option(
    "--organization",
    "organizations",
    multiple=True,
    metavar="SOURCE:ID",
    help="It receives referrals for this organization of the directory; may be repeated.",
)
@click.option("--no-organization", is_flag=True, help="It receives referrals for no organization of the directory.")
@tenant_option
@json_option(f"one JSON object: {MEMBERS}, organizations; with --jwks also {CLIENT}")
def set_(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: str,
    no_credential: bool,
    organizations: tuple[str, ...],
    no_organization: bool,
    jwks: str | None,
    no_jwks: bool,
    tenant: str | None,
    as_json: bool,
    **given: str | int | None,
) -> None:
    """Change a partner NAME; what is not specified stays as it is.

    A running server uses it from the next message or poll on. Another system is another partner: add it under a name
    of its own.

    \b
    Example:
      footbridge partner set emr --credential file:/run/secrets/emr-token
      footbridge partner set north-end-hub --base-url https://fhir.hub.test/r4 --poll-seconds 1800
      footbridge partner set annex --consent-basis express
      footbridge partner set north-end-hub --organization north-211:4710
      footbridge partner set north-end-hub --jwks hub-jwks.json
    """
    from footbridge.cli.context import networks
    from footbridge.store.partners import Partner, change_partner

    smart = {name: given.pop(name, None) for name in OPTIONS}
    given["credential"] = checked(smart, given["credential"])  # type: ignore[arg-type]  # a text, or nothing
    wanted: dict[str, str | int | None] = {member: value for member, value in given.items() if value is not None}
    if no_credential and "credential" in wanted:
        raise click.UsageError(_("Give --credential or --no-credential, not both."))
    if no_jwks and jwks is not None:
        raise click.UsageError(_("Give --jwks or --no-jwks, not both."))
    keys = None if jwks is None else read_jwks(jwks)
    if given["consent_basis"] == "none":
        wanted["consent_basis"] = None
    if no_credential:
        wanted["credential"] = None
    if not wanted and not organizations and not no_organization and keys is None and not no_jwks:
        raise click.UsageError(_("Specify what to change, such as --title or --base-url."))
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        before = partner_of(connection, owner, name)
        if before.delivery == "task-only" and wanted.get("delivery", before.delivery) != before.delivery:
            raise click.UsageError(
                _("{name} gets the Task only: add it under another name to send it more.", name=name)
            )
        entry = Partner(**{**asdict(before), **wanted})
        if given["consent_basis"] is not None:
            _must_take_basis(connection, owner, entry)
        changed = change_partner(connection, owner, entry)
        networks(found).of(owner, changed)  # refuses what no delivery could use; connects nothing
        save_server(connection, owner, changed, smart)
        _save_keys(connection, owner, name, keys, none=no_jwks)
        linked = _link(connection, owner, changed, organizations, none=no_organization)
    said: dict[str, object] = {"organizations": linked} if linked or no_organization else {}
    if keys is not None:
        note_of_keys(keys[1])
        said |= client_members(owner, name)
    if smart["smart"] is not None:
        note_of_server(found, owner, changed)
    tell_kept(changed, _("Partner {name} is changed.", name=name), as_json=as_json, more=said)
    if linked and not as_json:
        click.echo(_("It receives referrals for {organizations}.", organizations=", ".join(linked)))
    if keys is not None and not as_json:
        click.echo(_("It logs on at {token_endpoint} as {client_id}.", **client_members(owner, name)))


def _must_take_basis(connection: "Connection", owner: str, entry: "Partner") -> None:
    """Raises ConfigurationError where a basis of consent is of no use, or the jurisdiction does not allow it."""
    from footbridge.model.prescription.rules_of_consent import bases_of_requesters
    from footbridge.store.tenants import get_tenant

    if (entry.network, entry.role) != ("hosted", "requester"):
        raise ConfigurationError(_("--consent-basis is for a requester of the network hosted."))
    jurisdiction = get_tenant(connection, owner).jurisdiction
    allowed = bases_of_requesters(jurisdiction)
    if entry.consent_basis is not None and entry.consent_basis not in allowed:
        raise ConfigurationError(
            _(
                "The jurisdiction {jurisdiction} does not allow this basis; allowed: {allowed}.",
                jurisdiction=jurisdiction,
                allowed=", ".join(allowed) or "none",
            )
        )


def _save_keys(
    connection: "Connection", owner: str, name: str, keys: tuple[str | None, str | None] | None, *, none: bool
) -> None:
    """Register the keys with which a partner logs on, or remove them."""
    from footbridge.store.smart_clients import remove_smart_client, set_smart_client

    if none:
        remove_smart_client(connection, owner, name)
    elif keys is not None:
        set_smart_client(connection, owner, name, keys, datetime.now(UTC))


def _link(
    connection: "Connection", tenant: str, partner: "Partner", organizations: tuple[str, ...], *, none: bool
) -> list[str]:
    """Link a partner to organizations of the directory; returns all that it is linked to."""
    from footbridge.directory.partners import link, organizations_of, receives, unlink

    if none:
        unlink(connection, tenant, partner.name)
    if organizations and not receives(partner):
        raise ConfigurationError(
            _(
                "{name} cannot receive referrals: link a recipient, of the network fhir, hosted or letter.",
                name=partner.name,
            )
        )
    for reference in organizations:
        link(connection, tenant, partner.name, reference)
    return organizations_of(connection, tenant, partner.name)


@click.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@tenant_option
@json_option("one JSON object: name, revoked_tokens")
def remove(name: str, yes: bool, tenant: str | None, as_json: bool) -> None:
    """Remove a partner NAME, revoke its tokens, and end the sessions of its users.

    Prescriptions and their timelines stay. Users of the portal who work for it keep their accounts, but do not sign in
    until `footbridge user role` names another partner. Where it was the tenant's default requester, there is none until
    `footbridge tenant set` names another. Exit code 1 while it is in use: by a route, by messages that are queued for
    it, by open referrals; a requester, by prescriptions that are still open.

    \b
    Example:
      footbridge partner remove closed-service
    """
    from footbridge.referrals.onboarding import unregister_partner
    from footbridge.store.tenants import get_tenant

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        partner_of(connection, owner, name)
        was_default = get_tenant(connection, owner).requester == name
    if not yes:
        click.confirm(
            _("Footbridge will delete the address of {name} and the links to its records. Remove it?", name=name),
            abort=True,
        )
    with found.write() as connection:
        revoked = unregister_partner(connection, owner, name, datetime.now(UTC))
    if was_default:
        words = _(
            "{name} was the default requester; `footbridge tenant set {owner} --requester PARTNER` names another.",
            name=name,
            owner=owner,
        )
        click.echo(_("Note: {words}", words=words), err=True)
    if as_json:
        print_json({"name": name, "revoked_tokens": revoked})
    else:
        click.echo(_("Partner {name} is removed. Tokens revoked: {revoked}.", name=name, revoked=revoked))


def tell_kept(partner: "Partner", words: str, *, as_json: bool, more: "Mapping[str, object] | None" = None) -> None:
    """Tell what a partner is from now on, and how to try it; ``more`` are further members of the JSON."""
    note_missing(partner.credential)
    if as_json:
        print_json({**asdict(partner), **(more or {})})
    else:
        click.echo(_("{words} Try it with `footbridge partner test {name}`.", words=words, name=partner.name))
