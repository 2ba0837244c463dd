"""Secrets of partners, by reference: the database says where a secret is, never what it is.

``env:NAME`` is an environment variable, ``file:PATH`` a file (as Docker and Kubernetes mount secrets); its line end
is dropped, and it must be a regular file of at most ``MAX_BYTES``. ``oauth:PATH``
is a JSON file that says how access tokens are got (``partners.fhir.oauth``), with references of this kind in it.
``smart`` alone says that the table ``smart_server`` has it (``store.smart_servers``).
"""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from footbridge.errors import ConfigurationError
from footbridge.i18n import _

MAX_BYTES: Final = 65_536
"""The largest file that is read as a secret: a key with its certificates fits in it."""


OAUTH: Final = "oauth"
"""Kind of a credential whose file says how access tokens are got; it holds references, no secret."""

SMART: Final = "smart"
"""The credential of a partner at whose token endpoint we log on as ``store.smart_servers`` says."""


def check_reference(reference: str) -> None:
    """Raise ConfigurationError unless a reference is written as env:NAME or file:PATH."""
    kind, _colon, place = reference.partition(":")
    if kind not in {"env", "file"} or not place:
        raise ConfigurationError(_("A credential must be a reference: env:NAME or file:PATH, never the secret itself."))


def check_credential(credential: str) -> None:
    """Raise ConfigurationError unless a credential is a reference, oauth:PATH, or ``smart``."""
    if credential != SMART and oauth_file(credential) is None:
        check_reference(credential)


def oauth_file(credential: str | None) -> str | None:
    """The path in a credential oauth:PATH; None for any other."""
    kind, _colon, place = (credential or "").partition(":")
    return place if kind == OAUTH and place else None


def resolve_credential(reference: str) -> str:
    """The secret behind a reference; raises ConfigurationError when there is none."""
    check_reference(reference)
    kind, _colon, place = reference.partition(":")
    secret = os.environ.get(place, "") if kind == "env" else _content(place)
    if not secret:
        raise ConfigurationError(_("Credential not found: {reference}.", reference=reference))
    return secret


def require_secrets(credential: str) -> None:
    """Raise ConfigurationError unless every secret of a credential can be read from here.

    Of ``smart`` the secret, if there is one, is another reference, which the caller has to look up.
    """
    if credential == SMART:
        return
    path = oauth_file(credential)
    if path is None:
        resolve_credential(credential)
        return
    said = read_settings(path)
    for name in ("key", "secret"):
        if isinstance(said.get(name), str):
            resolve_credential(said[name])


def read_settings(path: str) -> dict[str, Any]:
    """The JSON object in the file of a credential oauth:PATH; raises ConfigurationError when there is none."""
    try:
        found = json.loads(_content(path))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ConfigurationError(_("The file of the credential oauth:{path} is not a JSON object.", path=path))
    return found


def _content(place: str) -> str:
    try:
        path = Path(place)
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device has no end
            raise ConfigurationError(_("The credential at file:{place} is not a regular file.", place=place))
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigurationError(
                _("The credential at file:{place} is larger than {max_bytes} bytes.", place=place, max_bytes=MAX_BYTES)
            )
        return content.decode().removeprefix("\ufeff").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise ConfigurationError(_("The credential at file:{place} cannot be read.", place=place)) from error


def token_source(reference: str | None) -> Callable[[], str] | None:
    """A source of bearer tokens from a credential; None without one.

    The secret is read at each call, so that a changed variable or file is seen at once. Raises ConfigurationError
    for another kind of reference; the source itself raises it when there is no secret.
    """
    if not reference:
        return None
    check_reference(reference)
    return lambda: resolve_credential(reference)
