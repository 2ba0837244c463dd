"""Check before sending: all that was written, what leaves to whom and what does not; then the button that sends.

It is sent through the same intake as a prescription of the API. A second click, a second tab or the back button find
the draft sent, and lead to the referral that it became.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from footbridge.errors import ConflictError, PrescriptionError
from footbridge.model.prescription import Identifier
from footbridge.referrals.intake import Receipt
from footbridge.security.access import must_see, require
from footbridge.store.card_numbers import is_odd
from footbridge.store.referrals import referrals_of
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.names import full_name
from footbridge.web.portal.pages import page
from footbridge.web.portal.prescribing import help_nearby
from footbridge.web.portal.prescribing.desk import Checked, Desk, check, desk_of, keep_sent, plain, store
from footbridge.web.portal.prescribing.document import CHOSEN
from footbridge.web.portal.prescribing.fields import table
from footbridge.web.portal.prescribing.namesakes import namesakes
from footbridge.web.portal.prescribing.preview import parts_of, recipients
from footbridge.web.portal.prescribing.start import PATH
from footbridge.web.portal.prescribing.write import ONE, SEEN, form, version
from footbridge.web.portal.words import said

routes = Blueprint("prescribe_check", __name__)

SAID_HERE: Final = frozenset({"routing.waits"})
"""Rules of warnings that the page says in its own words, with what can be done."""


@routes.get(f"{ONE}/check")
def look(draft: UUID) -> Response:
    """The whole of it, and what leaves to whom."""
    desk = desk_of(draft)
    if desk.draft.prescription is not None:
        return door.see_other(f"{PATH}/sent/{desk.draft.prescription}")
    return _page(desk, check(desk))


@routes.post(f"{ONE}/send")
def send(draft: UUID) -> Response:
    """Send it, once."""
    desk = desk_of(draft)
    if desk.draft.prescription is not None:
        return door.see_other(f"{PATH}/sent/{desk.draft.prescription}")
    found = check(desk)
    if request.form.get(SEEN) != version(desk.draft.updated):  # it was changed in another tab: look again
        return _page(desk, found, status=409, changed=True)
    if found.rehearsal is None:
        return form(desk, found.fields, status=422, problems=found.problems)

    if namesakes(desk, found.rehearsal.prescription.client):  # somebody like that is known: is it them?
        return _page(desk, found, status=409)

    def keep(connection: Connection, receipt: Receipt) -> None:
        keep_sent(connection, desk, receipt.id)

    here = app_context()
    try:
        receipt = here.intake.submit(found.raw, desk.who, keep)
    except (ConflictError, PrescriptionError):
        after = desk_of(draft)
        if after.draft.prescription is not None:  # another click was faster
            return door.see_other(f"{PATH}/sent/{after.draft.prescription}")
        raise
    here.wake()
    return door.see_other(f"{PATH}/sent/{receipt.id}")


@routes.post(f"{ONE}/instead")
def instead(draft: UUID) -> Response:
    """Ask the partner that the route names, in place of the service that nobody receives referrals for."""
    desk = desk_of(draft)
    if desk.draft.prescription is not None:
        return door.see_other(f"{PATH}/sent/{desk.draft.prescription}")
    found = check(desk)
    if request.form.get(SEEN) != version(desk.draft.updated):
        return _page(desk, found, status=409, changed=True)
    if found.rehearsal is None or found.rehearsal.instead is None:
        return door.see_other(f"{PATH}/{draft}/check")
    partner = found.rehearsal.instead
    typed = {name: list(values) for name, values in desk.draft.typed.items() if name != CHOSEN}
    typed["partner"] = [partner.name]
    before = help_nearby.chosen(app_context().database, desk.draft.tenant, desk.draft.typed)
    if before is not None and "instructions" in typed:  # the person is told who is really asked
        typed["instructions"] = [text.replace(before["name"], partner.title) for text in typed["instructions"]]
    store(desk, typed)
    return door.see_other(f"{PATH}/{draft}/check")


@routes.get(f"{PATH}/sent/<uuid:prescription>")
def sent(prescription: UUID) -> Response:
    """What became of it: its referral."""
    who = door.signed_in().principal
    require(who, "prescription.read")
    with app_context().database.read() as connection:
        must_see(connection, who, str(prescription))
        rows = referrals_of(connection, who.tenant, str(prescription))
    return door.see_other(f"/portal/referrals/{rows[0].id}?done=prescribed")


def _page(desk: Desk, found: Checked, status: int = 200, *, changed: bool = False) -> Response:
    if found.rehearsal is None:
        return form(desk, found.fields, status=422, problems=found.problems)
    rehearsal = found.rehearsal
    document = rehearsal.prescription
    return page(
        "prescribe_check.html",
        status,
        draft=desk.draft,
        seen=version(desk.draft.updated),
        document=document,
        name=full_name(document.client.name),
        parts=parts_of(document),
        recipients=recipients(rehearsal),
        rehearsal=rehearsal,
        warnings=[plain(one, desk.draft.typed) for one in rehearsal.warnings if one.rule not in SAID_HERE],
        odd_card=_odd_card(document.client.identifiers),
        chosen=help_nearby.chosen(app_context().database, desk.draft.tenant, desk.draft.typed),
        changed=changed,
        namesakes=namesakes(desk, document.client),
    )


def _odd_card(identifiers: Sequence[Identifier]) -> tuple[str, str] | None:
    """Of which province or territory a health card is that may have a slip, and what its number is like; else None."""
    for card in table()["healthCards"].values():
        for one in identifiers:
            if one.system == card["system"] and is_odd(one.system, one.value):
                return said(card["text"]), said(card["hasForm"])
    return None
