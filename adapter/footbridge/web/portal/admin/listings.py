"""The listings of an Ocean site: what a referral to each means, and where it goes (`footbridge partner listing`).

A message that names a listing which is not here waits for a person (``ocean_messages``): its way out leads here.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from footbridge.directory.lookup import find_service
from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.i18n.languages import LANGUAGES
from footbridge.partners.ocean.listing import Listing
from footbridge.store.ocean_sites import listings_of, put_listing, remove_listing
from footbridge.store.partners import Partner, list_partners
from footbridge.store.tenants import get_tenant
from footbridge.terminology import categories
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.admin.forms_of import field
from footbridge.web.portal.admin.partner_fields import OCEAN
from footbridge.web.portal.admin.partners import ONE, PATH, theirs
from footbridge.web.portal.forms import Field, by_name, mark_unfit
from footbridge.web.portal.pages import page

HERE = f"{ONE}/listings"
LONGEST = 255
MOST_TYPED = 1000
_NAMES = {"en": "English", "fr": "Français"}

routes = Blueprint("admin_listings", __name__)


@routes.get(HERE)
def show(name: str) -> Response:
    """All of them, and the form that adds one or changes the one of that name."""
    partner = _site(name)
    return _page(partner, _fields(_known(partner).get(request.args.get("listing", ""))))


@routes.post(HERE)
def put(name: str) -> Response:
    """Add a listing, or change the one of that name; what the form does not ask stays as it is."""
    partner = _site(name)
    fields = _fields(None)
    for one in fields:
        one.values = [text.strip()[:MOST_TYPED] for text in request.form.getlist(one.name) if text.strip()]
    if door.only_speaks() or _has_errors(fields):
        return _page(partner, fields)
    try:
        with app_context().database.write() as connection:
            _put(connection, partner, fields)
    except ConfigurationError as error:
        by_name(fields)["target"].error = spoken(str(error))
        return _page(partner, fields)
    return door.see_other(f"{PATH}/{name}/listings?done=listing")


@routes.post(f"{HERE}/remove")
def remove(name: str) -> Response:
    """Remove one. One that is gone already stays gone: the click came twice."""
    partner = _site(name)
    try:
        with app_context().database.write() as connection:
            remove_listing(connection, door.signed_in().user.tenant, partner.name, request.form.get("listing", ""))
    except NotFoundError:
        return door.see_other(f"{PATH}/{name}/listings")
    return door.see_other(f"{PATH}/{name}/listings?done=listing-removed")


def _has_errors(fields: list[Field]) -> bool:
    known = by_name(fields)
    if not mark_unfit(fields):
        return True
    if not known["target"].value and not known["external"].value:
        known["target"].error = spoken(_("Enter the reference of the listing in Ocean, or its External Service ID."))
    for one in fields:
        if one.options and not {value for value, _label in one.options}.issuperset(one.values):
            one.error = spoken(_("Select one of the answers."))
    service = known["service"].value
    if service:
        with app_context().database.read() as connection:
            if find_service(connection, door.signed_in().user.tenant, service) is None:
                known["service"].error = spoken(_("The directory has no service {service}.", service=service))
    return any(one.error for one in fields)


def _put(connection: Connection, partner: Partner, fields: list[Field]) -> None:
    tenant, known = door.signed_in().user.tenant, by_name(fields)
    target, external = known["target"].value or None, known["external"].value or None
    stored: Any = listings_of(connection, tenant, partner.name)
    before: dict[str, Any] = stored.get(target or external) or {
        "jurisdiction": get_tenant(connection, tenant).jurisdiction
    }
    consent: Any = before.get("consent") or {}
    basis = known["consent"].value or "none"
    row = before | {
        "target": target,
        "external": external,
        "kind": known["kind"].value or None,
        "consent": consent if consent.get("basis") == basis else {"basis": basis},
        "categories": known["categories"].values,
        "partner": known["goes_to"].value or None,
        "service": _service(before.get("service"), known["service"].value),
        "language": known["language"].value or None,
    }
    made = Listing.decode({name: value for name, value in row.items() if value not in (None, [], {})})
    put_listing(connection, tenant, partner.name, str(made.target or made.external), made.encode())


def _service(before: Mapping[str, Any] | None, directory_id: str) -> Mapping[str, Any] | None:
    """The service of a listing; one that is named otherwise than by the directory stays: the form does not ask it."""
    if directory_id:
        return {"directoryId": directory_id}
    return None if before is None or "directoryId" in before else before


def _fields(now: Mapping[str, Any] | None) -> list[Field]:
    known: Mapping[str, Any] = now or {}
    with app_context().database.read() as connection:
        mine = list_partners(connection, door.signed_in().user.tenant)
    services = [(one.name, one.title) for one in mine if one.role == "recipient"]
    kinds = [(code, words.kind(code)) for code in words.table()["kinds"]]
    bases = [
        ("none", spoken(_("It is not known: a person asks before anything leaves"))),
        ("express-in-form", spoken(_("A field of the form says it"))),
        ("implied", spoken(_("It is implied, as the law of the jurisdiction allows"))),
    ]
    named = sorted(((one.code, one.text[current()]) for one in categories()), key=lambda pair: pair[1].casefold())
    consent: Any = known.get("consent") or {}
    languages = list(dict.fromkeys([*LANGUAGES, known.get("language", "en")]))
    about = field("categories", "checks", spoken(_("What it is about")), named)
    about.values = list(known.get("categories", ()))
    asked = request.args.get("target", "")[:LONGEST] if now is None else ""
    return [
        field("target", "line", spoken(_("Reference of the listing in Ocean")), value=known.get("target", asked),
              hint=spoken(_("A name and 8 digits, such as food_bank12345678."))),
        field("external", "line", spoken(_("External Service ID, where the site has set one")),
              value=known.get("external", "")),
        field("kind", "select", spoken(_("Kind of the prescriptions")), kinds, known.get("kind", "warm-connection")),
        field("goes_to", "select", spoken(_("Where its referrals go (empty: as the routes say)")), services,
              known.get("partner", "")),
        field("service", "line", spoken(_("Its service in the directory: the number that the directory shows")),
              value=(known.get("service") or {}).get("directoryId", "")),
        field("consent", "select", spoken(_("How the client's consent is known")), bases, consent.get("basis", "none")),
        field("language", "select", spoken(_("Language of its texts")),
              [(code, _NAMES.get(code, code)) for code in languages], known.get("language", "en")),
        about,
    ]  # fmt: skip


def _known(partner: Partner) -> dict[str, Any]:
    with app_context().database.read() as connection:
        found: dict[str, Any] = listings_of(connection, door.signed_in().user.tenant, partner.name)
    return found


def _site(name: str) -> Partner:
    partner = theirs(name)
    if partner.network != OCEAN:
        raise ConflictError(_("The partner {name} has no such setting.", name=name))
    return partner


def _page(partner: Partner, fields: list[Field]) -> Response:
    with app_context().database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, door.signed_in().user.tenant)}
    rows = [
        (
            key,
            words.kind(row.get("kind", "warm-connection")),
            [words.category_name(one) for one in row.get("categories", ())],
            titles.get(row.get("partner", ""), row.get("partner")),
        )
        for key, row in _known(partner).items()
    ]
    status = 422 if any(one.error for one in fields) else 200
    return page("admin_listings.html", status, partner=partner, rows=rows, fields=fields)
