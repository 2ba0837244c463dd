"""The adapter's web app on a free port of loopback, for as long as a block lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from footbridge.jobs.worker import Worker
from footbridge.model.clock import Clock
from footbridge.store.engine import Database
from footbridge.web.app import create_app


@contextmanager
def serving(database: Database, clock: Clock, worker: Worker) -> Iterator[str]:
    """Serve the API; gives its base URL, without a slash at the end."""
    app = create_app(database, clock, wake=worker.wake)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="api", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Leaves the log to the app."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class's signature
        """Keep quiet."""
