"""SMART Backend Services of partners: the keys with which one logs on here, and the token endpoint where we log on."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from footbridge.cli.context import our_address
from footbridge.errors import ConfigurationError, FootbridgeError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.store.engine import Database
    from footbridge.store.partners import Partner

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
OPTIONS = ("smart", "client_id", "client_secret", "scope", "algorithm")
CLIENT = "client_id, token_endpoint"


def smart_options(command: Decorated) -> Decorated:
    """The options that say how we log on at a partner."""
    for option in reversed(
        (
            click.option(
                "--smart",
                metavar="TOKEN_URL",
                help="Its token endpoint for SMART Backend Services: Footbridge logs on there, with its own keys "
                "(`footbridge keys list`) unless --client-secret is set.",
            ),
            click.option("--client-id", help="With --smart: what it registered Footbridge as.  [default: footbridge]"),
            click.option(
                "--client-secret", help="With --smart: where the shared secret is, env:NAME or file:PATH, if not a key."
            ),
            click.option("--scope", help="With --smart: what to ask for.  [default: system/*.read system/*.write]"),
            click.option(
                "--algorithm", type=click.Choice(["RS384", "ES384"]), help="With --smart: of the signature; else ES384."
            ),
        )
    ):
        command = option(command)
    return command


def checked(given: dict[str, Any], credential: str | None) -> str | None:
    """The credential that goes with the options of ``smart_options``; refuses those that do not go together."""
    if given.get("smart") is None:
        alone = [name for name in OPTIONS if given.get(name) is not None]
        if alone:
            raise click.UsageError(_("Use --{name} with --smart only.", name=alone[0].replace("_", "-")))
        return credential
    if credential is not None:
        raise click.UsageError(_("Give --credential or --smart, not both."))
    from footbridge.store.credentials import SMART

    return SMART


def save_server(connection: "Connection", owner: str, partner: "Partner", given: dict[str, Any]) -> None:
    """Store how we log on at a partner, where --smart was given; forget it where it has another credential now."""
    from footbridge.partners.addresses import checked_base
    from footbridge.settings import settings
    from footbridge.store.credentials import SMART
    from footbridge.store.smart_servers import (
        DEFAULT_CLIENT_ID,
        DEFAULT_SCOPE,
        SmartServer,
        remove_smart_server,
        set_smart_server,
    )

    if partner.credential != SMART:
        remove_smart_server(connection, owner, partner.name)
    if given.get("smart") is None:
        return

    what = _("The partner's token endpoint")
    server = SmartServer(
        token_url=checked_base(given["smart"], allow_http=settings().allow_http, what=what),
        client_id=given.get("client_id") or DEFAULT_CLIENT_ID,
        secret=given.get("client_secret"),
        algorithm=given.get("algorithm"),
        scope=given.get("scope") or DEFAULT_SCOPE,
    )
    set_smart_server(connection, owner, partner.name, server, datetime.now(UTC))


def note_of_server(found: "Database", owner: str, partner: "Partner") -> None:
    """Print on standard error what the partner must be given, or which secret is missing here."""
    from footbridge.cli.partner_notes import note_missing
    from footbridge.security import own_keys
    from footbridge.store.credentials import SMART
    from footbridge.store.smart_servers import get_smart_server

    if partner.credential != SMART:
        return
    with found.read() as connection:
        server = get_smart_server(connection, owner, partner.name)
    if server.secret is not None:
        note_missing(server.secret)
        return
    own_keys.keys(found, datetime.now(UTC))  # made now, where there are none
    jwks = f"{our_address()}/.well-known/jwks.json"
    words = _(
        "register Footbridge at {name} as {client_id} with the keys at {jwks}, or as a file: `footbridge keys list "
        "--jwks`.",
        name=partner.name,
        client_id=server.client_id,
        jwks=jwks,
    )
    click.echo(_("Note: {words}", words=words), err=True)


def read_jwks(place: str) -> tuple[str | None, str | None]:
    """The keys that --jwks names: (JWK Set, None) from a file, (None, URL) for a URL.

    Raises ConfigurationError for a file that has no usable key, or a URL from which nothing may be fetched.
    """
    from footbridge.partners.key_sets import checked_url
    from footbridge.security.key_sets import MAX_BYTES, read_keys
    from footbridge.settings import settings

    if "://" in place:
        return None, checked_url(place, allow_http=settings().allow_http)
    try:
        with Path(place).open("rb") as file:
            content = file.read(MAX_BYTES + 1).decode()
    except (OSError, ValueError) as error:
        raise ConfigurationError(_("The file {place} cannot be read.", place=place)) from error
    read_keys(content)
    return content, None


def note_of_keys(url: str | None) -> None:
    """Print on standard error why the keys at a URL cannot be used now; the partner may publish them later."""
    if url is None:
        return
    from footbridge.model.clock import SystemClock
    from footbridge.partners.key_sets import KeySets
    from footbridge.settings import settings

    try:
        KeySets(SystemClock(), allow_http=settings().allow_http).keys(url, "")
    except FootbridgeError as error:
        click.echo(_("Note: {error}", error=str(error)), err=True)


def client_members(owner: str, name: str) -> dict[str, str]:
    """What a partner with keys must be given: its client id, and our token endpoint."""
    from footbridge.store.smart_clients import client_id_of

    return {"client_id": client_id_of(owner, name), "token_endpoint": f"{our_address()}/fhir/token"}
