"""``footbridge keys``: our own keys, with which Footbridge logs on at partners."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database
from footbridge.cli.output import json_option, print_json, show
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from footbridge.store.signing_keys import SigningKeyRow

AHEAD = timedelta(hours=2)
"""How long the next key should be published before it signs: partners may cache the keys for an hour."""
MEMBERS = "kid, algorithm, state, created, activated, retired"


@click.group("keys")
def command() -> None:
    """List and rotate the keys that log Footbridge on at partners.

    For each algorithm (RS384, ES384) one key signs, and the next one is published beside it at /.well-known/jwks.json.

    \b
    Example:
      footbridge keys list
    """


@command.command("list")
@click.option("--jwks", is_flag=True, help="Print the public keys as a JWK Set, to give it to a partner as a file.")
@json_option(f"a list of JSON objects: {MEMBERS}")
def list_(jwks: bool, as_json: bool) -> None:
    """List the keys; the first ones are made.

    \b
    Example:
      footbridge keys list
      footbridge keys list --jwks > footbridge-jwks.json
    """
    from footbridge.security import own_keys

    found, now = database(), datetime.now(UTC)
    if jwks:
        print_json({"keys": own_keys.published(found, now)})
        return
    _show(own_keys.keys(found, now), as_json=as_json)


@command.command("rotate")
@json_option(f"a list of JSON objects: {MEMBERS}")
def rotate(as_json: bool) -> None:
    """Let the next keys sign, and publish other next ones.

    The private part of the keys before is deleted; their public part stays published for a day. Wait two hours between
    two rotations, so that partners know each key before it signs.

    \b
    Example:
      footbridge keys rotate
    """
    from footbridge.security import own_keys

    found, now = database(), datetime.now(UTC)
    late = [key for key in own_keys.keys(found, now) if key.state == "next" and now - key.created < AHEAD]
    keys = own_keys.rotate(found, now)
    if late:
        words = _("the keys that sign now were published a short time ago; a partner may not know them yet.")
        click.echo(_("Note: {words}", words=words), err=True)
    _show(keys, as_json=as_json)


def _show(keys: "Sequence[SigningKeyRow]", *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "kid": key.kid,
            "algorithm": key.algorithm,
            "state": key.state,
            "created": _moment(key.created),
            "activated": _moment(key.activated),
            "retired": _moment(key.retired),
        }
        for key in keys
    ]
    show(rows, _("There is no key yet."), as_json=as_json)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
