"""A partner's credential is kept by reference: ``env:NAME`` or ``file:PATH``. The secret is read when it is needed."""

import os
from pathlib import Path

from footbridge.errors import ConfigurationError
from footbridge.partners.network import Token


def token_source(reference: str | None) -> Token | None:
    """A source of bearer tokens for a credential reference; None for a partner without one.

    A changed variable or file is seen at the next call. Raises ConfigurationError for another kind of reference;
    the source itself raises it when the variable or the file is missing or empty.
    """
    if not reference:
        return None
    kind, _, place = reference.partition(":")
    if not place or kind not in {"env", "file"}:
        raise ConfigurationError("A partner's credential is env:NAME or file:PATH.")
    return lambda: _secret(kind, place)


def _secret(kind: str, place: str) -> str:
    try:
        secret = os.environ.get(place, "") if kind == "env" else Path(place).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"The partner's credential {kind}:{place} cannot be read.") from error
    if not secret.strip():
        raise ConfigurationError(f"The partner's credential {kind}:{place} is empty or not set.")
    return secret.strip()
