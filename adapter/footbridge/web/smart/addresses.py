"""Where clients reach us: the audience of an assertion is the URL of our token endpoint, so it must be certain.

It is the setting FOOTBRIDGE_PUBLIC_URL. Without it the header Host counts, but only where it names this machine: an
assertion that was made for another server must not be taken here because whoever passes it on writes that server's name
into Host.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import request

from footbridge.i18n import _
from footbridge.partners.addresses import is_loopback
from footbridge.settings import settings
from footbridge.web.errors import Problem

FHIR: Final = "/fhir"
TOKEN: Final = f"{FHIR}/token"
SMART_CONFIGURATION: Final = f"{FHIR}/.well-known/smart-configuration"
JWKS: Final = "/.well-known/jwks.json"


def public_base() -> str:
    """Our base URL, without a slash at its end. Raises Problem ``unavailable`` where nobody has set it."""
    given = settings().public_url
    if given is not None:
        return given.rstrip("/")
    if not is_loopback(urlsplit(request.host_url).hostname):
        raise Problem(
            "unavailable",
            _("This server does not know its own address: its operator has to set FOOTBRIDGE_PUBLIC_URL."),
        )
    return request.host_url.rstrip("/")


def token_url() -> str:
    """The URL of our token endpoint."""
    return f"{public_base()}{TOKEN}"
