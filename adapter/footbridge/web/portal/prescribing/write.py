"""The page on which a prescription is written: every button stores what was typed, then does what it says."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from footbridge.errors import ConflictError
from footbridge.i18n import current
from footbridge.i18n.readability import readability
from footbridge.store.drafts import Typed, drop_draft
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.forms import LENGTHS, Field
from footbridge.web.portal.pages import page
from footbridge.web.portal.prescribing import help_nearby
from footbridge.web.portal.prescribing.desk import Desk, check, desk_of, store
from footbridge.web.portal.prescribing.document import APART, CHOSEN
from footbridge.web.portal.prescribing.document_client import KNOWN
from footbridge.web.portal.prescribing.fields import filled, table, typed_in
from footbridge.web.portal.prescribing.start import PATH
from footbridge.web.portal.prescribing.steps import CHECKING, STEP, WHOLE, Steps, beside, errors_here, of_errors, steps

ONE = f"{PATH}/<uuid:draft>"
SEEN = "form_seen"

routes = Blueprint("prescribe_write", __name__)


@routes.get(ONE)
def show(draft: UUID) -> Response:
    """The form, as the draft has it."""
    desk = desk_of(draft)
    return _sent(desk) or form(desk, filled(desk.offered, desk.draft.typed))


@routes.post(ONE)
def write(draft: UUID) -> Response:
    """Store what was typed, and do what the button says."""
    desk = desk_of(draft)
    sent = _sent(desk)
    if sent is not None:
        return sent
    do, _colon, what = request.form.get("do", "save").partition(":")
    typed = _changed(desk, request.form, do, what)
    if request.form.get(SEEN) != version(desk.draft.updated):
        return form(desk, filled(desk.offered, typed), status=409, typed=typed, meanwhile=True)
    try:
        desk = Desk(desk.who, store(desk, typed), desk.offered, desk.law, desk.organization)
    except ConflictError:
        return _sent(desk_of(draft)) or form(desk, filled(desk.offered, typed), status=409, typed=typed)
    if "HX-Request" in request.headers:
        return form(desk, filled(desk.offered, typed))
    return _next(desk, do, what)


def _next(desk: Desk, do: str, what: str) -> Response:
    """Where a button leads, once what was typed is stored."""
    here, now = f"{PATH}/{desk.draft.id}", steps(request.form)
    if do == "continue":
        found = check(desk)
        if errors_here(now, found.fields):
            return form(desk, found.fields, status=422, at=now)
        return door.see_other(here + beside(now, 1).query)
    if do == "check":
        found = check(desk)
        if found.rehearsal is None:
            return form(desk, found.fields, status=422, problems=found.problems)
        return door.see_other(f"{here}/check")
    if do == "back":
        return door.see_other(here + beside(now, -1).query)
    if do == "step" and what == WHOLE:
        return door.see_other(f"{here}?step={WHOLE}")
    anchors = {"search": "services", "choose": "services", "unchoose": "services", "propose": "instructions"}
    if do in anchors:
        return door.see_other(f"{here}{now.query}#{anchors[do]}")
    return door.see_other(f"{here}{now.query}{'&' if now.query else '?'}done=saved")


@routes.post(f"{ONE}/discard")
def discard(draft: UUID) -> Response:
    """Throw the draft away."""
    desk = desk_of(draft)
    sent = _sent(desk)
    if sent is not None:
        return sent
    with app_context().database.write() as connection:
        drop_draft(connection, desk.draft)
    return door.see_other(PATH)


def version(updated: datetime) -> str:
    """What a form says that it was made of."""
    return updated.isoformat()


def form(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    fields: dict[str, Field],
    *,
    status: int = 200,
    problems: Any = (),  # noqa: ANN401 - a sequence of texts
    typed: Typed | None = None,
    meanwhile: bool = False,
    at: Steps | None = None,
) -> Response:
    """The page."""
    here = app_context()
    said = desk.draft.typed if typed is None else typed
    answer = None
    if said.get(help_nearby.LOOKED):
        tenant = desk.draft.tenant
        by = f"user/{desk.draft.user}"
        answer = help_nearby.ask(here.database, here.asker, tenant, said, here.clock.now(), here.asker.zone(tenant), by)
    language = next(iter(said.get("instructions_language", ())), current())
    instructions = next(iter(said.get("instructions", ())), "")
    chosen = help_nearby.chosen(here.database, desk.draft.tenant, said)
    return page(
        "prescribe.html",
        status,
        draft=desk.draft,
        seen=version(desk.draft.updated),
        fields=fields,
        wrong=[one for one in fields.values() if one.error],
        problems=problems,
        meanwhile_changed=meanwhile,
        is_known=bool(said.get(KNOWN)),
        table=table(),
        law=desk.law,
        lengths=LENGTHS,
        answer=answer,
        chosen=chosen,
        is_reached=chosen is None or help_nearby.takes_referrals(here.database, desk.draft.tenant, chosen),
        reading=readability(instructions, language) if instructions else None,
        just_saved=request.args.get("done") == "saved",
        at=_place(fields, status) if at is None else at,
        step_name=STEP,
        checking_name=CHECKING,
    )


def _place(fields: Mapping[str, Field], status: int) -> Steps:
    """Which step a narrow window shows: with errors those that have one, else what the address or the form says."""
    now = steps(request.args if request.method == "GET" else request.form)
    return of_errors(now, fields) if status >= HTTPStatus.UNPROCESSABLE_ENTITY else now


def _changed(desk: Desk, given: MultiDict[str, str], do: str, what: str) -> dict[str, list[str]]:
    """What was typed, with what the button adds; what only the server writes stays."""
    before = desk.draft.typed
    typed = typed_in(given)
    for name in (KNOWN, APART, CHOSEN, help_nearby.LOOKED):
        if name in before:
            typed[name] = list(before[name])
    match do:
        case "search":
            typed[help_nearby.LOOKED] = ["yes"]
        case "choose" if what and len(what) <= 255:
            typed[CHOSEN] = [what]
        case "unchoose":
            typed.pop(CHOSEN, None)
        case "propose" if "instructions" not in typed:
            typed["instructions"] = [_proposal(desk, typed)]
    return typed


def _proposal(desk: Desk, typed: Typed) -> str:
    """Words for the person, by the kind, in the language of the instructions where we have them."""
    language = next(iter(typed.get("instructions_language", ())), current())
    spoken = language if language in {"en", "fr"} else current()
    proposals = table()["proposals"]
    database, tenant = app_context().database, desk.draft.tenant
    service = help_nearby.chosen(database, tenant, typed)
    titles = dict(desk.offered.partners)
    name = titles.get(next(iter(typed.get("partner", ())), ""), proposals["service"][spoken])
    kind = next(iter(typed.get("kind", ())), "navigator")
    if kind == "warm-connection" and service is not None and not any(typed.get("partner", ())):
        kind = kind if help_nearby.takes_referrals(database, tenant, service) else "arranged"
    row = proposals["unsafe"] if typed.get("unsafe") else proposals.get(kind, proposals["navigator"])
    return str(row[spoken]).format(service=name if service is None else service["name"])


def _sent(desk: Desk) -> Response | None:
    """Where a draft that was sent leads to."""
    return None if desk.draft.prescription is None else door.see_other(f"{PATH}/sent/{desk.draft.prescription}")


def choice_words(code: str) -> str:
    """The hint of a kind."""
    return words.said(table()["kinds"][code]["hint"])
