"""Who asks for a page: the session of the cookie. And whether a form came from a page of ours.

Two cookies. ``session`` names the session. ``browser`` names the browser, and the token in each form is made of it: so
another site's page cannot send a form, and a form that was written before the session ended can be sent again after the
next sign-in. Neither says anything about a person, and no script can read them.

A GET changes nothing here. A form whose session has ended is given back with all that was typed.
"""

from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, request

from footbridge import logs
from footbridge.i18n import LANGUAGES, start_speaking
from footbridge.i18n.accept_language import wanted_language
from footbridge.security import shown_once, sign_in
from footbridge.security.access import may
from footbridge.security.sign_in import SignedIn
from footbridge.settings import settings
from footbridge.store.sessions import new_secret
from footbridge.web.context import app_context
from footbridge.web.middleware import prefix
from footbridge.web.portal import first_asked, swapped
from footbridge.web.portal.pages import address, page

SESSION: Final = "footbridge_session"
BROWSER: Final = "footbridge_browser"
LANGUAGE: Final = "footbridge_language"
TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
WRITER: Final = "form_writer"
SPEAK: Final = "form_speak"
KEY: Final = "form_key"
_YEAR = 365 * 24 * 3600
_TEN_MINUTES = 600

OPEN: Final = ("signing_in.", "openid.", "static_files.", "language.", "reply.")
"""Views that nobody has to be signed in for, by how their names begin."""

SPEAKING: Final = frozenset(
    {
        "account.present",
        "acting.do",
        "admin_directory.begin",
        "admin_organization.change",
        "admin_listings.put",
        "admin_partner_changes.change",
        "admin_partner_ways.code",
        "admin_partner_ways.secret",
        "admin_partners.add",
        "admin_partners.token",
        "admin_routes.change",
        "admin_users.add",
        "admin_users.change",
        "admin_users.present",
        "prescribe.find",
        "prescribe_write.write",
        "printing.code",
        "reply.use",
        "signing_in.send",
        "signing_in.use",
        "worklist.search",
    }
)
"""Views that show their form again in another language, with all that was typed, and do nothing else then."""

UPLOAD: Final = "admin_directory.begin"
"""The one view that takes a larger body than others, and only of those who look after the directory."""
MULTIPART_BYTES: Final = 64 * 1024  # of a form around its file

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def authenticate() -> Response | None:
    """Find out who asks, and refuse a form that is not ours; what is returned is the answer instead of the view's."""
    view = (request.endpoint or "").removeprefix("portal.")
    if view.startswith("static_files."):
        return None
    key, found = recognise()
    if found is not None and view == UPLOAD and may(found.principal, "directory.manage"):
        request.max_content_length = settings().upload_bytes + MULTIPART_BYTES  # before the form is read
    is_form = request.method not in {"GET", "HEAD", "OPTIONS"}
    if is_form and not _is_ours(key):
        return swapped.stay(page("stale.html", 403))
    if is_form and request.form.get(SPEAK) in LANGUAGES:
        g.new_language = request.form[SPEAK]
        start_speaking("fr" if g.new_language == "fr" else "en")
    if only_speaks() and view not in SPEAKING:
        return _ended()
    if found is None and not view.startswith(OPEN):
        return _ended() if is_form else _to_sign_in()
    if found is not None and is_form and request.form.get(WRITER, found.user.id) != found.user.id:
        return swapped.stay(page("stale.html", 403))
    return None


