"""Whether the process lives, and whether it is fit for work. Nothing here names a tenant, a partner or a person.

To be ready, the database must take a write (``store.probe``). How much work waits, of all tenants, is for those who
have a token, and not for recipients.
"""

from typing import Any

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from footbridge.jobs.queue import JobQueue
from footbridge.logs import get_logger
from footbridge.store.error_codes import code_of
from footbridge.store.patience import limit_waits
from footbridge.store.probe import OK
from footbridge.web.auth import find, given_token
from footbridge.web.context import AppContext, app_context
from footbridge.web.responses import answer

WAIT_SECONDS = 3.0  # that the database has to answer

routes = Blueprint("health", __name__)

_log = get_logger(__name__)


@routes.get("/healthz")
def alive() -> Response:
    """This process answers."""
    return answer({"status": "ok"})


@routes.get("/readyz")
def ready() -> Response:
    """The database answers, is migrated and takes writes; with a token also how much waits."""
    limit_waits(WAIT_SECONDS)
    here = app_context()
    state = here.probe.state()
    if state != OK:
        _log.warning("database.not-ready", state=state)
        return answer({"status": "not-ready", "database": state}, 503)
    try:
        return answer({"status": "ready", "database": state, **_backlog(here)})
    except SQLAlchemyError as error:
        _log.warning("database.not-ready", state="unreachable", code=code_of(error))
        return answer({"status": "not-ready", "database": "unreachable"}, 503)


def _backlog(here: AppContext) -> dict[str, Any]:
    """How many messages wait and how many circuits are open; nothing for who may not know."""
    token = given_token()
    who = find(token) if token is not None else None
    if who is None or who.role == "recipient":
        return {}
    with here.database.read() as connection:
        queue = JobQueue(connection)
        return {"outbox": queue.backlog(), "openCircuits": len(queue.open_circuits(here.clock.now()))}
