"""``/api/v1/services``: the directory, searched and read; the answers of ``footbridge directory search --json``."""

import re
from datetime import date, datetime

from flask import Blueprint, Response, request

from footbridge.directory.lookup import find_service
from footbridge.directory.search import Query
from footbridge.directory.search.geography import coordinates, is_on_earth
from footbridge.directory.search.values import language_code
from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.terminology import category, nearest_category
from footbridge.web import parameters as query
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.responses import answer

MOST = 200
LONGEST = 500  # characters of a question

routes = Blueprint("services", __name__)


@routes.get("/api/v1/services")
def services() -> Response:
    """Services that match, the best first, with the reason for each and counts of facets."""
    who = principal("directory.search")
    site = app_context()
    zone = site.asker.zone(who.tenant)

    def opening(text: str) -> datetime:
        return site.clock.now() if text == "now" else query.moment(text)

    given = query.parameters(
        {
            "q": query.text(LONGEST),
            "need": query.listed(_need),
            "near": _near,
            "within": _within,
            "language": _language,
            "age": query.number(0, 130),
            "for": query.listed(query.text(100)),
            "free": query.flag,
            "open": opening,
            "canRefer": query.flag,
            "capacity": query.listed(query.one_of(["available", "waitlist", "none", "unknown"])),
            "verifiedSince": _day,
            "source": query.listed(query.text(64)),
            "limit": query.whole(0, MOST),
            "offset": query.whole(0, 100_000),
        }
    )
    found = site.asker.ask(
        who.tenant,
        Query(
            words=given.get("q", ""),
            needs=given.get("need", ()),
            near=given.get("near"),
            within_km=given.get("within"),
            language=given.get("language"),
            age=given.get("age"),
            stated=given.get("for", ()),
            free=given.get("free", False),
            open_at=given.get("open"),
            zone=zone,
            can_refer=given.get("canRefer"),
            capacity=given.get("capacity", ()),
            verified_since=given.get("verifiedSince"),
            sources=given.get("source", ()),
            limit=given.get("limit", 20),
            offset=given.get("offset", 0),
        ),
        by=f"{who.role}/{who.partner or ''}/{who.name}",
    )
    return answer({name: value for name, value in found.as_json().items() if name != "place" or value is not None})


@routes.get("/api/v1/services/<id>")
def service(id: str) -> Response:  # noqa: A002 - the name in the contract
    """One service, whole, by our id or by ``SOURCE:ID``."""
    who = principal("directory.search")
    with app_context().database.read() as connection:
        found = find_service(connection, who.tenant, id)
    if found is None:
        raise NotFoundError(_("The directory has no such service."))
    return answer(found)


def _need(text: str) -> str:
    if category(text) is None:
        near = nearest_category(text)
        if near is None:
            raise ValueError(_("An SDOH category of the guide was expected."))
        raise ValueError(_("An SDOH category of the guide was expected; did you mean {near}?", near=near))
    return text


def _near(text: str) -> str:
    text = query.text(LONGEST)(text)
    numbers = coordinates(text)
    if numbers and not is_on_earth(*numbers):
        raise ValueError(_("Coordinates were expected: latitude from -90 to 90, longitude from -180 to 180."))
    return text


def _language(text: str) -> str:
    text = query.text(64)(text)
    if language_code(text) is None:
        raise ValueError(_("A language was expected: its code, such as fr, or its name in English or French."))
    return text


def _within(text: str) -> float:
    if not (request.args.get("near") or request.args.get("q")):  # a town may stand among the words
        raise ValueError(_("This distance needs a place: give near as well."))
    return float(query.number(0.001, 20_100)(text))


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(_("A day was expected: YYYY-MM-DD."))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("A day of the calendar was expected: YYYY-MM-DD.")) from None
