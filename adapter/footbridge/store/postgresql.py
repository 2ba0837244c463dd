"""Connections to PostgreSQL that wait for no answer longer than they may.

The server cuts a statement, a wait for a lock, and a transaction in which nothing happens
(https://www.postgresql.org/docs/current/runtime-config-client.html). It cannot when it is stopped, frozen or cut off
behind a network that loses packets: then the kernel (keepalives, ``tcp_user_timeout``:
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES) or ``BoundedConnection`` gives up.
"""

import time
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from footbridge.store import patience

CONNECT_SECONDS = 5
_MILLISECONDS = {
    "statement_timeout": 60_000,
    "lock_timeout": 8_000,
    "idle_in_transaction_session_timeout": 60_000,
}
# To compile a plan takes some 500 ms, more than any statement of ours runs
# (https://www.postgresql.org/docs/current/jit-decision.html).
_SESSION = {**_MILLISECONDS, "jit": "off"}
_UNLIMITED = ", ".join(f"set_config('{name}', '0', true)" for name in _MILLISECONDS)
WITHOUT_LIMIT = f"SELECT {_UNLIMITED}"
"""Lets the server cut nothing until the transaction ends."""
_PARAMETERS = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

Result = TypeVar("Result")


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer in time; the error is an OperationalError."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401 - psycopg's own types are not public
        """Wait as psycopg does, at most as long as the budget of this thread says."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        most = patience.seconds_left()
        ends = time.monotonic() + most
        with patience.waiting():
            try:
                return super().wait(gen, interval, most)
            except psycopg.Error:
                if time.monotonic() < ends:
                    raise
                self.close()  # its state is unknown
        raise psycopg.OperationalError("PostgreSQL did not answer in time")


def postgresql_engine(url: URL) -> Engine:
    """An engine whose connections are bounded; what the URL says for itself is left as it is."""
    given = {**url.query}
    arguments: dict[str, Any] = {name: value for name, value in _PARAMETERS.items() if name not in given}
    said = str(given.get("options", ""))
    ours = [f"-c {name}={value}" for name, value in _SESSION.items() if name not in said]
    arguments["options"] = " ".join([*ours, said]).strip()
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=arguments,
        pool_pre_ping=True,
        pool_timeout=patience.POOL_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - a DBAPI connection
    if patience.is_used_up():
        raise psycopg.OperationalError("PostgreSQL did not answer in time")
    with patience.waiting():
        return BoundedConnection.connect(*arguments, **parameters)
