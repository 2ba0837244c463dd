"""``/api/v1/waiting``: the referrals that go no further until a person does something."""

from flask import Blueprint, Response

from footbridge.store.waiting import PAGE, waiting_referrals
from footbridge.web import parameters as query
from footbridge.web.answers import answer
from footbridge.web.api import shown
from footbridge.web.callers import authenticate, caller
from footbridge.web.site import site

MOST = 500

routes = Blueprint("waiting", __name__)
routes.before_request(authenticate)


@routes.get("/api/v1/waiting")
def waiting() -> Response:
    """Those that wait longest first, each with the reason."""
    who = caller("requester", "navigator", "admin")
    limit = query.parameters({"limit": query.whole(1, MOST)}).get("limit", PAGE)
    with site().database.read() as connection:
        rows = waiting_referrals(connection, who.tenant, limit=limit)
    return answer({"waiting": [shown.waiting(row) for row in rows]})
