"""A WSGI server on 127.0.0.1 that says in one sentence when its port is taken.

werkzeug prints and ends the process when it cannot listen; here the socket is bound first, so that a caller gets an
exception and may take another port.
"""

import socket
from collections.abc import Callable
from typing import Any, Final

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from footbridge.errors import ConfigurationError

LOOPBACK: Final = "127.0.0.1"
_BACKLOG = 128  # connections that wait to be accepted


def listen(port: int, app: Callable[..., Any]) -> BaseWSGIServer:
    """A server that listens but does not serve yet; it answers several requests at a time and writes no log.

    Args:
        port: on 127.0.0.1; 0 takes a free one.
        app: the WSGI application; ``app`` of the server may be replaced before it serves.

    Raises:
        ConfigurationError: nobody may listen at this port, or another program does.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((LOOPBACK, port))
            made.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "invalid port"
            raise ConfigurationError(f"Cannot listen at {LOOPBACK}, port {port}: {reason}.") from error
        # The server takes a copy of the descriptor.
        return make_server(LOOPBACK, port, app, threaded=True, request_handler=_Quiet, fd=made.fileno())


class _Quiet(WSGIRequestHandler):
    """Writes no log of its own."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class's signature
        """Keep quiet."""
