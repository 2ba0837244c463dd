"""Fetches package archives from a FHIR package registry.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification: ``GET [base]/ID`` lists the versions,
``GET [base]/ID/VERSION`` answers the archive.
"""

import json
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.errors import PackageError, PackageNotFound

MAX_ARCHIVE_BYTES = 200 * 1024 * 1024
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
            raise PackageError(f"The registry does not list the newest version of {coordinates}.") from error

    def _fetched(self, url: str, coordinates: Coordinates | None) -> bytes:
        host = urlsplit(url).netloc
        try:
            with requests.get(url, timeout=self._timeout, stream=True) as response:
                if response.status_code == requests.codes.not_found and coordinates is not None:
                    raise PackageNotFound(str(coordinates))
                if not response.ok:
                    raise PackageError(f"{host} answered {response.status_code} for the package.")
                return _bounded(response)
        except requests.RequestException as error:
            raise PackageError(f"{host} did not answer: {type(error).__name__}.") from error


def _bounded(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MAX_ARCHIVE_BYTES:
            raise PackageError(f"The package is larger than {MAX_ARCHIVE_BYTES} bytes.")
    return bytes(content)
