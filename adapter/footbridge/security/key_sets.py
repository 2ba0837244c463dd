"""Public keys of a partner: a JWK Set (https://www.rfc-editor.org/rfc/rfc7517) as far as it can verify an assertion.

RS384 with RSA keys and ES384 with EC keys of P-384 are what SMART asks a server to support:
https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html. Which algorithm a key verifies follows from
its kind, never from what an assertion says, so that no key is used for another algorithm than its own.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from footbridge.errors import ConfigurationError
from footbridge.i18n import _

Algorithm = Literal["RS384", "ES384"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = ("RS384", "ES384")
MAX_BYTES: Final = 100_000
MOST_KEYS: Final = 100
RSA_BITS: Final = (2048, 8192)
"""Sizes of an RSA key: a smaller one is no proof (NIST SP 800-131A), a larger one costs more than it gives."""
_PRIVATE: Final = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies.

    Attributes:
        kid: its id, by which an assertion names it.
        algorithm: the one that it verifies.
        key: for joserfc.
    """

    kid: str
    algorithm: Algorithm
    key: RSAKey | ECKey


def read_keys(text: str | bytes) -> tuple[PublicKey, ...]:
    """The keys of a JWK Set that can verify; others are passed over.

    Raises ConfigurationError where it is no JWK Set, has none, or has a private key, which nobody else may have.
    """
    try:
        found = orjson.loads(text) if len(text) <= MAX_BYTES else None
    except orjson.JSONDecodeError:
        found = None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise ConfigurationError(_('The key set is not a JWK Set: a JSON object with the list "keys".'))
    given = [key for key in keys if isinstance(key, dict)]
    if any(name in key for key in given for name in _PRIVATE):
        raise ConfigurationError(_("The key set has a private or secret key: it must have public keys only."))
    usable = tuple(key for key in map(_usable, given) if key is not None)
    if not usable:
        raise ConfigurationError(
            _("The key set has no usable key: each must have a kid and be RSA of 2048 bits or more, or EC P-384.")
        )
    return usable


def _usable(jwk: Mapping[str, Any]) -> PublicKey | None:
    kid, operations = jwk.get("kid"), jwk.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not kid or jwk.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    algorithm: Algorithm
    try:
        key: RSAKey | ECKey
        if jwk.get("kty") == "RSA" and RSA_BITS[0] <= _bits(jwk) <= RSA_BITS[1]:
            key, algorithm = RSAKey.import_key(dict(jwk)), "RS384"
        elif jwk.get("kty") == "EC" and jwk.get("crv") == "P-384":
            key, algorithm = ECKey.import_key(dict(jwk)), "ES384"
        else:
            return None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return PublicKey(kid, algorithm, key) if jwk.get("alg", algorithm) == algorithm else None


def _bits(jwk: Mapping[str, Any]) -> int:
    """Size of an RSA key, by its modulus. Raises ValueError for what is no base64."""
    return int.from_bytes(urlsafe_b64decode(f"{jwk.get('n', '')}==")).bit_length()
