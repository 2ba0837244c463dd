"""``/api/v1/prescriptions``: hand a prescription in, list what is there."""

from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row

from footbridge.data import read_json
from footbridge.model.lifecycle.tables import machines
from footbridge.model.prescription import Kind
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Receipt
from footbridge.security.access import sees_whole
from footbridge.security.lists import SORTS, Page, Wanted, summaries
from footbridge.store.fhir_dates import span, stamp
from footbridge.store.idempotency import Replay
from footbridge.terminology import categories
from footbridge.web import audit
from footbridge.web import parameters as query
from footbridge.web.api import idempotency, serializers
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.request_body import raw_body
from footbridge.web.responses import answer, written

PATH = "/api/v1/prescriptions"
MOST = 100
USUAL = 50
USUAL_SORT = "created"

routes = Blueprint("prescriptions", __name__)


@routes.post(PATH)
def submit() -> Response:
    """Take a prescription in: 201, or 200 for one that is here already."""
    who = principal("prescription.submit")
    key, body = idempotency.key(), raw_body()
    with idempotency.claimed(who, key, body) as earlier:
        if isinstance(earlier, Replay):
            return idempotency.replay(earlier)

        def save(connection: Connection, receipt: Receipt) -> None:
            idempotency.save(connection, who, earlier, receipt.id, _answer_of(receipt))

        receipt = app_context().intake.submit(body, who, save)
        made = _answer_of(receipt)
        if not receipt.created:
            return idempotency.replay(idempotency.saved(who, earlier, receipt.id, otherwise=made))
    app_context().wake()
    return written(made.body, made.status, {"Location": made.location or ""})


@routes.get(PATH)
def listed() -> Response:
    """A page of prescriptions, in the order in which they were handed in or as ``sort`` says."""
    who = principal("prescription.list")
    sort = request.args.get("sort", USUAL_SORT)
    given = query.parameters(_readers(who, sort))
    limit = given.pop("limit", USUAL)
    given.pop("sort", None)
    shown = Page(limit + 1, given.pop("cursor", None), sort)
    now = app_context().clock.now()
    with app_context().database.read() as connection:
        rows = summaries(connection, who, Wanted(**given), shown, now=now)
    page = rows[:limit]
    audit.about(row.id for row in page)
    following = query.cursor_of(_kind(who, sort), _place_of(page[-1], sort)) if rows[limit:] else None
    body = {"prescriptions": [serializers.summary(row) for row in page], "next": following}
    return answer(body, headers={"Link": f'<{_next(following)}>; rel="next"'} if following else None)


def _answer_of(receipt: Receipt) -> Replay:
    warnings = serializers.warnings(receipt.warnings)
    body = orjson.dumps({"id": receipt.id, "status": receipt.status, "warnings": warnings}).decode()
    return Replay(201, f"{PATH}/{receipt.id}", body)


def _readers(who: Principal, sort: str) -> dict[str, query.Reader]:
    return {
        "status": query.one_of(statuses() if sees_whole(who) else task_statuses()),
        "kind": query.one_of(list(get_args(Kind))),
        "category": query.one_of([known.code for known in categories()]),
        "identifier": query.business_identifier,
        "partner": query.name,
        "since": query.moment,
        "until": query.moment,
        "sort": query.one_of([*SORTS, *(f"-{name}" for name in SORTS)]),
        "limit": query.whole(1, MOST),
        "cursor": query.cursor(_kind(who, sort), _place),
    }


def statuses() -> list[str]:
    """Every status that a prescription can have."""
    table = read_json("mappings", "prescription-status.json")
    return sorted({*table["byServiceRequest"].values(), *table["byTask"].values()})


def task_statuses() -> list[str]:
    """Every Task.status that a referral can have; a recipient is shown that of its own."""
    return sorted({status for machine in machines().values() for status in machine.statuses})


def _place(text: str) -> tuple[datetime, str]:
    moment, _, identity = text.partition("_")
    return span(moment).first, str(UUID(identity))


def _place_of(row: Row[*tuple[Any, ...]], sort: str) -> str:
    return f"{stamp(getattr(row, sort.removeprefix('-')))}_{row.id}"


def _kind(who: Principal, sort: str) -> str:
    """A cursor is of use to the requester or recipient that it was given to, in the same order, and to nobody else."""
    order = "" if sort == USUAL_SORT else f"/{sort}"
    return f"prescriptions/{who.partner or ''}{order}"


def _next(following: str) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{PATH}?{urlencode([*kept, ('cursor', following)])}"
