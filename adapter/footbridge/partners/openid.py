"""Asks an OpenID Connect issuer: its discovery document, its keys, the token for a code, and its UserInfo.

Every request has the guards of one to a partner (``partners.fhir.transport``): https unless it goes to this machine, no
redirect, a bounded answer, and one deadline for all that one sign-in asks. What may be kept is kept for minutes. An
issuer that did not respond is left alone for some seconds, and ``AT_ONCE`` threads at most wait for it, so that a slow
one does not take them all.

https://openid.net/specs/openid-connect-discovery-1_0.html, https://openid.net/specs/openid-connect-core-1_0.html
"""

import base64
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request

from footbridge.errors import FootbridgeError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _, current
from footbridge.model.clock import Clock
from footbridge.partners.addresses import checked_base
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.reading import read_text
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.transport import Limits, Transport
from footbridge.security import openid
from footbridge.security.openid import Client, NotSignedIn, Try
from footbridge.settings import settings

MAX_BYTES: Final = 200_000
TOTAL: Final = 8.0  # seconds for all that one sign-in asks of the issuer
KEPT: Final = 300.0  # seconds that the discovery document and the keys are used
LEFT_ALONE: Final = 5.0  # seconds after a failed discovery until the next one
AT_ONCE: Final = 4  # sign-ins of one process that wait for the issuer; further ones wait a second, then fail


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says, as far as it is used.

    Attributes:
        issuer: as it names itself; ``iss`` of its tokens.
        authorization, token, keys, userinfo: addresses; ``userinfo`` None where there is none.
        in_body: whether it takes our secret in the body only.
    """

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    in_body: bool


class Issuer:
    """The issuer that is set, as one process knows it; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[str, Provider, float] | None = None
        self._keys: tuple[str, tuple[Mapping[str, Any], ...], float] | None = None
        self._failed = ("", 0.0)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def way_in(self, client: Client, mine: Try) -> str:
        """The address at the issuer at which a person signs in. Raises FootbridgeError where it cannot be found."""
        with self._place():
            provider = self.provider(client, time.monotonic() + TOTAL)
        return str(
            prepare_grant_uri(
                provider.authorization,
                client.client_id,
                "code",
                redirect_uri=client.redirect_uri,
                scope=client.scope,
                state=mine.state,
                nonce=mine.nonce,
                code_challenge=mine.challenge,
                code_challenge_method="S256",
                ui_locales=current(),
            )
        )

    def address(self, client: Client, mine: Try, code: str, named: str | None) -> str:
        """The e-mail address of the person for whom the issuer gave a code.

        ``named`` is the issuer that the browser came back from, where it says so
        (https://www.rfc-editor.org/rfc/rfc9207). Raises FootbridgeError: NotSignedIn where nothing is proved.
        """
        with self._place():
            return self._proved(client, mine, code, named)

    def _proved(self, client: Client, mine: Try, code: str, named: str | None) -> str:
        until = time.monotonic() + TOTAL
        provider = self.provider(client, until)
        if named is not None and named != provider.issuer:
            raise NotSignedIn("issuer")
        said = self._exchanged(provider, client, mine, code, until)
        token = text_in(said.get("id_token"))
        if token is None:
            raise NotSignedIn("token")
        keys = self._usable_keys(provider, token, until)
        claims = openid.verified(token, keys, provider.issuer, client, mine, self._clock.now())
        found = openid.address_in(claims, client.claim)
        access = text_in(said.get("access_token"))
        if found is None and provider.userinfo is not None and access is not None:
            more = self._userinfo(provider.userinfo, access, str(claims["sub"]), until)
            found = openid.address_in(more, client.claim)
        if found is None:
            raise NotSignedIn("claim-missing")
        return found

    def check(self, client: Client) -> None:
        """Ask for the discovery document and the keys. Raises FootbridgeError, which says what is wrong."""
        until = time.monotonic() + TOTAL
        provider = self.provider(client, until)
        keys = openid.read_keys(_success(_sent("GET", provider.keys, until)).body)
        if not openid.can_verify(keys):
            raise PartnerRefused(_("The issuer publishes no key that can verify its tokens (RSA, EC or Ed25519)."))

    def provider(self, client: Client, until: float) -> Provider:
        """What the issuer says of itself, at most some minutes old; ``until`` in seconds of the monotonic clock."""
        if not self._lock.acquire(timeout=max(0.0, until - time.monotonic())):
            raise PartnerUnavailable(_("The issuer is slow; try again."))
        try:
            known = self._known
            if known is not None and known[0] == client.issuer and time.monotonic() < known[2]:
                return known[1]
            if self._failed[0] == client.issuer and time.monotonic() < self._failed[1]:
                raise PartnerUnavailable(_("The issuer did not respond; try again."))
            try:
                found = _discovered(client.issuer, until)
            except FootbridgeError:
                self._failed = (client.issuer, time.monotonic() + LEFT_ALONE)
                raise
            self._known = (client.issuer, found, time.monotonic() + KEPT)
            return found
        finally:
            self._lock.release()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among those that wait for the issuer."""
        if not self._places.acquire(timeout=1.0):
            raise PartnerUnavailable(_("The issuer is slow; try again."))
        try:
            yield
        finally:
            self._places.release()

    def _exchanged(self, provider: Provider, client: Client, mine: Try, code: str, until: float) -> dict[str, Any]:
        """What the token endpoint gives for a code: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3."""
        secret = openid.client_secret()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        more = {"code": code, "code_verifier": mine.verifier}
        if secret is None or provider.in_body:
            more |= {"client_id": client.client_id} | ({} if secret is None else {"client_secret": secret})
        else:
            pair = f"{quote(client.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        form = prepare_token_request("authorization_code", redirect_uri=client.redirect_uri, **more)
        return _object(_sent("POST", provider.token, until, headers, form.encode()))

    def _usable_keys(self, provider: Provider, token: str, until: float) -> tuple[Mapping[str, Any], ...]:
        """The keys of the issuer; fetched again where the token names one that is not known, for they change."""
        known = self._keys
        is_fresh = known is not None and known[0] == provider.keys and time.monotonic() < known[2]
        if known is not None and is_fresh and openid.names_key(token, known[1]):
            return known[1]
        keys = openid.read_keys(_success(_sent("GET", provider.keys, until)).body)
        self._keys = (provider.keys, keys, time.monotonic() + KEPT)
        return keys

    def _userinfo(self, url: str, access: str, subject: str, until: float) -> Mapping[str, Any]:
        """Claims that the ID token leaves out: https://openid.net/specs/openid-connect-core-1_0.html#UserInfo."""
        if not (access.isascii() and access.isprintable()):
            raise NotSignedIn("token")
        said = _object(_sent("GET", url, until, {"Authorization": f"Bearer {access}"}))
        if said.get("sub") != subject:
            raise NotSignedIn("subject")
        return said


