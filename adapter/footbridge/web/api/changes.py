"""``/api/v1/changes``: all that happens to a tenant's prescriptions, for a caller that speaks no FHIR.

In the order of commits, each event at least once. A caller keeps ``next`` once it has dealt with a page, and asks
for what came since.
"""

import time

from flask import Blueprint, Response

from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.security.lists import happenings
from footbridge.store.events import newest
from footbridge.web import audit
from footbridge.web import parameters as query
from footbridge.web.api import serializers
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.responses import answer

MOST = 1000
USUAL = 100
LONGEST_WAIT = 20  # seconds
AHEAD = _(
    "An older state of the database was restored, and numbers of events are used again: "
    "start again without since, and read each prescription as it is now."
)
_LOOK = 0.25  # seconds between two looks while a request waits

routes = Blueprint("changes", __name__)


@routes.get("/api/v1/changes")
def changes() -> Response:
    """The events after a cursor, oldest first."""
    who = principal("changes.read")
    given = query.parameters(
        {
            "since": query.cursor(_kind(who), _number),
            "limit": query.whole(1, MOST),
            "wait": query.whole(0, LONGEST_WAIT),
        }
    )
    since, limit = given.get("since", 0), given.get("limit", USUAL)
    give_up = time.monotonic() + given.get("wait", 0)
    waits = "wait" in given and app_context().listeners.acquire(blocking=False)
    try:
        while True:
            with app_context().database.read() as connection:
                if since > newest(connection, who.tenant):
                    raise Problem("ahead", AHEAD)
                rows = happenings(connection, who, now=app_context().clock.now(), after=since, limit=limit)
            if rows or not waits or time.monotonic() >= give_up:
                break
            time.sleep(_LOOK)
    finally:
        if waits:
            app_context().listeners.release()
    audit.about(row.prescription for row in rows)
    last = rows[-1].number if rows else since
    return answer(
        {"changes": [serializers.change(row) for row in rows], "next": query.cursor_of(_kind(who), str(last))}
    )


def _kind(who: Principal) -> str:
    """A cursor is of use to the requester or recipient that it was given to, and to nobody else."""
    return f"changes/{who.partner or ''}"


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError("no number of an event")
    return number
