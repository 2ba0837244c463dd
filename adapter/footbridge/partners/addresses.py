r"""Web addresses of partners: which may be used at all, and where a link that a partner gives leads on.

Two parsers may read one address differently: ``http://a\@b/`` is host ``b`` to ``urllib.parse`` and host ``a`` to
urllib3, which sends. So nothing that could be read in two ways is used: no backslash, blank, control character, user or
password (https://url.spec.whatwg.org/#url-parsing, https://www.rfc-editor.org/rfc/rfc3986). Of a link that a partner
gives only path and query are used, below the partner's own base URL: no token goes anywhere else.

Never used are addresses behind which a cloud keeps the secrets of its machines: link-local ones
(https://www.rfc-editor.org/rfc/rfc3927, https://www.rfc-editor.org/rfc/rfc4291#section-2.5.6) and those of
``METADATA``.
"""

import ipaddress
import re
import socket
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from footbridge.errors import ConfigurationError
from footbridge.i18n import _

METADATA: Final = frozenset(
    {"100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "metadata.google.internal"}
)
"""Metadata services that are not link-local: Alibaba, Oracle, AWS and Google over IPv6, and Google's by name."""

_UNSAFE: Final = re.compile(r"[\\\s\x00-\x20\x7f-\xa0\u2028\u2029]")
_NETLOC: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(:[0-9]{1,5})?")
_SAFE: Final = "%/:=&?~+!$,;'()*[]|@"
_PORTS: Final = {"http": 80, "https": 443}
_MAPPED: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""IPv6 networks whose last 32 bits are an IPv4 address: NAT64 (RFC 6052) and the old form of compatible addresses."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_base(url: str, *, allow_http: bool, what: str = _("The partner's base URL")) -> str:
    """The URL without a slash at its end.

    Raises ConfigurationError, its sentence beginning with ``what``, where it is not fit for use: it must be https, or
    http to this machine (to any with ``allow_http``), and have no query, fragment, user or password.
    """
    parts = _parts(url)
    if parts is None:
        raise ConfigurationError(_("{what} cannot be read.", what=what))
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(_("{what} must start with https:// and have a host.", what=what))
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise ConfigurationError(_("{what} must not have a query, fragment, user or password.", what=what))
    if not _is_clear(url, parts) or _leads_up(parts.path):
        raise ConfigurationError(_("{what} cannot be read.", what=what))
    if is_forbidden(parts.hostname):
        raise ConfigurationError(
            _(
                "{what} must not be a link-local, unspecified or multicast address, nor a cloud's metadata service.",
                what=what,
            )
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        raise ConfigurationError(
            _(
                "{what} must be https: health data must not be sent unencrypted. Give its https:// "
                "address, or set FOOTBRIDGE_ALLOW_HTTP=true where nobody else can listen on the network.",
                what=what,
            )
        )
    return url.rstrip("/")


def onward(base: str, link: str, within: str) -> str | None:
    """Where a link that a partner gives leads, below its base URL; None where it must not be followed.

    Only path and query of the link count. A path that does not begin with that of the base URL is taken as one below
    it, and a query alone as one of ``within``, the path of the search that was answered.
    """
    parts, here = _parts(link), urlsplit(base)
    if parts is None or not _names_no_other(parts, here, link):
        return None
    path = _below(here.path.rstrip("/"), parts.path, within)
    if "//" in path or _leads_up(path):
        return None
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return f"{here.scheme}://{here.netloc}{quote(path, safe=_SAFE)}{query}"


def is_fetchable(url: str) -> bool:
    """Whether a URL that an operator or a registry gives has one reading, and leads where something may be fetched."""
    parts = _parts(url)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname or not _is_clear(url, parts):
        return False
    return not is_forbidden(parts.hostname)


def is_below(base: str, url: str) -> bool:
    """Whether a URL leads to the scheme, host and port of the base URL, for the parser that sends too."""
    parts = _parts(url)
    return parts is not None and _is_clear(url, parts) and _origin(parts) == _origin(urlsplit(base))


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: ``localhost`` or a loopback address."""
    if host == "localhost":
        return True
    address = _address(host or "")
    return address is not None and address.is_loopback


def is_forbidden(host: str) -> bool:
    """Whether no partner can be there: link-local, multicast, unspecified, or a cloud's metadata service.

    Every form of an address that a resolver takes is looked at, such as ``2852039166`` and ``::ffff:169.254.169.254``.
    """
    name = host.lower().rstrip(".")
    address = _address(name)
    if address is None:
        return name in METADATA or not name
    return address.is_link_local or address.is_multicast or address.is_unspecified or str(address) in METADATA


def _address(host: str) -> Address | None:
    plain = host.partition("%")[0].rstrip(".")  # without a zone
    try:
        found: Address = ipaddress.ip_address(plain)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(plain)) if plain.isascii() and plain else None
        except OSError:
            return None
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and any(found in network for network in _MAPPED) and int(found) > 1:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return inner or found
    return found


def _parts(url: str) -> SplitResult | None:
    """The parts of a URL; None for one that has no clear parts."""
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        _host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def _is_clear(url: str, parts: SplitResult) -> bool:
    """Whether an absolute URL has the same host and port for both parsers, and no user."""
    if not _NETLOC.fullmatch(parts.netloc):
        return False
    try:
        other = parse_url(url)
    except LocationParseError:
        return False
    same = (other.host or "").strip("[]") == parts.hostname and other.port == parts.port
    return same and other.auth is None and other.scheme == parts.scheme


def _names_no_other(link: SplitResult, here: SplitResult, text: str) -> bool:
    """Whether a link names no other server than the base URL's.

    http on its usual port stands for https there: a server behind a proxy that ends TLS does not know better.
    """
    if not link.netloc:
        return not link.scheme and not text.startswith("//")
    if not link.scheme:  # //host/path
        return link.netloc == here.netloc
    if link.scheme not in _PORTS or not _is_clear(text, link) or link.hostname != here.hostname:
        return False
    same = _origin(link) == _origin(here)
    return same or (_origin(link)[2], _origin(here)[2]) == (_PORTS["http"], _PORTS["https"])


def _below(base: str, path: str, within: str) -> str:
    if not path:
        return f"{base}/{within}"
    if path == base or path.startswith(f"{base}/"):
        return path
    return f"{base}/{path.removeprefix('/')}"


def _leads_up(path: str) -> bool:
    """Whether a path has a segment that leads up, or a backslash, however they are written."""
    plain = unquote(unquote(path))
    return "\\" in plain or any(segment in {".", ".."} for segment in plain.split("/"))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