def _is_ours(key: bytes) -> bool:
    """Whether a form came from a page of ours: it has the browser's token, and the browser names no other site.

    A site beside ours, under the same domain, could give the browser a name of its own, and so know the token; the
    browser itself says where a form comes from: https://www.w3.org/TR/fetch-metadata/.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    return sign_in.is_form_token(key, request.cookies.get(BROWSER, ""), request.form.get(TOKEN, ""))


def recognise() -> tuple[bytes, SignedIn | None]:
    """Find out who asks, in which browser and language; the key of form tokens, and who is signed in."""
    _speak()
    here = app_context()
    now = here.clock.now()
    key = sign_in.form_key(here.database, now)
    g.browser = request.cookies.get(BROWSER) or ""
    if not g.browser:
        g.browser = g.new_browser = new_secret()
    g.form_token = sign_in.form_token(key, g.browser)
    cookie, by_itself = request.cookies.get(SESSION, ""), swapped.by_itself()
    found = sign_in.current_user(here.database, cookie, now, touch=not by_itself) if cookie else None
    if found is not None:
        g.signed_in, g.principal = found, found.principal
        logs.bind(tenant=found.principal.tenant)
    return key, found


def only_speaks() -> bool:
    """Whether a form came to be shown again in another language: nothing of it is done."""
    return "new_language" in g


def signed_in() -> SignedIn:
    """Who is signed in; for views behind the door."""
    found: SignedIn = g.signed_in
    return found


def begin(response: Response, cookie: str) -> Response:
    """Give the browser a session, which ends with it at the latest."""
    response.set_cookie(SESSION, cookie, **_attributes())  # type: ignore[arg-type]  # mypy knows no ** of mixed types
    return response


def end(response: Response) -> Response:
    """Take the session from the browser."""
    response.delete_cookie(SESSION, path=_path(), secure=_is_secure(), httponly=True, samesite="Lax")
    return response


def register(routes: Blueprint) -> None:
    """Let each answer of a blueprint give the browser its name, and the language that was chosen."""
    routes.after_request(_name_browser)


def secret_of_form(what: str) -> str:
    """A secret that a page shows once: the same for the same form, whoever else sends one."""
    here = app_context()
    key = sign_in.form_key(here.database, here.clock.now())
    form_key = request.form.get(KEY, "")[:64] or new_secret()
    return shown_once.secret_of_form(key, signed_in().user.id, what, form_key)


def inside(path: str) -> str:
    """An address that a form names to go back to, if it is one of ours; else the first page."""
    parts = urlsplit(path)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/portal") and "\\" not in path
    return parts.path + (f"?{parts.query}" if parts.query else "") if ours else "/portal"


def see_other(path: str) -> Response:
    """Go on at another address, by GET. The prefix is put before it where all answers get theirs."""
    response = Response(status=303)
    response.headers["Location"] = path
    return response


def _name_browser(response: Response) -> Response:
    if "new_browser" in g:
        response.set_cookie(BROWSER, g.new_browser, max_age=_YEAR, **_attributes())  # type: ignore[arg-type]
    return set_language(response, g.new_language) if "new_language" in g else response


def keep_first_asked(response: Response, path: str | None) -> Response:
    """Let the browser keep, while it is at the issuer, which page was asked for."""
    if path is None:
        response.delete_cookie(first_asked.COOKIE, path=_path(), secure=_is_secure(), httponly=True, samesite="Lax")
        return response
    response.set_cookie(first_asked.COOKIE, path, max_age=_TEN_MINUTES, **_attributes())  # type: ignore[arg-type]
    return response


def set_language(response: Response, language: str) -> Response:
    """Let the browser be answered in this language from now on."""
    response.set_cookie(LANGUAGE, language, max_age=_YEAR, **_attributes())  # type: ignore[arg-type]
    return response


def _speak() -> None:
    chosen = next((one for one in LANGUAGES if one == request.cookies.get(LANGUAGE)), None)
    start_speaking(chosen or wanted_language(request.headers.get("Accept-Language")))


def _to_sign_in() -> Response:
    asked = first_asked.asked_now()
    query = "" if asked is None else f"?{urlencode({first_asked.FIELD: asked})}"
    response = swapped.leave(see_other(f"/portal/sign-in{query}"))
    return end(response) if request.cookies.get(SESSION) else response


def _ended() -> Response:
    """What was typed, to be sent again after the next sign-in in another window."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in {TOKEN, SPEAK}]
    shown = [value for name, value in fields if not name.startswith("form_") and len(value) > 20]
    way = address("signing_in.ask")
    made = page("ended.html", 401, fields=fields, shown=shown, action=prefix() + request.path, way=way)
    return swapped.instead(made) if "do" in request.form else swapped.stay(made)


def _attributes() -> dict[str, object]:
    return {"path": _path(), "secure": _is_secure(), "httponly": True, "samesite": "Lax"}


def _path() -> str:
    return f"{prefix()}/portal"


def _is_secure() -> bool:
    return (settings().public_url or "").startswith("https://")
