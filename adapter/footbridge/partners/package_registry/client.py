"""Fetches package archives from a FHIR package registry.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification: ``GET [base]/ID`` lists the versions,
``GET [base]/ID/VERSION`` answers the archive.
"""

import json
import time
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import requests
import urllib3

from footbridge.i18n import _
from footbridge.partners.addresses import is_fetchable
from footbridge.partners.timed_http import TimedAdapter, exchange
from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.errors import PackageError, PackageNotFound

MAX_ARCHIVE_BYTES = 200 * 1024 * 1024
MAX_REDIRECTS: Final = 6
TOTAL_SECONDS: Final = 900.0
"""The longest download; ``timeout_seconds`` is for one pause in it."""

_CHUNK = 1 << 16


class RegistryClient:
    """A package registry at one base URL; without one it takes URLs alone."""

    def __init__(self, base_url: str | None = None, *, timeout_seconds: float = 30.0) -> None:
        self._base = base_url.rstrip("/") if base_url else None
        self._timeout = timeout_seconds

    def archive(self, coordinates: Coordinates) -> bytes:
        """The archive of a package, of its newest version where none is asked.

        Raises PackageNotFound when the registry has none, and PackageError when it does not answer.
        """
        if self._base is None:
            raise PackageNotFound(str(coordinates))
        version = coordinates.version or self._newest(coordinates)
        return self._fetched(f"{self._base}/{quote(coordinates.name)}/{quote(version)}", coordinates)

    def download(self, url: str) -> bytes:
        """The archive at a URL; raises PackageError."""
        return self._fetched(url, None)

    def _newest(self, coordinates: Coordinates) -> str:
        answer = self._fetched(f"{self._base}/{quote(coordinates.name)}", coordinates)
        try:
            listing: dict[str, Any] = json.loads(answer)
            return str(listing["dist-tags"]["latest"])
        except (ValueError, KeyError, TypeError) as error:
            raise PackageError(
                _("The registry does not list the newest version of {coordinates}.", coordinates=coordinates)
            ) from error

    def _fetched(self, url: str, coordinates: Coordinates | None) -> bytes:
        host = urlsplit(url).hostname
        try:
            until = exchange(time.monotonic() + TOTAL_SECONDS)
            with requests.Session() as session, until, self._answered(session, url) as response:
                if response.status_code == requests.codes.not_found and coordinates is not None:
                    raise PackageNotFound(str(coordinates))
                if not response.ok:
                    raise PackageError(
                        _("{host} answered {status_code} for the package.", host=host, status_code=response.status_code)
                    )
                return _bounded(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise PackageError(_("{host} did not answer: {name}.", host=host, name=type(error).__name__)) from error

    def _answered(self, session: requests.Session, url: str) -> requests.Response:
        """The last answer after a few redirects, each to an address that may be used; none leads from https to http."""
        for _hop in range(MAX_REDIRECTS):
            if not is_fetchable(url):
                raise PackageError(_("The address of the package cannot be used."))
            session.mount(f"{urlsplit(url).scheme}://", TimedAdapter(url))
            request = session.prepare_request(requests.Request("GET", url))
            how: dict[str, Any] = dict(session.merge_environment_settings(url, {}, True, None, None))  # noqa: FBT003 - requests' own order
            response = session.get_adapter(url).send(request, **how, timeout=self._timeout)
            if not response.is_redirect:
                return response
            response.close()
            onward = urljoin(url, response.headers["Location"])
            if urlsplit(url).scheme == "https" and urlsplit(onward).scheme != "https":
                raise PackageError(_("The address of the package leads from https to http."))
            url = onward
        raise PackageError(_("The address of the package leads on and on."))


def _bounded(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MAX_ARCHIVE_BYTES:
            raise PackageError(
                _("The package is larger than {max_archive_bytes} bytes.", max_archive_bytes=MAX_ARCHIVE_BYTES)
            )
    return bytes(content)
