"""``/api/v1/waiting``: the referrals that go no further until a person does something."""

from flask import Blueprint, Response

from footbridge.referrals.chosen_service import named_services
from footbridge.security.access import may, seen_prescriptions
from footbridge.store.ocean_messages import failed
from footbridge.store.worklist import PAGE, waiting_referrals
from footbridge.web import audit
from footbridge.web import parameters as query
from footbridge.web.api import serializers
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.responses import answer

MOST = 500

routes = Blueprint("waiting", __name__)


@routes.get("/api/v1/waiting")
def waiting() -> Response:
    """Those that wait longest first, each with the reason."""
    who = principal("waiting.read")
    limit = query.parameters({"limit": query.whole(1, MOST)}).get("limit", PAGE)
    with app_context().database.read() as connection:
        rows = waiting_referrals(connection, seen_prescriptions(who), limit=limit)
        services = named_services(connection, who.tenant, (row.prescription for row in rows if row.partner is None))
        messages = failed(connection, who.tenant, limit) if may(who, "message.read") and who.partner is None else []
    audit.about(row.prescription for row in rows)
    listed = [serializers.waiting(row, services.get(row.prescription)) for row in rows]
    return answer({"waiting": listed, "messages": [serializers.failed_message(row) for row in messages]})
