"""``/api/v1/worklist``: the lists of the portal, for a program; ``/api/v1/waiting`` is one of them in detail."""

import uuid
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.data import read_json
from footbridge.errors import ForbiddenError
from footbridge.i18n import _
from footbridge.security.access import sees_whole
from footbridge.security.worklists import LISTS, MOST_COUNTED, Filters, ListName, about, counts, listed, lists_of
from footbridge.store.fhir_dates import span, stamp
from footbridge.terminology import categories
from footbridge.web import parameters as query
from footbridge.web.api import serializers
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.responses import answer

PATH = "/api/v1/worklist"
MOST = 100
USUAL = 50

routes = Blueprint("worklist", __name__)


@routes.get(PATH)
def worklist() -> Response:
    """One list, page by page, and how many are in each."""
    who = principal("worklist.read")
    asked = request.args.get("list", "to-answer")
    name: ListName = next((one for one in LISTS if one == asked), "to-answer")
    given = query.parameters({**_readers(name), "list": query.one_of(list(LISTS))})
    if name not in lists_of(who):
        raise ForbiddenError(_("This list is for those who ordered."))
    limit, after = given.pop("limit", USUAL), given.pop("cursor", None)
    given.pop("list", None)
    filters = Filters(**given)
    now = app_context().clock.now()
    with app_context().database.read() as connection:
        rows = listed(connection, who, name, filters, now=now, limit=limit + 1, after=after)
        how_many = counts(connection, who, filters, now=now)
        kinds = about(connection, who, [row.prescription for row in rows])
    page = rows[:limit]
    more = rows[limit:] and name != "waiting"
    following = query.cursor_of(f"worklist/{name}", f"{stamp(page[-1].since)}_{page[-1].id}") if more else None
    body = {
        "list": name,
        "counts": {one: min(count, MOST_COUNTED) for one, count in how_many.items()},
        "referrals": [serializers.worked(row, whole=sees_whole(who)) for row in page if row.prescription in kinds],
        "next": following,
    }
    return answer(body, headers={"Link": f'<{_next(following)}>; rel="next"'} if following else None)


def _readers(name: str) -> dict[str, query.Reader]:
    return {
        "category": query.one_of([known.code for known in categories()]),
        "partner": query.name,
        "priority": query.one_of(list(read_json("mappings", "portal.json")["priorities"])),
        "of": _identity,
        "limit": query.whole(1, MOST),
        "cursor": query.cursor(f"worklist/{name}", _place),
    }


def _identity(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError(_("The id of a prescription was expected.")) from None


def _place(text: str) -> tuple[datetime, str]:
    moment, _, identity = text.partition("_")
    return span(moment).first, str(UUID(identity))


def _next(following: str) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{PATH}?{urlencode([*kept, ('cursor', following)])}"
