"""Pages to print: the letter to the service, and the person's own copy; and a new code for a letter, to be phoned."""

from uuid import UUID

from flask import Blueprint, Response, request

from footbridge.directory.lookup import find_service
from footbridge.errors import NotFoundError
from footbridge.i18n import _, current, speaking
from footbridge.letters import pdf
from footbridge.letters import words as letter_words
from footbridge.letters.own_copy import Where, language_of_client, own_copy
from footbridge.letters.page import html_of
from footbridge.letters.service_letter import About, service_letter
from footbridge.letters.values import Letter
from footbridge.referrals.outgoing import disclosed
from footbridge.referrals.unit import read_unit
from footbridge.security.access import require
from footbridge.store import letters
from footbridge.store.resource_rows import Scope
from footbridge.web.context import app_context
from footbridge.web.portal import door
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
    with app_context().database.write() as connection:
        done = letters.give_code(connection, who.tenant, seen.row.prescription, seen.row.id, made)
    if not done:
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


def _where(seen: Look, language: str) -> Where:
    """The service as the directory knows it, else as the prescription names it, else the partner's title."""
    with speaking("fr" if language == "fr" else "en"):
        agreed = None if seen.appointment is None else letter_words.moment(seen.appointment.start, zone())
        if agreed is not None and seen.appointment is not None and seen.appointment.location:
            agreed = f"{agreed}, {seen.appointment.location}"
    service = seen.document.service
    organization = None if service is None else service.organization
    with app_context().database.read() as connection:
        tenant = door.signed_in().principal.tenant
        named = None if service is None or service.directory_id is None else service.directory_id
        found = None if named is None else find_service(connection, tenant, named)
    if organization is not None:
        place = letter_words.place(organization.address)
        return Where(organization.name, place, organization.contacts, agreed)
    if found is not None:
        return Where(found["name"], None, (), agreed)
    return Where(seen.service, None, (), agreed)


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