def _discovered(issuer: str, until: float) -> Provider:
    base = checked_base(issuer, allow_http=settings().allow_http, what=_("The URL of the issuer"))
    said = _object(_sent("GET", f"{base}/.well-known/openid-configuration", until))
    named = text_in(said.get("issuer"))
    if named is None or named.rstrip("/") != base:
        raise PartnerRefused(_("The issuer's discovery document names another issuer."))
    methods = said.get("token_endpoint_auth_methods_supported")
    userinfo = text_in(said.get("userinfo_endpoint"))
    found = Provider(
        issuer=named,
        authorization=text_in(said.get("authorization_endpoint")) or "",
        token=text_in(said.get("token_endpoint")) or "",
        keys=text_in(said.get("jwks_uri")) or "",
        userinfo=userinfo,
        in_body=isinstance(methods, list) and "client_secret_post" in methods and "client_secret_basic" not in methods,
    )
    for url in (found.authorization, found.token, found.keys, *([] if userinfo is None else [userinfo])):
        _base_of(url)
    return found


def _base_of(url: str) -> str:
    """An address without its query, which some issuers have. Raises ConfigurationError where it is not fit for use."""
    plain = url if "#" in url else url.partition("?")[0]
    what = _("An address in the issuer's discovery document")
    return checked_base(plain, allow_http=settings().allow_http, what=what)


def _sent(
    method: str, url: str, until: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    left = until - time.monotonic()
    if left <= 0:
        raise PartnerUnavailable(_("The issuer is slow; try again."))
    limits = Limits(connect=min(3.0, left), total=left, max_bytes=MAX_BYTES)
    transport = Transport(_base_of(url), token=None, limits=limits, allow_http=settings().allow_http)
    try:
        return transport.send(
            method, url, route="(sign-in)", headers={"Accept": "application/json", **(headers or {})}, body=body
        )
    finally:
        transport.close()


def _success(answer: Answer) -> Answer:
    """The answer of a success; an error's text is never repeated."""
    if answer.status != 200:
        message = _("The issuer answered with status {status}.", status=answer.status)
        raise PartnerRefused(message, status=answer.status)
    return answer


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return object_in(read_text(_success(answer).body, answer.headers.get("Content-Type", "")))
    except (ValueError, RecursionError):
        raise PartnerRefused(_("The issuer answered with something that is not JSON."), status=answer.status) from None
