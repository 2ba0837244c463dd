"""Carries out what a person does with a referral: a page with its form, and the click.

When somebody else was faster, the page says what they did, and gives back what was typed. A click that comes twice is
done once: the second finds that its own first one was there, and shows the result.
"""

import uuid
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.errors import ConflictError, ForbiddenError, LifecycleError, NotFoundError, PrescriptionError
from footbridge.i18n import _, spoken
from footbridge.model.principals import Principal
from footbridge.referrals import clicks, outbox
from footbridge.referrals.by_hand import write
from footbridge.referrals.commands import carry_out
from footbridge.security.access import require
from footbridge.store.referrals import get_referral, referrals_of
from footbridge.web.context import app_context
from footbridge.web.portal import door, finding, forms, words
from footbridge.web.portal.actions import Action, command_of, possible, row_of, said_of
from footbridge.web.portal.appointment_form import can_be_meant
from footbridge.web.portal.forms import Field
from footbridge.web.portal.history import Entry, entries
from footbridge.web.portal.look import Look, look
from footbridge.web.portal.names import full_name
from footbridge.web.portal.pages import page, zone, zone_name
from footbridge.web.portal.referral import ONE

DO = f"{ONE}/do/<action>"
SEEN, KEY = "form_seen", "form_key"

_ASKS_ANOTHER = frozenset({"forward", "route", "reopen"})

routes = Blueprint("acting", __name__)


@routes.get(DO)
def ask(referral: UUID, action: str) -> Response:
    """The form of an action, on a page of its own."""
    who = door.signed_in().principal
    _must_be_known(action)
    seen = look(who, str(referral))
    offered = _offered(seen, who, action)
    if offered is None:
        return _not_now(seen, action, [], 409)
    fields = forms.fields_of(row_of(action), seen, _today())
    return _form(seen, offered, fields, str(uuid.uuid4()), seen.last_event)


@routes.post(DO)
def do(referral: UUID, action: str) -> Response:
    """Do it, and go back to the referral."""
    who = door.signed_in().principal
    _must_be_known(action)
    seen = look(who, str(referral))
    key = request.form.get(KEY, "")[:64] or str(uuid.uuid4())
    if _was_done(who, key):
        return _back(who, str(referral), action)
    known = _seen_before(seen)
    offered = _offered(seen, who, action)
    fields = forms.fields_of(row_of(action), seen, _today())
    finding.with_hit(fields)
    fit = forms.read(fields, row_of(action), request.form)
    if row_of(action).get("times"):
        fit = can_be_meant(fields, app_context().clock.now(), zone()) and fit
    if offered is None:
        return _not_now(seen, action, _since(seen, known), 409, fields)
    if door.only_speaks() or finding.is_asked():
        return _form(seen, offered, forms.without_errors(fields), key, known)
    if not fit:
        return _form(seen, offered, fields, key, known, status=422)
    try:
        _carry_out(who, seen, action, fields, key)
    except PrescriptionError as error:
        _put_beside(fields, error)
        return _form(seen, offered, fields, key, known, status=422, problems=_unplaced(fields, error))
    except (LifecycleError, ConflictError, ForbiddenError) as error:
        return _refused(who, seen, action, fields, key, known, error)
    app_context().wake()
    return _back(who, str(referral), action)


def _carry_out(who: Principal, seen: Look, action: str, fields: list[Field], key: str) -> None:
    here = app_context()
    row = row_of(action)
    if "message" in row:
        require(who, f"message.{row['message']}")
        number = next(one.message for one in seen.waits if one.message is not None)
        with here.database.write() as connection:
            change = outbox.retry if row["message"] == "retry" else outbox.drop
            of, now = seen.row.prescription, here.clock.now()
            if clicks.is_first(connection, who.tenant, _own(key), now, prescription=of):
                change(connection, here.clock, who, number, tenant=who.tenant)
    elif "event" in row:
        command = command_of(action, fields, seen.row.id, _today())
        carry_out(here.database, here.clock, who, seen.row.prescription, command, intake=here.intake, key=_own(key))
    else:
        about = (seen.row.prescription, seen.row.id)
        write(here.database, here.clock, who, about, said_of(action, fields), key=_own(key), intake=here.intake)


def _refused(  # noqa: PLR0913, PLR0917 - what the click was about
    who: Principal,
    before: Look,
    action: str,
    fields: list[Field],
    key: str,
    known: int,
    error: Exception,
) -> Response:
    """Somebody was faster, or it is not possible: say so, with all that was typed."""
    try:
        seen = look(who, before.row.id)
    except NotFoundError:
        return _not_now(before, action, [], 409, fields)
    if _was_done(who, key):
        return _back(who, seen.row.id, action)
    since = _since(seen, known)
    offered = _offered(seen, who, action)
    if offered is None:
        return _not_now(seen, action, since, 409, fields)
    return _form(seen, offered, fields, key, seen.last_event, status=409, problems=[spoken(str(error))], since=since)


