"""Sign-in by OpenID Connect, as far as no network is needed: the state of a try, the ID token, and who it names.

The code flow of https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth with PKCE (S256,
https://www.rfc-editor.org/rfc/rfc7636). State, nonce and verifier follow from the portal's secret in the database and
the cookie of the browser. So nothing is stored when a try begins, any process serves its end, and no other browser can
end it. That a try has ended is stored: it ends once.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from authlib.oidc.core.claims import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import Connection

from footbridge.errors import ConfigurationError, ForbiddenError
from footbridge.i18n import _
from footbridge.security.people import who_may
from footbridge.settings import settings
from footbridge.store import sessions
from footbridge.store.credentials import resolve_credential
from footbridge.store.users import User, find_user, read_email

TRY: Final = timedelta(minutes=10)
"""How long somebody may take at the issuer."""
SKEW: Final = 60  # seconds that the clock of the issuer may differ from ours
LONGEST: Final = 50_000  # characters of an ID token
MOST_KEYS: Final = 100
EMAIL: Final = "email"
ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA", "Ed25519"),
}
"""What a key may verify, by its kind or curve: signatures with public keys only, never ``none`` or a shared secret."""

Key = RSAKey | ECKey | OKPKey


class NotSignedIn(ForbiddenError):  # noqa: N818 - reads as what happened
    """A try to sign in ends without a session; ``reason`` is a word for the log, with nothing of the person."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_("Nobody was signed in."))


@dataclass(frozen=True, slots=True)
class Client:
    """Us, as the issuer knows us.

    Attributes:
        issuer: as set.
        client_id: as the issuer registered us.
        claim: name of the claim that holds the e-mail address of the user.
        redirect_uri: to which the issuer sends the browser back.
    """

    issuer: str
    client_id: str
    claim: str
    redirect_uri: str

    @property
    def scope(self) -> str:
        """What we ask for."""
        return " ".join(("openid", EMAIL, *(() if self.claim == EMAIL else ("profile",))))


@dataclass(frozen=True, slots=True)
class Try:
    """One try to sign in, by one browser."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    began: datetime

    @property
    def challenge(self) -> str:
        """What the issuer compares the verifier with."""
        return str(create_s256_code_challenge(self.verifier))


def configured() -> Client | None:
    """How people sign in at the issuer; None where none is set."""
    chosen = settings()
    if chosen.oidc_issuer is None:
        return None
    back = f"{chosen.own_url}/portal/sign-in/openid/back"
    return Client(chosen.oidc_issuer, chosen.oidc_client_id or "", chosen.oidc_claim, back)


def links_are_sent() -> bool:
    """Whether links by e-mail sign people in: always where there is no other way."""
    return settings().portal_links or settings().oidc_issuer is None


def client_secret() -> str | None:
    """Our secret at the issuer; None where it gave us none. Raises ConfigurationError when its file cannot be read."""
    given = settings().oidc_client_secret
    said = given.get_secret_value() if given is not None else ""
    return resolve_credential(said) if said.startswith("file:") else said or None


def begin(key: bytes, browser: str, now: datetime) -> Try:
    """A new try of a browser; ``key`` is the portal's secret (``sign_in.form_key``)."""
    began = int(now.timestamp())
    return _try(key, browser, began, secrets.token_urlsafe(16))


def resume(key: bytes, browser: str, state: str, now: datetime) -> Try:
    """The try that a state names. Raises NotSignedIn where it is not of this browser, or too old."""
    began, _dot, rest = state.partition(".")
    number = rest.partition(".")[0]
    if not browser or not began.isascii() or not began.isdigit() or len(state) > 200 or len(began) > 11:
        raise NotSignedIn("state")
    found = _try(key, browser, int(began), number)
    if not hmac.compare_digest(found.state.encode(), state.encode()):
        raise NotSignedIn("state")
    if not found.began <= now < found.began + TRY:
        raise NotSignedIn("stale")
    return found


def spend(connection: Connection, mine: Try) -> None:
    """Note that a try has ended. Raises NotSignedIn when it had ended before; of two at once one goes on."""
    digest = sessions.digest_of(f"openid/{mine.state}")
    if sessions.count_attempt(connection, digest, mine.began) > 1:
        raise NotSignedIn("replayed")


