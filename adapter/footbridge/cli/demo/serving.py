"""The adapter's web app on a port of loopback, for as long as a block lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from footbridge.jobs.worker import Worker
from footbridge.model.clock import Clock
from footbridge.simulators.listening import LOOPBACK, listen
from footbridge.store.engine import Database
from footbridge.web.app import create_app
from footbridge.web.context import EXTENSION


@contextmanager
def serving(database: Database, clock: Clock, worker: Worker, port: int = 0) -> Iterator[str]:
    """Serve the API; gives its base URL, without a slash at the end.

    Args:
        database: the adapter's.
        clock: that it goes by.
        worker: that a new message wakes.
        port: 0 takes a free one.

    Raises:
        ConfigurationError: the port is taken.
    """
    app = create_app(database, clock, wake=worker.wake)
    audit = app.extensions[EXTENSION].audit
    server = listen(port, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="api", daemon=True)
    thread.start()
    audit.start()
    try:
        yield f"http://{LOOPBACK}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        audit.stop()
