"""The token endpoint of a simulated server: SMART Backend Services as a strict partner has it, to try without one.

It takes every client id, verifies the assertion with the keys that it was given, refuses a ``jti`` that it saw before,
grants the scopes of systems that are asked for, and says in ``error_description`` what is wrong. A token is valid for
five minutes; what it does not allow is 403.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

import orjson

from footbridge.errors import ConfigurationError, PartnerError
from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.routes import targets
from footbridge.model.clock import Clock
from footbridge.security.assertions import Proof, TokenError, read_assertion, verify
from footbridge.security.backend_services import ASSERTION_TYPE, GRANT_TYPE, LIFETIME
from footbridge.security.key_sets import ALGORITHMS, PublicKey
from footbridge.security.scopes import allows, parse

Keys = Callable[[str], Sequence[PublicKey]]
"""Finds the public keys of the clients, among them that of a kid if there is one."""

CONFIGURATION: Final = ".well-known/smart-configuration"
TOKEN: Final = "token"  # noqa: S105 - an address
OPEN: Final = frozenset({"metadata", CONFIGURATION, TOKEN})
"""What needs no token."""


class TokenServer:
    """Gives tokens for one simulated server; safe to share between threads."""

    def __init__(self, clock: Clock, keys: Keys) -> None:
        self._clock = clock
        self._keys = keys
        self._used: dict[tuple[str, str], datetime] = {}
        self._tokens: dict[str, tuple[datetime, tuple[str, ...]]] = {}
        self._lock = threading.Lock()

    def handle(self, request: Request, base_url: str) -> Response | None:
        """The answer to a request that is about tokens; None for every other one."""
        if (request.method, request.path) == ("GET", CONFIGURATION):
            return _json(200, configuration(base_url))
        if (request.method, request.path) != ("POST", TOKEN):
            return None
        try:
            return _json(200, self._issued(request, f"{base_url}/{TOKEN}"))
        except TokenError as error:
            status = 401 if error.code == "invalid_client" else 400
            return _json(status, {"error": error.code, "error_description": str(error)})

    def refusal(self, request: Request) -> int | None:
        """The status with which a request is refused for its token: 401 without a valid one, 403 for lack of scope."""
        if request.path in OPEN:
            return None
        scheme, _blank, token = (request.header("Authorization") or "").partition(" ")
        with self._lock:
            until, scopes = self._tokens.get(token, (None, ()))
        if scheme.lower() != "bearer" or until is None or until <= self._clock.now():
            return 401
        return None if _is_allowed(request, scopes) else 403

    def _issued(self, request: Request, audience: str) -> Mapping[str, object]:
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != GRANT_TYPE:
            raise TokenError("unsupported_grant_type", f"The grant_type must be {GRANT_TYPE}.")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenError("invalid_request", f"The client_assertion_type must be {ASSERTION_TYPE}.")
        assertion = read_assertion(form.get("client_assertion", ""))
        try:
            keys = self._keys(assertion.kid)
        except (PartnerError, ConfigurationError) as error:
            raise TokenError("invalid_client", f"The keys of the client cannot be read. {error}") from error
        proof = verify(assertion, keys, audience, self._clock.now())
        granted = tuple(scope for scope in form.get("scope", "").split() if parse(scope) is not None)
        with self._lock:
            self._use(proof)
            if not granted:
                raise TokenError("invalid_scope", "Ask for scopes such as system/Task.rs.")
            token = secrets.token_urlsafe(32)
            self._tokens[token] = (self._clock.now() + timedelta(seconds=LIFETIME), granted)
        return {"access_token": token, "token_type": "bearer", "expires_in": LIFETIME, "scope": " ".join(granted)}

    def _use(self, proof: Proof) -> None:
        now = self._clock.now()
        self._used = {key: until for key, until in self._used.items() if until > now}
        self._tokens = {key: kept for key, kept in self._tokens.items() if kept[0] > now}
        if (proof.client_id, proof.jti) in self._used:
            raise TokenError("invalid_client", "The assertion was used before.")
        self._used[proof.client_id, proof.jti] = proof.expires


def configuration(base_url: str) -> dict[str, object]:
    """https://hl7.org/fhir/smart-app-launch/conformance.html."""
    return {
        "token_endpoint": f"{base_url}/{TOKEN}",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [GRANT_TYPE],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def _is_allowed(request: Request, scopes: tuple[str, ...]) -> bool:
    method = "GET" if request.method == "HEAD" else request.method
    for target in targets(request.path):
        if target.route.method == method and target.type is not None:
            return allows(scopes, target.type, target.route.interaction)
    try:
        entries = orjson.loads(request.body).get("entry", []) if request.body else []
        needed = [(entry["request"]["method"], entry["request"]["url"].partition("?")[0]) for entry in entries]
    except (ValueError, AttributeError, KeyError, TypeError):
        return True  # the server says what is wrong with it
    return all(_is_allowed(Request(method, path), scopes) for method, path in needed)


def _json(status: int, body: Mapping[str, object]) -> Response:
    return Response(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, orjson.dumps(body))