def read_keys(text: bytes) -> tuple[Mapping[str, Any], ...]:
    """The keys of the issuer's JWK Set. Raises NotSignedIn for what is not one."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise NotSignedIn("key-set")
    return tuple(key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig")


def can_verify(keys: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a token could be verified with one of these keys."""
    return any(_may_verify(key, one) for key in keys for known in ALGORITHMS.values() for one in known)


def names_key(token: str, keys: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the key that an ID token names is among these. Raises NotSignedIn for what is no JWT."""
    kid = _header(token).get("kid")
    return any(_is_named(key, kid) for key in keys)


def verified(
    token: str, keys: Iterable[Mapping[str, Any]], issuer: str, client: Client, mine: Try, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token, as https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation verifies.

    Args:
        token: as the token endpoint gave it.
        keys: of the issuer.
        issuer: as its discovery document names it.
        client: us.
        mine: the try, whose nonce it must have.
        now: the time.

    Raises NotSignedIn.
    """
    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    fit = [key for key in keys if _is_named(key, kid) and _may_verify(key, algorithm)]
    claims = next(filter(None, (_signed(token, key, str(algorithm)) for key in fit)), None)
    if claims is None:
        raise NotSignedIn("signature")
    wanted: Any = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client.client_id}}
    params = {"nonce": mine.nonce, "client_id": client.client_id}
    try:
        CodeIDToken(claims, header, options=wanted, params=params).validate(now=int(now.timestamp()), leeway=SKEW)
    except (JoseError, ValueError, TypeError, AttributeError, OverflowError):
        raise NotSignedIn("claims") from None
    if claims["exp"] > 1e11 or not isinstance(claims["sub"], str):
        raise NotSignedIn("claims")
    return claims


def address_in(claims: Mapping[str, Any], claim: str) -> str | None:
    """The e-mail address that claims name, in the form in which it is stored; None where they have none.

    ``email`` counts only where the issuer says that it has verified it. Raises NotSignedIn where it has not, and for
    what is no address.
    """
    said = claims.get(claim)
    if said is None:
        return None
    if claim == EMAIL and claims.get("email_verified") is not True:
        raise NotSignedIn("address-not-verified")
    try:
        return read_email(said) if isinstance(said, str) else _no_address()
    except ConfigurationError:
        return _no_address()


def user_named(connection: Connection, email: str) -> User:
    """The user of an address. Raises NotSignedIn: nobody becomes a user by signing in."""
    found = who_may(find_user(connection, email))
    if found is None:
        raise NotSignedIn("no-user")
    return found


def _try(key: bytes, browser: str, began: int, number: str) -> Try:
    named = f"{began}.{number}"
    state = f"{named}.{_derived(key, 'state', browser, named)}"
    nonce, verifier = (_derived(key, use, browser, named) for use in ("nonce", "verifier"))
    return Try(state, nonce, verifier, datetime.fromtimestamp(began, UTC))


def _derived(key: bytes, use: str, browser: str, named: str) -> str:
    """43 characters that only we can know."""
    digest = hmac.new(key, f"openid/{use}/{browser}/{named}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _header(token: str) -> Mapping[str, Any]:
    head = token.partition(".")[0]
    try:
        found = orjson.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))) if len(token) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotSignedIn("token")
    return found


def _is_named(key: Mapping[str, Any], kid: object) -> bool:
    """Whether a token that names this key, or none, may be signed with it; an issuer of one key need not name it."""
    return kid is None or key.get("kid") in {None, kid if isinstance(kid, str) else None}


def _may_verify(key: Mapping[str, Any], algorithm: object) -> bool:
    kind = key.get("kty") if key.get("kty") == "RSA" else key.get("crv")
    return algorithm in ALGORITHMS.get(str(kind), ()) and key.get("alg", algorithm) == algorithm


def _signed(token: str, jwk: Mapping[str, Any], algorithm: str) -> dict[str, Any] | None:
    """The claims, if this key signed them."""
    kinds: Mapping[str, type[Key]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    try:
        key = kinds[str(jwk.get("kty"))].import_key(dict(jwk))
        claims = orjson.loads(jws.deserialize_compact(token, key, algorithms=[algorithm]).payload)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _no_address() -> str:
    raise NotSignedIn("address")
