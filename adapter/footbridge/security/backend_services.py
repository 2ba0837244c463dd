"""Our token endpoint: from a form to an access token, by SMART Backend Services.

https://hl7.org/fhir/smart-app-launch/backend-services.html. The assertion is verified with the keys that are registered
for the client, by value or fetched from their URL by ``FetchKeys``; then it is noted as used, and the token is made, in
one transaction, so that of two processes that get the same assertion one refuses it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from footbridge.errors import ConfigurationError, PartnerError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.security import audit
from footbridge.security.assertions import NO_KEY, Assertion, Proof, TokenError, read_assertion, verify
from footbridge.security.key_sets import PublicKey, read_keys
from footbridge.security.scopes import grant
from footbridge.store.engine import Database
from footbridge.store.smart_clients import SmartClient, find_smart_client, make_access_token, use_assertion

GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME: Final = 300
"""Seconds that an access token is valid; the guide recommends five minutes at most."""
ONCE: Final = ("grant_type", "scope", "client_assertion_type", "client_assertion")

CallOf = Callable[[SmartClient], audit.Call]
"""The request as the audit notes it, by this client."""

FetchKeys = Callable[[str, str], Sequence[PublicKey]]
"""Keys of a URL, among them that of a kid if the URL has it now. Raises PartnerError or ConfigurationError."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An access token.

    Attributes:
        client: whose it is.
        token: to be shown this once.
        scope: what was granted, with blanks between.
        expires_in: seconds.
    """

    client: SmartClient
    token: str
    scope: str
    expires_in: int = LIFETIME


def issue(
    form: Mapping[str, Sequence[str]],
    audience: str,
    database: Database,
    clock: Clock,
    fetch: FetchKeys,
    call_of: CallOf,
) -> Issued:
    """Make an access token for who proves to be a client. Raises TokenError.

    Args:
        form: the parameters of the request, each with all its values.
        audience: URL of this token endpoint, which the assertion must be for.
        database: holds the clients.
        clock: the time.
        fetch: gets keys that are registered by URL.
        call_of: what the audit notes of the request, in the transaction that makes the token.
    """
    assertion, asked = _read(form)
    with database.read() as connection:
        client = find_smart_client(connection, assertion.client_id)
    if client is None:
        raise TokenError("invalid_client", NO_KEY)
    try:
        proof = verify(assertion, _keys(client, assertion, fetch), audience, clock.now())
        return _issued(database, client, proof, asked, clock, call_of)
    except TokenError as error:
        error.client_id = client.client_id
        raise


def _read(form: Mapping[str, Sequence[str]]) -> tuple[Assertion, str]:
    """The assertion, and the scopes that are asked for."""
    given = {name: values[0] for name, values in form.items() if name in ONCE and values}
    repeated = [name for name in ONCE if len(form.get(name, ())) > 1]
    if repeated:
        raise TokenError("invalid_request", _("The parameter {name} may be given once only.", name=repeated[0]))
    if not given.get("grant_type"):
        raise TokenError("invalid_request", _("The parameter {name} is required.", name="grant_type"))
    if given["grant_type"] != GRANT_TYPE:
        raise TokenError("unsupported_grant_type", _("The grant_type must be {name}.", name=GRANT_TYPE))
    for name in ("client_assertion_type", "client_assertion"):
        if not given.get(name):
            raise TokenError("invalid_request", _("The parameter {name} is required.", name=name))
    if given["client_assertion_type"] != ASSERTION_TYPE:
        raise TokenError("invalid_request", _("The client_assertion_type must be {name}.", name=ASSERTION_TYPE))
    assertion = read_assertion(given["client_assertion"])
    if form.get("client_id", [assertion.client_id])[0] != assertion.client_id:
        raise TokenError("invalid_client", _("The client_id is not that of the assertion."))
    return assertion, given.get("scope", "")


def _keys(client: SmartClient, assertion: Assertion, fetch: FetchKeys) -> Sequence[PublicKey]:
    """The registered keys. A ``jku`` of the assertion is never followed: it must be the registered URL."""
    if assertion.jku is not None and assertion.jku != client.jwks_url:
        raise TokenError("invalid_client", NO_KEY)
    try:
        if client.jwks_url is None:
            return read_keys(client.jwks or "")
        return fetch(client.jwks_url, assertion.kid)
    except (PartnerError, ConfigurationError) as error:
        message = _("The keys of the client cannot be read. {error}", error=str(error))
        raise TokenError("invalid_client", message) from error


def _issued(database: Database, client: SmartClient, proof: Proof, asked: str, clock: Clock, call_of: CallOf) -> Issued:
    now = clock.now()
    granted = " ".join(grant(asked, client.role))
    token = None
    with database.write() as connection:
        is_new = use_assertion(connection, client.client_id, proof.jti, proof.expires, now)
        if is_new and granted:
            expires = now + timedelta(seconds=LIFETIME)
            token = make_access_token(connection, client, granted, expires, now)
            audit.note_token(connection, call_of(client), now, granted)
    if not is_new:
        message = _("The assertion was used before: make a new one, with its own jti, for each request.")
        raise TokenError("invalid_client", message)
    if token is None:
        may = " ".join(grant("system/*.cruds", client.role))
        raise TokenError(
            "invalid_scope",
            _("None of the scopes can be granted. This client may have: {may}.", may=may)
            if asked.strip()
            else _("The parameter scope is required. This client may have: {may}.", may=may),
        )
    return Issued(client, token, granted)
