"""Whether the process lives, and whether it is fit for work. Nothing here names a tenant, a partner or a person."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from footbridge.jobs.queue import JobQueue
from footbridge.store.migrate import HEAD, current
from footbridge.web.context import app_context
from footbridge.web.responses import answer

routes = Blueprint("health", __name__)


@routes.get("/healthz")
def alive() -> Response:
    """This process answers."""
    return answer({"status": "ok"})


@routes.get("/readyz")
def ready() -> Response:
    """The database answers and is migrated; how many messages wait, how many circuits are open."""
    here = app_context()
    try:
        version = current(here.database)
        if version != HEAD:
            return answer({"status": "not-ready", "database": "not-migrated"}, 503)
        with here.database.read() as connection:
            queue = JobQueue(connection)
            outbox, circuits = queue.backlog(), queue.open_circuits(here.clock.now())
    except SQLAlchemyError:
        return answer({"status": "not-ready", "database": "unreachable"}, 503)
    return answer({"status": "ready", "database": "ok", "outbox": outbox, "openCircuits": len(circuits)})
