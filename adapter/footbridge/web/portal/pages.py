"""Makes a page of a template: Jinja with everything escaped, in the reader's language, and addresses under our prefix.

What a person wrote is shown as text: autoescape is on for every template, and none marks anything as safe.
"""

import functools
import hashlib
import uuid
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from importlib.resources import files
from typing import Any

from babel.dates import get_timezone_name
from babel.numbers import format_decimal
from flask import Response, g, request, url_for
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from footbridge.i18n import current, dates, spoken
from footbridge.i18n.eager import _, _n
from footbridge.i18n.language_names import language_name
from footbridge.letters.page import STYLE
from footbridge.letters.service_letter import ways_to_ask
from footbridge.model.prescription import Prescription
from footbridge.security.access import may
from footbridge.web.context import app_context
from footbridge.web.middleware import prefix
from footbridge.web.portal import words
from footbridge.web.portal.names import full_name

NAME = "portal"
EXTENSION = ";ext="


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader([PackageLoader("footbridge.web.portal"), PackageLoader("footbridge.letters")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_, _n=_n, address=address, asset=asset, words=words, language=current)
    made.globals.update(asked_by=_asked_by, goes_to=_goes_to, just_done=_just_done)
    made.globals.update(allowed=_allowed, area=_area, back=_back, here_query=_here_query, new_key=_new_key)
    made.filters.update(spoken=spoken, day=day, moment=moment, read_moment=datetime.fromisoformat)
    made.filters.update(worded=words.word, tongue=tongue, digits=digits, dialled=dialled, named=full_name)
    made.filters.update(decimal=decimal, extract_from=_extract, placed=_placed, unplaced=_unplaced)
    made.filters["without_mailto"] = lambda text: text.removeprefix("mailto:")
    shared: Any = made.get_template("_shared.html").module
    made.globals.update(summary=shared.summary, meanwhile=shared.meanwhile, input=shared.input)
    made.globals["hidden"] = lambda: shared.hidden(g.get("form_token", ""), _writer())
    return made


def page(template: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401 - whatever the template shows
    """An answer that is a page."""
    shared = {"who": g.get("signed_in"), "done": None}
    text = _environment().get_template(template).render(**(shared | context))
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = current()
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    return response


def address(view: str, **values: object) -> str:
    """Where a view of the portal is, as the browser knows it."""
    return prefix() + url_for(f"{NAME}.{view}", **values)  # type: ignore[arg-type]  # Flask takes any value here


@functools.cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256(content_of(name)).hexdigest()[:12]


def content_of(name: str) -> bytes:
    """What is in a file of ours. Raises FileNotFoundError."""
    place = files("footbridge.letters") if name == STYLE else files("footbridge.web.portal") / "static"
    return (place / name).read_bytes()


def asset(name: str) -> str:
    """Where a file of ours is; another address when it changes, so that it can be cached."""
    return address("static_files.file", name=name, v=_fingerprint(name))


def zone() -> tzinfo:
    """The time zone of the people of the reader's tenant."""
    if "zone" not in g:
        g.zone = app_context().asker.zone_of_people(g.principal.tenant)
    found: tzinfo = g.zone
    return found


def zone_name() -> str:
    """What the time zone of the reader's tenant is called: Eastern Time."""
    name = str(zone())
    return name if name.endswith("UTC") else str(get_timezone_name(zone(), locale=dates.LOCALES[current()]))


def day(value: date | datetime | None) -> str:
    """A day in words: 7 November 2026."""
    if value is None:
        return ""
    local = value.astimezone(zone()) if isinstance(value, datetime) else value
    return dates.day(local)


def moment(value: datetime | None) -> str:
    """A day and a time in words."""
    return "" if value is None else dates.moment(value.astimezone(zone()))


def tongue(code: str) -> str:
    """What a language is called, by its BCP 47 tag; the tag itself where nobody has a name for it."""
    return language_name(code, current())


def decimal(value: float) -> str:
    """A number as the reader's language writes it, with one decimal at most."""
    return str(format_decimal(round(value, 1), locale=dates.LOCALES[current()]))


def digits(number: str) -> str:
    """A telephone number as an address has it, its extension apart: https://www.rfc-editor.org/rfc/rfc3966."""
    number, _semicolon, extension = number.partition(EXTENSION)
    plain = "".join(one for one in number if one.isascii() and (one.isdigit() or one == "+"))
    return f"{plain}{EXTENSION}{extension}" if extension.isascii() and extension.isdigit() else plain


def dialled(number: str) -> str:
    """A telephone number as people read it: 705-555-0112, extension 3."""
    number, _semicolon, extension = number.partition(EXTENSION)
    return _("{number}, extension {extension}", number=number, extension=extension) if extension else number


def _writer() -> str:
    """Whose form it is: another person who signs in on this browser does not send it as theirs."""
    found = g.get("signed_in")
    return found.user.id if found is not None else ""


def _new_key() -> str:
    """What names one form of one page, so that it is done once."""
    return str(uuid.uuid4())


def _just_done() -> str:
    """What the click before this page of the administration did; empty where there was none."""
    said = {
        "yes": _("Saved."),
        "user": _("The user was added. They get an e-mail with a link to sign in."),
        "user-removed": _("The user was removed, and their sessions have ended."),
        "role": _("The role was changed. It applies from their next click."),
        "no-code": _("From now on each letter has a code of its own: a person reads it out by phone."),
        "listing": _("The listing was saved: it applies to the next message."),
        "listing-removed": _("The listing was removed. New messages for it wait for a person."),
        "partner-removed": _("The partner was removed, and its tokens are refused."),
        "route": _("The route was saved: it applies to the next prescription."),
        "retry": _("The message is sent again."),
        "now": _("The message is tried now. Look at the list again in a moment."),
        "ocean-retry": _("The message is read again. If that fails, it comes back here."),
        "ocean-drop": _("The message was dropped."),
        "drop": _("The message was cancelled: the partner will not get it."),
        "revoke": _("The token was revoked: whoever uses it is refused."),
    }
    return said.get(request.args.get("done", ""), "")


def _asked_by(document: Prescription) -> list[str]:
    """Who asks: each with their ways to be reached, in the reader's language."""
    return ways_to_ask(document)


def _goes_to(service: str | None) -> str:
    """Who is told when a person has decided: nobody is asked for a consent without that."""
    if service is None:
        return _("No service is known yet: a person chooses one afterwards.")
    return _("It goes to: {service}", service=service)


def _allowed(action: str) -> bool:
    """Whether the one who is signed in may do this."""
    found = g.get("signed_in")
    return found is not None and may(found.principal, action)


def _area() -> str:
    """Which part of the navigation the page belongs to."""
    view = (request.endpoint or "").removeprefix(f"{NAME}.")
    if view in {"worklist.ask", "worklist.search"}:
        return "search"
    return view.partition(".")[0].partition("_")[0]


def _back() -> str:
    """Where the choice of the language leads back to: a page that a GET shows."""
    path = request.full_path if request.query_string else request.path
    if request.path.startswith("/portal/prescribe/") and request.method != "GET":
        return "/portal/prescribe"
    if request.path.startswith("/portal/sign-in/"):  # an issuer's code is not repeated
        return "/portal/sign-in"
    if request.method == "GET" or path.startswith(("/portal/link/", "/portal/reply/")):
        return path
    return path if request.path in {"/portal/sign-in", "/portal/search"} or "/do/" in request.path else "/portal"


def _here_query() -> str:
    """This page, as it was asked for."""
    return prefix() + (request.full_path if request.query_string else request.path)


def _extract(name: str, known: Mapping[str, object]) -> object:
    return known[name]


def _placed(field: Any) -> tuple[str, str]:  # noqa: ANN401 - a forms.Field, which imports this module
    """An error in the summary: where it leads, and the question that it is about, with what is wrong."""
    if field.error == field.missing:
        return field.name, field.error
    asked = field.label if field.label.rstrip().endswith("?") else _("{what}:", what=field.label)
    return field.name, f"{asked} {field.error}"


def _unplaced(text: str) -> tuple[str, str]:
    return "", text
