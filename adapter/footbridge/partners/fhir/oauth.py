"""Access tokens for partners that want SMART Backend Services, or OAuth 2 client credentials with a shared secret.

https://hl7.org/fhir/smart-app-launch/backend-services.html: we sign a short-lived assertion with our private key
(``private_key_jwt``, https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html) and get a token for
some minutes. It is kept in memory until shortly before it ends. Where the token endpoint is not given, the server says
it in ``.well-known/smart-configuration``.

How a partner is set (``oauth_clients``) is a JSON file that its credential names (``oauth:PATH``), or the table
``smart_server``, where without a shared secret a key of our own signs (``security.own_keys``).
"""

import base64
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from footbridge.errors import ConfigurationError, PartnerError, PartnerRefused
from footbridge.i18n import _
from footbridge.partners.addresses import checked_base
from footbridge.partners.fhir.lenient import text_in
from footbridge.partners.fhir.oauth_clients import OAuthClient
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.token_answers import object_of, seconds_of
from footbridge.partners.fhir.transport import Limits, Transport
from footbridge.security.scopes import allows, parse
from footbridge.store.credentials import resolve_credential
from footbridge.store.smart_servers import DEFAULT_SCOPE

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME: Final = 240  # seconds of an assertion; the guide allows five minutes
EARLY: Final = 30.0  # seconds before its end from which a token is not used any more
SHORTEST: Final = 10.0  # seconds that a token is kept, whatever its server says
LONGEST: Final = 3600.0
MAX_ANSWER: Final = 100_000  # bytes
NEEDED: Final = ("read", "search-type", "create", "update")
"""Interactions with a Task without which no referral can be delivered and followed."""


@dataclass(frozen=True, slots=True)
class FailedStep:
    """The step of logging on that fails: ``discovery``, ``token`` or ``scope``.

    Attributes:
        problem: what is wrong, in our words.
        answered: whether the partner answered at all.
    """

    step: str
    problem: str
    answered: bool


