"""The page behind the link of a letter: a code, the letter, and three answers; no account.

Before the code the page says nothing about a person, an address or a service. A GET answers nothing and counts
nothing. The code goes with each form and is looked at each time; it is in no address and no cookie.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import Connection

from footbridge.errors import LifecycleError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.letters import pdf
from footbridge.letters.service_letter import About, public_sender, service_letter
from footbridge.letters.values import Letter as Page
from footbridge.model.prescription import Prescription
from footbridge.referrals.letter_answers import LetterAnswer, answer_letter, note_locked
from footbridge.security import audit
from footbridge.security.reply_links import is_last_try, open_letter, reader_of, state_of_link
from footbridge.settings import settings
from footbridge.store.audit import OF_THE_API
from footbridge.store.letters import Letter
from footbridge.store.partners import get_partner
from footbridge.store.prescriptions import get_prescription
from footbridge.web import audit as web_audit
from footbridge.web.context import app_context
from footbridge.web.portal import door, forms, words
from footbridge.web.portal.forms import Field
from footbridge.web.portal.look import Look, look
from footbridge.web.portal.outcome_form import outputs_of
from footbridge.web.portal.pages import page, zone

LINK = "/portal/reply/<secret>"
ANSWERS = {"requested": ("accepted", "rejected", "completed"), "accepted": ("completed", "failed"),
           "in-progress": ("completed", "failed"), "on-hold": ("completed", "failed")}  # fmt: skip
"""What can be said at each Task.status; at any other one nothing."""


routes = Blueprint("reply", __name__)


@routes.get(LINK)
def ask(secret: str) -> Response:
    """The field for the code."""
    return _ask(secret)


@routes.post(LINK)
def use(secret: str) -> Response:
    """Open the letter; with an answer in the form, take the answer."""
    if door.only_speaks() and "form_seen" not in request.form:  # the field for the code, in another language
        return _ask(secret, typed=request.form.get("code", "")[:64])
    letter = _opened(secret)
    if isinstance(letter, Response):
        return letter
    seen = _look(letter)
    if seen is None or not seen.seen.known or seen.row.status not in ANSWERS:
        return _over(seen)
    if "answer" not in request.form or door.only_speaks():
        _note_reading(letter)
        return _show(secret, seen, key=request.form.get("form_key", "")[:64] or None, fields=_typed(seen))
    return _answer(secret, letter, seen)


@routes.post(f"{LINK}/pdf")
def file(secret: str) -> Response:
    """The letter as a PDF."""
    letter = _opened(secret)
    if isinstance(letter, Response):
        return letter
    seen = _look(letter)
    if seen is None or not seen.seen.known or seen.row.status not in ANSWERS or not pdf.is_available():
        return _over(seen)
    _note_reading(letter)
    return pdf_response(pdf.pdf_of(_letter(seen)))


def pdf_response(content: bytes) -> Response:
    """A PDF to be saved or printed; its name says nothing."""
    response = Response(content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="letter.pdf")
    return response


def _opened(secret: str) -> Letter | Response:
    """The letter, where the code of the form opens it; else the page that says so."""
    here = app_context()
    now = here.clock.now()
    with here.database.read() as connection:
        state, letter = state_of_link(connection, secret, now)
    if state != "open" or letter is None:
        return _ask(secret)
    code = request.form.get("code", "")[:64]
    if not code.strip():
        return _ask(secret, error=spoken(_("Enter the code.")))
    if open_letter(here.database, letter, code):
        with here.database.read() as connection:
            title = get_partner(connection, letter.tenant, letter.partner).title
        g.principal, g.letter_sent = reader_of(letter, title), letter.sent
        audit.begin(web_audit.call("api"))
        return letter
    if is_last_try(letter):
        note_locked(here.database, here.clock, letter)
        return _ask(secret)
    return _ask(secret, error=spoken(_("This is not the code. Check it, or phone the sender of the letter.")))


def _note_reading(letter: Letter) -> None:
    """The audit says that the service read what the letter says."""
    here = audit.current()
    if here is not None:
        about = {"type": OF_THE_API, "resource": letter.prescription, "prescriptions": (letter.prescription,)}
        app_context().audit.note(here, "read", status=200, **about)


def _ask(secret: str, error: str | None = None, typed: str = "") -> Response:
    here = app_context()
    with here.database.read() as connection:
        state, letter = state_of_link(connection, secret, here.clock.now())
        sender = () if letter is None else _sender(connection, letter)
    status = {"open": 200 if error is None else 422, "unknown": 404}.get(state, 410)
    told = {"error": error, "typed": typed, "name": _name(), "sender": sender}
    return page("reply_code.html", status, state=state, secret=secret, **told)


def _sender(connection: Connection, letter: Letter) -> tuple[str, ...]:
    """Who wrote it, and how to reach them: no word about the person."""
    try:
        kept = get_prescription(connection, letter.tenant, letter.prescription)
    except NotFoundError:  # it was erased meanwhile
        return ()
    return public_sender(Prescription.model_validate_json(kept.document))


def _look(letter: Letter) -> Look | None:
    try:
        return look(g.principal, letter.referral)
    except NotFoundError:
        return None


def _letter(seen: Look) -> Page:
    now, sent = app_context().clock.now(), g.letter_sent
    waits = seen.row.status == "requested" and sent is not None
    due = (sent + timedelta(days=settings().response_days)).astimezone(zone()).date() if waits else None
    about = About(g.principal.name, now, due, zone(), category=seen.row.category)
    return service_letter(seen.document, about, current())


def _show(  # noqa: PLR0913 - what the page shows
    secret: str,
    seen: Look,
    *,
    status: int = 200,
    key: str | None = None,
    fields: list[Field] | None = None,
    problem: str | None = None,
    typed: Sequence[tuple[str, str]] = (),
) -> Response:
    return page(
        "reply.html",
        status,
        secret=secret,
        code=request.form.get("code", ""),
        name=_name(),
        letter=_letter(seen),
        messages=seen.messages,
        seen_status=seen.row.status,
        answers=ANSWERS[seen.row.status],
        fields=forms.by_name(fields if fields is not None else _fields(seen)),
        key=key or str(uuid.uuid4()),
        lengths=forms.LENGTHS,
        problem=problem,
        typed=typed,
        has_pdf=pdf.is_available(),
    )


def _fields(seen: Look) -> list[Field]:
    """The fields of every answer, from the forms that people with an account have."""
    declined = forms.fields_of(words.table()["actions"]["reject"], seen, app_context().clock.now().date())
    done = forms.fields_of(words.table()["actions"]["complete"], seen, app_context().clock.now().date())
    why = Field("failure", "words", spoken(_("Why did it not work out?")), required=False)
    return [*declined, *done, why]


def _typed(seen: Look) -> list[Field]:
    """The fields with what was typed so far, when nobody has said yet that they are done."""
    fields = _fields(seen)
    forms.read(fields, {"fields": []}, request.form)
    return forms.without_errors(fields)


def _answer(secret: str, letter: Letter, seen: Look) -> Response:
    here = app_context()
    key = request.form.get("form_key", "")[:64] or str(uuid.uuid4())
    fields = _fields(seen)
    status = request.form["answer"]
    _read(fields, status)
    if any(one.error for one in fields):
        if status not in ANSWERS[seen.row.status]:
            return _meanwhile(secret, seen, fields)
        return _show(secret, seen, status=422, key=key, fields=fields)
    try:
        said = _said(fields, status, f"{key}/{forms.digest_of(request.form)}")
        answer_letter(here.database, here.clock, letter, said)
    except LifecycleError:
        again = _look(letter)
        if again is None or not again.seen.known or again.row.status not in ANSWERS:
            return _over(again, 409)
        return _meanwhile(secret, again, fields)
    here.wake()
    return page("reply_done.html", status_code=status, secret=secret)


def _meanwhile(secret: str, seen: Look, fields: list[Field]) -> Response:
    """Somebody else was faster: what they said, and all that was typed here."""
    word = words.status(seen.row.status)
    problem = spoken(_("Somebody has answered meanwhile: {status}. Nothing was stored of this.", status=word))
    return _show(secret, seen, status=409, fields=_typed(seen), problem=problem, typed=forms.written(fields))


def _over(seen: Look | None, status: int = 200) -> Response:
    """No answer is needed any more; what was typed is shown to whom it may be shown."""
    typed = forms.written(_typed(seen)) if seen is not None and "answer" in request.form else []
    return page("reply_over.html", status, status_code=None if seen is None else seen.row.status, typed=typed)


def _read(fields: list[Field], status: str) -> None:
    """Put what was typed into the fields; what this answer needs and has not is an error."""
    forms.read(fields, {"fields": []}, request.form)
    known = forms.by_name(fields)
    needed = {"rejected": ["why"], "failed": ["failure"]}.get(status, [])
    for name, one in known.items():
        if name in needed and not one.value.strip():
            one.error = spoken(_("Select an answer.") if one.kind == "choice" else _("This is required."))
        elif name not in needed and one.required:
            one.error = None
    if status == "completed":
        forms.must_say_one_of(fields, words.table()["actions"]["complete"]["oneOf"])
    if status == "rejected" and known["why"].value == "other-reason" and not known["reason"].value.strip():
        known["reason"].error = spoken(_("This is required."))


def _said(fields: list[Field], status: str, key: str) -> LetterAnswer:
    more: dict[str, Any] = {}
    if status == "rejected":
        why, text = forms.texts(fields, "why"), forms.texts(fields, "reason")
        more["reason"] = text if why == "other-reason" else " ".join(filter(None, (f"{words.word(why)}.", text)))
    elif status == "failed":
        more["reason"] = forms.texts(fields, "failure")
    elif status == "completed":
        more["outputs"] = tuple(outputs_of(fields))
    return LetterAnswer(key, request.form.get("form_seen", ""), status, by=_name() or None, **more)


def _name() -> str:
    """Who says it, as they typed it."""
    typed = request.form.get("name", "").strip()[:120]
    return "".join(one for one in typed if one.isprintable())
