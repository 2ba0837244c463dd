"""How we ask one partner for access tokens: read from a file that its credential names, or of ``smart_server``.

The secrets themselves are named by reference (``env:NAME`` or ``file:PATH``); none is in the database or a log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.security.own_keys import Signer
from footbridge.store.credentials import check_reference, read_settings
from footbridge.store.smart_servers import DEFAULT_SCOPE, SmartServer

ALGORITHMS: Final = ("RS384", "ES384")
MEMBERS: Final = frozenset({"clientId", "key", "keyId", "algorithm", "secret", "tokenUrl", "scope"})
Sign = Callable[[str | None], Signer]
"""Finds the key of ours that signs, with this algorithm or the usual one."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """How we ask one partner for tokens.

    Attributes:
        client_id: as the partner registered us.
        key: reference of our private key in PEM or JWK; None with a shared secret.
        secret: reference of the shared secret; None with a key.
        key_id: ``kid`` by which the partner finds our public key.
        algorithm: of the signature; by the kind of key when None.
        token_url: None: the server's own statement counts.
        scope: what we ask for.
        sign: finds the key of ours that signs, where neither ``key`` nor ``secret`` is set.
    """

    client_id: str
    key: str | None = None
    secret: str | None = None
    key_id: str | None = None
    algorithm: str | None = None
    token_url: str | None = None
    scope: str = DEFAULT_SCOPE
    sign: Sign | None = field(default=None, repr=False)


def client_of(server: SmartServer, sign: Sign) -> OAuthClient:
    """How we log on at a partner that the table ``smart_server`` has."""
    return OAuthClient(
        client_id=server.client_id,
        secret=server.secret,
        algorithm=server.algorithm,
        token_url=server.token_url,
        scope=server.scope,
        sign=None if server.secret is not None else sign,
    )


def read_client(path: str) -> OAuthClient:
    """Read the file that a credential ``oauth:PATH`` names. Raises ConfigurationError, naming what is wrong in it."""
    said = read_settings(path)
    odd = sorted(said.keys() - MEMBERS) + sorted(name for name, value in said.items() if not isinstance(value, str))
    if odd or not said.get("clientId") or ("key" in said) == ("secret" in said):
        wrong = _("check: {odd}", odd=", ".join(odd)) if odd else _("it needs clientId, and either key or secret")
        raise ConfigurationError(
            _("The file of the credential oauth:{path} is not valid; {wrong}.", path=path, wrong=wrong)
        )
    check_reference(said.get("key") or said["secret"])
    if said.get("algorithm", ALGORITHMS[0]) not in ALGORITHMS:
        raise ConfigurationError(
            _("The algorithm in oauth:{path} must be one of {algorithms}.", path=path, algorithms=", ".join(ALGORITHMS))
        )
    return OAuthClient(
        client_id=said["clientId"],
        key=said.get("key"),
        secret=said.get("secret"),
        key_id=said.get("keyId"),
        algorithm=said.get("algorithm"),
        token_url=said.get("tokenUrl"),
        scope=said.get("scope", DEFAULT_SCOPE),
    )