def _form(  # noqa: PLR0913 - what the page shows
    seen: Look,
    action: Action,
    fields: list[Field],
    key: str,
    known: int,
    *,
    status: int = 200,
    problems: list[str] | None = None,
    since: list[Entry] | None = None,
) -> Response:
    help_text = row_of(action.name).get("help")
    return page(
        "form.html",
        status,
        seen=seen,
        name=full_name(seen.document.client.name),
        action=action,
        help_text=None if help_text is None else words.said(help_text, zone=zone_name()),
        fields=fields,
        finding=finding.finding_of(seen, fields),
        key=key,
        known=known,
        problems=problems or [],
        since=since or [],
        lengths=forms.LENGTHS,
        guesses=_guesses(seen) if action.name == "confirm-needs" else [],
    )


def _not_now(seen: Look, action: str, since: list[Entry], status: int, fields: list[Field] | None = None) -> Response:
    typed = forms.written(fields or [])
    return page("not_now.html", status, seen=seen, title=words.said(row_of(action)["title"]), since=since, typed=typed)


def _guesses(seen: Look) -> list[dict[str, str]]:
    """What the channel guessed of each need, how sure it is, and the words behind it."""
    found: list[dict[str, Any]] = next(
        (hold.detail.get("needs", []) for hold in seen.holds if hold.reason == "needs"), []
    )
    return [
        {
            "words": ", ".join(one.get("words", [])),
            "category": words.category_name(one.get("category", "")),
            "sure": f"{round(100 * one['confidence'])} %" if "confidence" in one else "",
        }
        for one in found
    ]


def _must_be_known(action: str) -> None:
    if action not in words.table()["actions"]:
        raise NotFoundError(_("Nothing is at this address."))


def _offered(seen: Look, who: Principal, action: str) -> Action | None:
    return next((one for one in possible(seen, who) if one.name == action), None)


def _seen_before(seen: Look) -> int:
    """The number of the newest event when the form was made."""
    given = request.form.get(SEEN, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else seen.last_event


def _since(seen: Look, known: int) -> list[Entry]:
    return [one for one in entries(seen.events, seen.partners) if one.number > known]


def _own(key: str) -> str:
    """The key of this user's form and of what it says: nobody else's, and no other words, count as the same one."""
    return f"{door.signed_in().user.id}/{key}/{forms.digest_of(request.form)}"


def _was_done(who: Principal, key: str) -> bool:
    """Whether this form was sent before, and done: the click came twice."""
    with app_context().database.read() as connection:
        return clicks.was_done(connection, who.tenant, _own(key))


def _put_beside(fields: list[Field], error: PrescriptionError) -> None:
    """Put each error of the document at the field that it is about, where the form has it."""
    known = forms.by_name(fields)
    for issue in error.issues:
        place = _field_at(issue.pointer or "")
        if place in known and known[place].error is None:
            known[place].error = spoken(issue.message)


def _unplaced(fields: list[Field], error: PrescriptionError) -> list[str]:
    known = forms.by_name(fields)
    return [spoken(one.message) for one in error.issues if one.is_error and _field_at(one.pointer or "") not in known]


def _field_at(pointer: str) -> str:
    """The field that a JSON Pointer into a command is about: ``category-0`` of ``/parts/0/category``."""
    parts = pointer.strip("/").split("/")
    match parts:
        case ["listed"]:
            return finding.PARTNER
        case ["parts"]:
            return "description-0"
        case ["parts", place, name]:
            return f"{name}-{place}"
        case ["needs", place, "category"]:
            return f"need-{place}"
        case ["needs", place, name] if place.isdigit():
            return f"{'linked' if name == 'need' else name}-{place}"
        case ["found", place, name]:
            return f"found-{name}-{place}"
        case ["consent", name, *_rest]:
            return name
        case ["client", "birthDate"]:
            return "born"
        case ["client", "contacts", *_rest]:
            return "phone"
        case [name]:
            return name
        case _:
            return pointer


def _today() -> date:
    return app_context().clock.now().astimezone(zone()).date()


def _back(who: Principal, referral: str, action: str) -> Response:
    """To the referral; where another service is asked now instead, to that one."""
    if row_of(action).get("event") in _ASKS_ANOTHER:
        with app_context().database.read() as connection:
            record = get_referral(connection, who.tenant, referral)
            tries = referrals_of(connection, who.tenant, record.prescription)
            order = (record.parent, record.service_request)
            same = [one for one in tries if (one.parent, one.service_request) == order]
            referral = max(same, key=lambda one: one.attempt).id
    return door.see_other(f"/portal/referrals/{referral}?done={action}")
