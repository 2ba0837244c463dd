"""Sends a webhook: one signed POST to the receiver that an operator has registered for a partner.

It goes to that URL only: https (http to this machine), no redirect, no proxy to ourselves, no address where no partner
can be (``addresses``, ``timed_http``). Nothing of the answer counts but its status and ``Retry-After``.
"""

import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3

from footbridge.client.webhook import ID, SIGNATURE, TIMESTAMP, signature
from footbridge.errors import ConfigurationError, PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.jobs.deadline import end_of_job
from footbridge.partners.addresses import checked_base, is_loopback
from footbridge.partners.timed_http import TimedAdapter, exchange

CONNECT_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 15.0
SHORTEST_SECRET: Final = 24  # characters
_LATER: Final = frozenset({401, 403, 404, 408, 409, 423, 425, 429})
"""Refusals that a receiver's operator puts right without a word to us: they are tried again, as those from 500 on."""


def checked_url(url: str) -> str:
    """The URL of a receiver. Raises ConfigurationError where nothing may be sent to it."""
    return checked_base(url, allow_http=False, what=_("The webhook's URL"))


def check_secret(secret: str) -> None:
    """Raise ConfigurationError for a secret that could be guessed, or that cannot be read."""
    if len(secret) < SHORTEST_SECRET:
        raise ConfigurationError(
            _("The webhook's secret must have at least {shortest_secret} characters.", shortest_secret=SHORTEST_SECRET)
        )
    try:
        signature(secret, "", 0, b"")
    except ValueError as error:
        raise ConfigurationError(_("The webhook's secret cannot be used. {error}", error=str(error))) from error


def send(url: str, body: bytes, *, identity: str, timestamp: int, secrets: Sequence[str]) -> None:
    """Post a body, signed with each secret.

    Args:
        url: of the receiver.
        body: JSON.
        identity: of this message; the same when it is sent again.
        timestamp: of this attempt, in seconds since 1970.
        secrets: the present one first.

    Raises:
        ConfigurationError: the URL or a secret is not fit for use.
        PartnerUnavailable: no answer, or one that says that a later attempt may be taken.
        PartnerRefused: another answer, such as a redirect.
    """
    address = checked_url(url)
    for secret in secrets:
        check_secret(secret)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Footbridge",
        ID: identity,
        TIMESTAMP: str(timestamp),
        SIGNATURE: " ".join(signature(secret, identity, timestamp, body) for secret in secrets),
    }
    try:
        response = _post(address, body, headers)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
        # Without `from`: the causes quote the URL.
        raise PartnerUnavailable(_("The webhook's receiver did not respond.")) from None
    if not 200 <= response.status_code < 300:
        raise _refusal(response.status_code, response.headers.get("Retry-After", ""))


def _post(url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
    started = time.monotonic()  # a limit on waiting, not a time of anything that happened
    until = min(started + LONGEST_SECONDS, end_of_job() or started + LONGEST_SECONDS)
    adapter = TimedAdapter(url, pool_maxsize=1)
    with requests.Session() as session:
        session.trust_env = not is_loopback(urlsplit(url).hostname)
        request = session.prepare_request(requests.Request("POST", url, data=body, headers=headers, auth=_no_netrc))
        how: dict[str, Any] = dict(session.merge_environment_settings(url, {}, True, None, None))  # noqa: FBT003 - requests' own order
        left = max(until - time.monotonic(), 0.001)
        how["timeout"] = (min(CONNECT_SECONDS, left), left)
        with exchange(until), adapter.send(request, **how) as response:  # its body is not read
            adapter.close()
            return response


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _refusal(status: int, retry_after: str) -> PartnerError:
    after = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    words = _("The webhook's receiver answered {status}.", status=status)
    if status >= 500 or status in _LATER:
        return PartnerUnavailable(words, status=status, retry_after=after)
    return PartnerRefused(words, status=status)
