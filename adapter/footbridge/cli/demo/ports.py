"""The ports of the demo: the adapter's, then those of the EMR and the two services."""

import socket
from typing import Final

from footbridge.simulators.listening import LOOPBACK

Ports = tuple[int, int, int, int]
FREE: Final[Ports] = (0, 0, 0, 0)
"""Whatever ports are free."""
USUAL: Final = 8090
"""The first port of a demo that is left running, so that a bookmark of yesterday leads somewhere today."""


def four_from(first: int) -> Ports:
    """This port and the next three."""
    return first, first + 1, first + 2, first + 3


def usual_ports() -> Ports:
    """The usual ones; free ones when anybody listens at one of them."""
    usual = four_from(USUAL)
    return usual if all(map(_is_free, usual)) else FREE


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
