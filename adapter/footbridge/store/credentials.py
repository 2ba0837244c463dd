"""Secrets of partners, by reference: the database says where a secret is, never what it is.

``env:NAME`` is an environment variable, ``file:PATH`` a file (as Docker and Kubernetes mount secrets); its line end
is dropped.
"""

import os
from collections.abc import Callable
from pathlib import Path

from footbridge.errors import ConfigurationError


def check_reference(reference: str) -> None:
    """Raise ConfigurationError unless a reference is written as env:NAME or file:PATH."""
    kind, _, place = reference.partition(":")
    if kind not in {"env", "file"} or not place:
        raise ConfigurationError("A credential must be a reference: env:NAME or file:PATH, never the secret itself.")


def resolve_credential(reference: str) -> str:
    """The secret behind a reference; raises ConfigurationError when there is none."""
    check_reference(reference)
    kind, _, place = reference.partition(":")
    secret = os.environ.get(place, "") if kind == "env" else _content(place)
    if not secret:
        raise ConfigurationError(f"Credential not found: {reference}.")
    return secret


def _content(place: str) -> str:
    try:
        return Path(place).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The credential at file:{place} cannot be read.") from error


def token_source(reference: str | None) -> Callable[[], str] | None:
    """A source of bearer tokens from a credential; None without one.

    The secret is read at each call, so that a changed variable or file is seen at once. Raises ConfigurationError
    for another kind of reference; the source itself raises it when there is no secret.
    """
    if not reference:
        return None
    check_reference(reference)
    return lambda: resolve_credential(reference)