@dataclass(slots=True)
class AccessTokens:
    """A source of bearer tokens, safe to share between threads; call it for the token of the moment.

    Attributes:
        base_url: of the partner's FHIR server.
        client: reads how we ask, at each renewal, so that a changed file or key is seen.
        limits, allow_http, partner: as of ``Transport``.
        in_body: send client id and secret in the body, as some servers ask, and a scope only where one is set.
        endpoint: token endpoint where the file names none; None: the server's own statement counts.
        now: seconds since 1970, for the assertion.
    """

    base_url: str
    client: Callable[[], OAuthClient]
    limits: Limits
    allow_http: bool = False
    partner: str = ""
    in_body: bool = False
    endpoint: str | None = None
    now: Callable[[], float] = time.time
    _token: str | None = field(default=None, repr=False)
    _granted: str | None = None
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> str:
        """The token. Raises PartnerUnavailable or PartnerRefused when there is none, ConfigurationError without key."""
        with self._lock:
            if self._token is None or time.monotonic() >= self._until:
                client = self.client()
                return self._renewed(client, self._endpoint(client))
            return self._token

    def forget(self, token: str) -> None:
        """The partner did not take this token: the next call asks for another."""
        with self._lock:
            if self._token == token:
                self._token = None

    def failed_step(self) -> FailedStep | None:
        """Get a new token, as a test; the step that fails, None when it may do what a referral needs.

        Raises ConfigurationError where our own key or secret is not to be found.
        """
        client = self.client()
        try:
            url = self._endpoint(client)
        except PartnerError as error:
            return FailedStep("discovery", str(error), error.status is not None)
        try:
            with self._lock:
                self._renewed(client, url)
        except PartnerError as error:
            return FailedStep("token", str(error), error.status is not None)
        scopes = (client.scope if self._granted is None else self._granted).split()
        missing = [name for name in NEEDED if not allows(scopes, "Task", name)]
        if missing and any(parse(scope) is not None for scope in scopes):  # other words than SMART's say nothing to us
            what = ", ".join(missing)
            problem = _("The token that the partner gave does not allow these with Task: {what}.", what=what)
            return FailedStep("scope", problem, answered=True)
        return None

    def _renewed(self, client: OAuthClient, url: str) -> str:
        """Get a new token, and keep it; the caller holds the lock."""
        token, holds = self._asked(client, url)
        self._token, self._until = token, time.monotonic() + max(SHORTEST, min(holds, LONGEST) - EARLY)
        return token

    def _asked(self, client: OAuthClient, url: str) -> tuple[str, float]:
        """A new token, and for how many seconds it holds."""
        form = {"grant_type": "client_credentials", "scope": client.scope}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if client.secret is not None and self.in_body:
            form |= {"client_id": client.client_id, "client_secret": resolve_credential(client.secret)}
            form = {name: value for name, value in form.items() if name != "scope" or value != DEFAULT_SCOPE}
        elif client.secret is not None:
            pair = f"{quote(client.client_id, safe='')}:{quote(resolve_credential(client.secret), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_assertion_type": ASSERTION, "client_assertion": self._assertion(client, url)}
        answer = self._sent("POST", url, headers=headers, body=urlencode(form).encode())
        said = object_of(answer, _("the request for an access token"))
        token = text_in(said.get("access_token"))
        if token is None or (text_in(said.get("token_type")) or "bearer").lower() != "bearer":
            raise PartnerRefused(_("The partner's token endpoint gave no bearer token."), status=answer.status)
        self._granted = text_in(said.get("scope"))
        return token, seconds_of(said.get("expires_in"))

    def _endpoint(self, client: OAuthClient) -> str:
        what = _("The partner's token endpoint")
        if client.token_url is not None:
            return checked_base(client.token_url, allow_http=self.allow_http, what=what)
        if self.endpoint is not None:
            return checked_base(self.endpoint, allow_http=self.allow_http, what=what)
        well_known = f"{self.base_url.rstrip('/')}/.well-known/smart-configuration"
        answer = self._sent("GET", well_known, headers={"Accept": "application/json"})
        said = text_in(object_of(answer, _("the question for its SMART configuration")).get("token_endpoint"))
        try:
            return checked_base(said or "", allow_http=self.allow_http, what=what)
        except ConfigurationError as error:
            raise PartnerRefused(
                _("{error} It is what the partner's SMART configuration says.", error=str(error))
            ) from None

    def _assertion(self, client: OAuthClient, audience: str) -> str:
        if client.sign is not None:
            ours = client.sign(client.algorithm)
            return self._signed(ours.key, ours.algorithm, ours.kid, client, audience)
        material = resolve_credential(client.key or "")
        try:
            key = _key(material)
            algorithm = client.algorithm or ("ES384" if isinstance(key, ECKey) else "RS384")
            return self._signed(key, algorithm, client.key_id or key.kid, client, audience)
        except (JoseError, ValueError, TypeError, KeyError):  # without `from`: a cause may quote the key
            raise ConfigurationError(
                _("The key at {key} cannot sign; it must be RSA or EC P-384.", key=client.key)
            ) from None

    def _signed(self, key: RSAKey | ECKey, algorithm: str, kid: str | None, client: OAuthClient, audience: str) -> str:
        header: dict[str, Any] = {"alg": algorithm, "typ": "JWT"} | ({"kid": kid} if kid else {})
        now = int(self.now())
        claims = {"iss": client.client_id, "sub": client.client_id, "aud": audience}
        claims_of_time = {"iat": now, "exp": now + LIFETIME, "jti": str(uuid.uuid4())}
        return jwt.encode(header, claims | claims_of_time, key, algorithms=[algorithm])

    def _sent(self, method: str, url: str, *, headers: dict[str, str], body: bytes | None = None) -> Answer:
        limits = Limits(self.limits.connect, self.limits.total, MAX_ANSWER)
        transport = Transport(url, token=None, limits=limits, allow_http=self.allow_http, partner=self.partner)
        try:
            return transport.send(method, transport.base_url, route="(authorization)", headers=headers, body=body)
        finally:
            transport.close()


def _key(material: str) -> RSAKey | ECKey:
    if material.lstrip().startswith("{"):
        found = orjson.loads(material)
        return ECKey.import_key(found) if found.get("kty") == "EC" else RSAKey.import_key(found)
    try:
        return RSAKey.import_key(material)
    except (JoseError, ValueError, TypeError):
        return ECKey.import_key(material)
