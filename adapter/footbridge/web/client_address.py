"""From which address a request comes: the socket's peer, or what a proxy that is trusted says of its own peer.

``X-Forwarded-For`` can be made up by anybody, so it counts only where the peer is one of ``trusted_proxies``, and then
from its end: the last address that is no trusted proxy
(https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#selecting_an_ip_address).
"""

import ipaddress
from collections.abc import Iterable

from flask import request

from footbridge.settings import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address() -> Address | None:
    """The address of the client; None where there is none to be sure of."""
    peer = _address(request.remote_addr or "")
    proxies = settings().trusted_proxies or ""
    if peer is None or not is_within(peer, proxies):
        return peer
    named = [item.strip() for item in ",".join(request.headers.getlist("X-Forwarded-For")).split(",")]
    for item in reversed(named):
        found = _address(item)
        if found is None or not is_within(found, proxies):
            return found
    return peer


def is_within(address: Address, networks: str) -> bool:
    """Whether an address is in one of these networks, which are separated by commas."""
    return any(address in network for network in _networks(networks.split(",")))


def _networks(texts: Iterable[str]) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for text in texts:
        if text.strip():
            yield ipaddress.ip_network(text.strip(), strict=False)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
