"""Who may use the page and ``/control``: this machine, by its own name, and no page of another site in its browser."""

from typing import Final
from urllib.parse import urlsplit

from flask import Request

_LOCAL: Final = frozenset({"127.0.0.1", "localhost"})
_OWN: Final = frozenset({"none", "same-origin"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(request: Request) -> bool:
    """Whether a request comes from a page of another site, or by a host name that is not this machine's."""
    host = request.host
    if (host.rpartition(":")[0] or host) not in _LOCAL:
        return True
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return True
    return request.method not in _SAFE and request.headers.get("Sec-Fetch-Site", "none") not in _OWN
