"""Where a prescription begins: drafts that wait, a person whom the tenant knows, or somebody new."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.i18n import current
from footbridge.security.access import require
from footbridge.store import drafts
from footbridge.store.tenants import get_tenant
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.pages import page, zone
from footbridge.web.portal.prescribing.fields import category_words, table
from footbridge.web.portal.prescribing.known import Found, people, typed_of

PATH = "/portal/prescribe"
LONGEST = 200  # characters of a search

routes = Blueprint("prescribe", __name__)


@routes.get(PATH)
def show() -> Response:
    """Drafts, the search for a person, and the button for somebody new."""
    return _start(None, "", wrong=False)


@routes.post(f"{PATH}/find")
def find() -> Response:
    """People by name or identifier: by POST, so that no name is in an address."""
    who = door.signed_in().principal
    require(who, "prescription.submit")
    typed = request.form.get("words", "")
    if door.only_speaks() and not typed.strip():
        return _start(None, "", wrong=False)
    if not typed.strip() or len(typed) > LONGEST or any(ord(one) < 32 for one in typed):
        return _start(None, typed[:LONGEST], wrong=True)
    here = app_context()
    found, is_cut = people(here.database, here.clock, who, typed)
    return _start(found, typed, wrong=False, is_cut=is_cut)


@routes.post(f"{PATH}/new")
def begin() -> Response:
    """A draft for somebody new."""
    require(door.signed_in().principal, "prescription.submit")
    return _begin({})


@routes.post(f"{PATH}/for/<uuid:prescription>")
def begin_for(prescription: UUID) -> Response:
    """A draft for the person of an earlier prescription."""
    who = door.signed_in().principal
    require(who, "prescription.submit")
    here = app_context()
    return _begin(typed_of(here.database, here.clock, who, str(prescription)))


def _begin(client: dict[str, list[str]]) -> Response:
    here, user = app_context(), door.signed_in().user
    now = here.clock.now()
    due = now.astimezone(zone()).date() + timedelta(days=table()["followUpDays"])
    proposed = {name: list(values) for name, values in table()["defaults"].items()}
    proposed |= {
        "follow_due": [due.isoformat()],
        "instructions_language": [current()],
        "own_words_language": [current()],
    }
    with here.database.write() as connection:
        jurisdiction = get_tenant(connection, user.tenant).jurisdiction
        proposed["consent_scope"] = list(table()["consentScope"][jurisdiction])
        draft = drafts.new_draft(connection, user.tenant, user.id, proposed | client, now)
    return door.see_other(f"{PATH}/{draft.id}")


def _start(found: Sequence[Found] | None, typed: str, *, wrong: bool, is_cut: bool = False) -> Response:
    signed_in = door.signed_in()
    require(signed_in.principal, "prescription.submit")
    here, user = app_context(), signed_in.user
    with here.database.read() as connection:
        mine = drafts.drafts_of(connection, user.tenant, user.id, here.clock.now())
    listed = [
        {
            "draft": one,
            "name": " ".join(text for name in ("given", "family") for text in one.typed.get(name, ())),
            "needs": [category_words(code) for code in one.typed.get("category", ())],
        }
        for one in mine
    ]
    shown = {"drafts": listed, "found": found, "typed": typed, "wrong": wrong, "is_cut": is_cut}
    return page("prescribe_start.html", 422 if wrong else 200, **shown)
