"""``/api/v1/worklist``: the lists of the portal, for a program; ``/api/v1/waiting`` is one of them in detail."""

import functools
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import Row

from footbridge.data import read_json
from footbridge.errors import ForbiddenError
from footbridge.i18n import _
from footbridge.security.access import sees_whole
from footbridge.security.worklist_filters import Filters
from footbridge.security.worklists import LISTS, MOST_COUNTED, ListName, Place, Worklist, about, lists_of, order_of
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
        mine = Worklist(connection, who, filters, now)
        rows, how_many = mine.listed(name, limit=limit + 1, after=after), mine.counts()
        kinds = about(connection, who, [row.prescription for row in rows])
    page = rows[:limit]
    more = rows[limit:] and name != "waiting"
    following = query.cursor_of(f"worklist/{name}", _place_of(page[-1], name)) if more else None
    body = {
        "list": name,
        "counts": {one: min(count, MOST_COUNTED) for one, count in how_many.items()},
        "referrals": [serializers.worked(row, whole=sees_whole(who)) for row in page if row.prescription in kinds],
        "next": following,
    }
    return answer(body, headers={"Link": f'<{_next(following)}>; rel="next"'} if following else None)


def _readers(name: ListName) -> dict[str, query.Reader]:
    return {
        "category": query.one_of([known.code for known in categories()]),
        "partner": query.name,
        "priority": query.one_of(list(read_json("mappings", "portal.json")["priorities"])),
        "of": _identity,
        "limit": query.whole(1, MOST),
        "cursor": query.cursor(f"worklist/{name}", functools.partial(_place, name)),
    }


def _identity(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError(_("The id of a prescription was expected.")) from None


def _place_of(row: Row[*tuple[Any, ...]], name: ListName) -> str:
    """Where a page ends: the values of its last row by which the list is in order."""
    values = [getattr(row, column) for column in order_of(name)]
    return "_".join(stamp(value) if isinstance(value, datetime) else str(value) for value in values)


def _place(name: ListName, text: str) -> Place:
    """Read it back. Raises ValueError."""
    order, values = order_of(name), text.split("_")
    if len(values) != len(order):
        raise ValueError(text)
    return tuple(_value(column, said) for column, said in zip(order, values, strict=True))


def _value(column: str, said: str) -> int | datetime | str:
    match column:
        case "urgency":
            return int(said[:4])
        case "id":
            return str(UUID(said))
        case _:
            return span(said).first


def _next(following: str) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{PATH}?{urlencode([*kept, ('cursor', following)])}"
