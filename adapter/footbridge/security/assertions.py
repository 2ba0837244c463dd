"""Client assertions: JWTs by which a partner's system proves who it is (RFC 7523, ``private_key_jwt``).

What is verified is the list of https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html: algorithm,
key, signature, issuer and subject, audience, end, and that a ``jti`` is there; that it is used once only is noted by
``store.smart_clients``. Before the signature is verified nothing in an assertion is believed: of an unknown client and
of a wrong key the same is said.
"""

import base64
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from footbridge.errors import FootbridgeError
from footbridge.i18n import _
from footbridge.security.key_sets import ALGORITHMS, PublicKey

Code = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
]
"""Codes of RFC 6749, section 5.2."""

LONGEST: Final = 16_384  # characters of an assertion
AHEAD: Final = 300  # seconds that an assertion may be valid from now on
SKEW: Final = 60  # seconds that the client's clock may be ahead, for iat and nbf
LONGEST_JTI: Final = 255
NO_KEY = _("The client is unknown, or none of its registered keys verifies the assertion.")


class TokenError(FootbridgeError):
    """A token endpoint refuses a request; ``code`` is that of RFC 6749, section 5.2.

    ``client_id`` is that of a client that is registered; None where nobody knows who it was.
    """

    def __init__(self, code: Code, message: str) -> None:
        self.code: Code = code
        self.client_id: str | None = None
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion as it came; nothing of it is verified.

    Attributes:
        text: the JWT.
        client_id: whose it says it is.
        algorithm, kid, jku: of its header.
    """

    text: str
    client_id: str
    algorithm: str
    kid: str
    jku: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified assertion proves: who it is, under which id, until when."""

    client_id: str
    jti: str
    expires: datetime


def read_assertion(text: str) -> Assertion:
    """Take an assertion apart. Raises TokenError ``invalid_client`` for what cannot be one."""
    header, claims = _parts(text)
    algorithm, kid, jku = header.get("alg"), header.get("kid"), header.get("jku")
    if algorithm not in ALGORITHMS:
        raise _refused(_("The assertion must be signed with {algorithms}.", algorithms=" or ".join(ALGORITHMS)))
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise _refused(_("The header typ of the assertion must be JWT."))
    if not isinstance(kid, str) or not kid:
        raise _refused(_("The assertion must name its key in the header kid."))
    if jku is not None and not isinstance(jku, str):
        raise _refused(_("The header jku of the assertion must be a URL."))
    client_id = claims.get("iss")
    if not isinstance(client_id, str) or not client_id or claims.get("sub") != client_id:
        raise _refused(_("The claims iss and sub of the assertion must both be the client id."))
    return Assertion(text, client_id, str(algorithm), kid, jku)


def verify(assertion: Assertion, keys: Iterable[PublicKey], audience: str, now: datetime) -> Proof:
    """Verify the signature and the claims. Raises TokenError ``invalid_client``, which says what is wrong.

    Args:
        assertion: as ``read_assertion`` found it.
        keys: of the client that it names; none for a client that is unknown.
        audience: URL of the token endpoint.
        now: the time.
    """
    claims = next(filter(None, (_signed(assertion, key) for key in keys if _is_named(assertion, key))), None)
    if claims is None:
        raise _refused(NO_KEY)
    said = claims.get("aud")
    if audience not in (said if isinstance(said, list) else [said]):
        raise _refused(_("The claim aud of the assertion must be {audience}.", audience=audience))
    at = now.timestamp()
    expires = _moment(claims, "exp")
    if expires is None:
        raise _refused(_("The assertion must have the claim exp, in seconds since 1970."))
    if expires <= at:
        raise _refused(_("The assertion has expired: make a new one for each request."))
    if expires > at + AHEAD:
        raise _refused(_("The claim exp of the assertion must be at most {seconds} seconds ahead.", seconds=AHEAD))
    for name in ("nbf", "iat"):
        since = _moment(claims, name)
        if since is not None and since > at + SKEW:
            raise _refused(_("The claim {name} of the assertion is in the future.", name=name))
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti or len(jti) > LONGEST_JTI:
        raise _refused(_("The assertion must have the claim jti, a text of 1 to {most} characters.", most=LONGEST_JTI))
    return Proof(assertion.client_id, jti, datetime.fromtimestamp(expires, UTC))


def _parts(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if len(text) > LONGEST:
        raise _refused(_("The client_assertion is longer than {most} characters.", most=LONGEST))
    try:
        head, payload, _signature = text.encode("ascii").split(b".")
        header, claims = orjson.loads(_decoded(head)), orjson.loads(_decoded(payload))
    except ValueError:  # not three parts, not base64, not JSON
        raise _refused(_("The client_assertion is not a signed JWT.")) from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _refused(_("The client_assertion is not a signed JWT."))
    return header, claims


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _is_named(assertion: Assertion, key: PublicKey) -> bool:
    return (key.kid, key.algorithm) == (assertion.kid, assertion.algorithm)


def _signed(assertion: Assertion, key: PublicKey) -> dict[str, Any] | None:
    """The claims, if this key signed them."""
    try:
        found = jws.deserialize_compact(assertion.text, key.key, algorithms=[key.algorithm])
        claims = orjson.loads(found.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate; None where there is none. Raises TokenError for what is no such number."""
    said = claims.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or abs(said) > 1e11:
        raise _refused(_("The claim {name} of the assertion must be a number of seconds since 1970.", name=name))
    return float(said)


def _refused(message: str) -> TokenError:
    return TokenError("invalid_client", message)
