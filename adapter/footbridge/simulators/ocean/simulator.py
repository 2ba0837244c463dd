"""A simulated Ocean on loopback, to test an integration against. Built from public documents, not certified by OceanMD.

    ocean = OceanSimulator(clock=ManualClock(start))
    ocean.add_site("1234", receiver=HttpReceiver(url, token_url=..., client_id=..., client_secret=...))
    ocean.add_listing("1234", external_service="link-worker")
    with ocean:                                    # listens at ocean.base_url
        ref = ocean.refer()                        # a clinic refers
        ocean.run_due()                            # the message is delivered
        ocean.advance(timedelta(hours=2))          # moves the clock, tries what falls due on the way
        ocean.folder(ref), ocean.mails(), ocean.arrivals()

Without ``with`` it works inside the process: ``process`` takes a message as ``$process-messages`` does, a receiver is
any function from a body to an HTTP status, and ``app`` is the Flask application.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from footbridge.model.clock import Clock
from footbridge.simulators.listening import LOOPBACK, listen
from footbridge.simulators.ocean.habits import Habits
from footbridge.simulators.ocean.http import build_app
from footbridge.simulators.ocean.ocean import BASE, Ocean
from footbridge.simulators.ocean.resources import Names
from footbridge.simulators.ocean.state import Arrival, Message

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.serving import BaseWSGIServer


class OceanSimulator(Ocean):
    """One simulated Ocean with its HTTP side: ``base_url`` is ``http://127.0.0.1:PORT`` while it listens."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        port: int = 0,
        habits: Habits | None = None,
        notice: Callable[[Message | Arrival, int | None], None] | None = None,
    ) -> None:
        """Listen to nothing yet.

        Args:
            clock: by which everything happens; the machine's by default.
            seed: of referrals, ids and faults.
            port: on 127.0.0.1; 0 takes a free one.
            habits: how it behaves where public documents are silent.
            notice: called with each message that was tried or came, and its HTTP status.
        """
        super().__init__(clock=clock, seed=seed, habits=habits, notice=notice)
        self.app: Flask = build_app(self)
        self._port = port
        self._http: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; ``base_url`` says where. Raises ConfigurationError when the port is taken."""
        http = listen(self._port, self.app)
        self._ledger.names = Names(f"http://{LOOPBACK}:{http.port}{BASE}")
        self._http = http
        self._thread = threading.Thread(target=http.serve_forever, args=(0.02,), name="ocean", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Listen no more; what it knows stays."""
        http, thread, self._http, self._thread = self._http, self._thread, None, None
        if http is not None and thread is not None:
            http.shutdown()
            thread.join()
            http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
