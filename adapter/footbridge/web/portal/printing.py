"""Pages to print: the letter to the service, and the person's own copy; and a new code for a letter, to be phoned."""

from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.errors import NotFoundError
from footbridge.i18n import Language, _, current, speaking
from footbridge.letters import pdf
from footbridge.letters import words as letter_words
from footbridge.letters.own_copy import Where, language_of_client, own_copy
from footbridge.letters.page import html_of
from footbridge.letters.service_letter import About, service_letter
from footbridge.letters.values import Letter
from footbridge.referrals.letter_answers import give_new_code
from footbridge.referrals.outgoing import disclosed
from footbridge.referrals.unit import read_unit
from footbridge.security.access import require
from footbridge.store import letters
from footbridge.store.resource_rows import Scope
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.listed import ListedService, listed_service
from footbridge.web.portal.look import Look, look
from footbridge.web.portal.names import full_name
from footbridge.web.portal.pages import asset, page, zone
from footbridge.web.portal.referral import ONE
from footbridge.web.portal.reply import pdf_response

routes = Blueprint("printing", __name__)


@routes.get(f"{ONE}/copy")
def copy(referral: UUID) -> Response:
    """The person's own copy, in the person's language."""
    return _printed(_copy(referral))


@routes.get(f"{ONE}/copy.pdf")
def copy_file(referral: UUID) -> Response:
    """The same as a PDF."""
    return pdf_response(pdf.pdf_of(_copy(referral)))


@routes.get(f"{ONE}/letter")
def letter(referral: UUID) -> Response:
    """The letter to the service, without a link: for a service that gets it by hand or by post."""
    return _printed(_letter(referral))


@routes.get(f"{ONE}/letter.pdf")
def letter_file(referral: UUID) -> Response:
    """The same as a PDF."""
    return pdf_response(pdf.pdf_of(_letter(referral)))


@routes.post(f"{ONE}/letter-code")
def code(referral: UUID) -> Response:
    """Make a new code for the letters about this referral, and show it once; earlier codes end."""
    who = door.signed_in().principal
    require(who, "letter.code")
    seen = look(who, str(referral))
    made = letters.code_from(door.secret_of_form(f"letter/{seen.row.id}"))  # a second click shows the same
    here = app_context()
    if not give_new_code(here.database, here.clock, who, (seen.row.prescription, seen.row.id), made):
        raise NotFoundError(_("No letter about this referral has left yet."))
    name, key = full_name(seen.document.client.name), request.form.get(door.KEY, "")
    return page("letter_code.html", seen=seen, name=name, code=made, key=key)


def _printed(made: Letter) -> Response:
    response = Response(html_of(made, sheet=asset("letter.css")), mimetype="text/html")
    response.headers["Content-Language"] = made.language
    return response


def _copy(referral: UUID) -> Letter:
    who = door.signed_in().principal
    require(who, "copy.print")
    seen = look(who, str(referral))
    language = language_of_client(seen.document)
    return own_copy(seen.document, _where(seen, language), zone(), language)


def _where(seen: Look, language: Language) -> Where:
    """The service that really has the referral; where none has it, the one that the prescription names."""
    with speaking(language):
        return _place(seen, _appointment(seen))


def _appointment(seen: Look) -> str | None:
    if seen.appointment is None:
        return None
    agreed = letter_words.moment(seen.appointment.start, zone())
    return f"{agreed}, {seen.appointment.location}" if seen.appointment.location else agreed


def _place(seen: Look, agreed: str | None) -> Where:
    title, document = seen.service, seen.document
    asked = title is not None or document.kind == "signpost"
    organization = None if document.service is None else document.service.organization
    listed = _listed(seen)
    if listed is not None and (title is None or seen.row.partner in listed.partners):
        return Where(listed.name, listed.address, listed.contacts, agreed, listed.hours, asked)
    if organization is not None and (title is None or organization.name.casefold() == title.casefold()):
        place = letter_words.place(organization.address)
        return Where(organization.name, place, organization.contacts, agreed, (), asked)
    return Where(title, None, (), agreed, (), asked)


def _listed(seen: Look) -> ListedService | None:
    """The service of the directory, in the language that is spoken."""
    here, who = app_context(), door.signed_in().principal
    with here.database.read() as connection:
        return listed_service(connection, who.tenant, seen.document, seen.partners)


def _letter(referral: UUID) -> Letter:
    """As the service may know it: the same cut as every network gets."""
    who = door.signed_in().principal
    require(who, "letter.print")
    seen = look(who, str(referral))
    here = app_context()
    with here.database.read() as connection:
        unit = read_unit(Scope(connection, who.tenant, here.clock.now()), seen.row.prescription)
        partner = unit.partners.get(seen.row.partner or "")
        if partner is None or seen.row.is_ended:
            raise NotFoundError(_("No service is asked at the moment: there is no letter."))
        document = disclosed(unit, partner, [unit.row(seen.row.id)])
        setting = letters.setting_of(connection, who.tenant, partner.name)
    about = About(partner.title, here.clock.now(), None, zone(), category=seen.row.category)
    return service_letter(document, about, setting.language or current())
