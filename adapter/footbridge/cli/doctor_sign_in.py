"""The check of ``footbridge doctor`` for sign-in by OpenID Connect, where an issuer is set.

Nothing here shows a secret or an address: only what is wrong, and how to correct it.
"""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from footbridge.cli.doctor_checks import Finding
from footbridge.errors import ConfigurationError, FootbridgeError
from footbridge.i18n import spoken
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.security.openid import Client

CHECK = "sign-in"


def check_sign_in(*, online: bool) -> Iterator[Finding]:
    """Whether the secret is there and the redirect URI is fixed; with ``online`` whether the issuer can be used."""
    from footbridge.security import openid
    from footbridge.settings import settings

    client = openid.configured()
    if client is None:
        return
    if settings().public_url is None:
        remedy = _("Set FOOTBRIDGE_PUBLIC_URL: the issuer sends people back there.")
        yield Finding(CHECK, "warning", _("FOOTBRIDGE_PUBLIC_URL is not set."), remedy)
    yield from _check_secret()
    if not online:
        yield Finding(CHECK, "skipped", _("The issuer was not asked; --online does."))
        return
    yield from _check_issuer(client)


def _check_secret() -> Iterator[Finding]:
    from footbridge.private_files import wide_modes
    from footbridge.security import openid
    from footbridge.settings import settings

    try:
        openid.client_secret()
    except ConfigurationError as error:
        remedy = _("Correct FOOTBRIDGE_OIDC_CLIENT_SECRET, or provide its file.")
        yield Finding(CHECK, "error", spoken(str(error)), remedy)
        return
    given = settings().oidc_client_secret
    kind, _colon, place = (given.get_secret_value() if given is not None else "").partition(":")
    for one in wide_modes([Path(place)] if kind == "file" else []):
        said = _("Others may use {path} (mode {mode}).", path=one.path, mode=one.mode)
        yield Finding(CHECK, "warning", said, one.command)


def _check_issuer(client: "Client") -> Iterator[Finding]:
    from footbridge.model.clock import SystemClock
    from footbridge.partners.openid import Issuer
    from footbridge.security.openid import NotSignedIn

    try:
        Issuer(SystemClock()).check(client)
    except NotSignedIn:
        yield Finding(CHECK, "error", _("The issuer's keys cannot be read."), _("Correct FOOTBRIDGE_OIDC_ISSUER."))
    except FootbridgeError as error:
        said = _("The issuer: {problem}", problem=spoken(str(error)))
        yield Finding(CHECK, "error", said, _("Correct FOOTBRIDGE_OIDC_ISSUER, or have the issuer corrected."))
    else:
        said = _("The issuer is ready; its redirect URI for Footbridge must be {uri}.", uri=client.redirect_uri)
        yield Finding(CHECK, "ok", said)
