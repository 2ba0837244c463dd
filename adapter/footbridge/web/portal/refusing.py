"""A refusal as a page, in plain words: what happened, and where to go on. The words are in ``mappings/portal.json``.

The sentence of the problem itself stays where it says more than the table can, as which service is not known.
"""

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from footbridge.i18n import Text, _, current, spoken
from footbridge.security.access import role_text, roles_of_principals
from footbridge.web.errors import Problem
from footbridge.web.middleware import prefix
from footbridge.web.portal import door, swapped, words
from footbridge.web.portal.pages import decimal, page

FIRST = "/portal"


def refuse(problem: Problem) -> Response:
    """A refusal as a page; an address with a slash too many leads to the one without it."""
    if problem.status == 404 and request.method == "GET" and request.path.endswith("/"):
        shorter = request.path.rstrip("/")
        if _is_page(shorter):
            return door.see_other(shorter)
    if problem.status in {404, 405} and "form_token" not in g:  # no page is there, so nobody was asked for yet
        door.recognise()
    known = words.table()["problems"].get(problem.name, {})
    title = words.said(known["title"]) if known else spoken(problem.kind.title)
    way = _page_above(request.path) if problem.status == 405 else FIRST
    said = {"title": title, "text": _text(problem), "number": g.get("request_id")}
    response = page("problem.html", problem.status, **said, way=prefix() + way, is_first=way == FIRST)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return swapped.stay(response)


def _text(problem: Problem) -> str:
    fields = problem.detail.fields if isinstance(problem.detail, Text) else {}
    if problem.name == "forbidden" and {"roles", "role"} <= fields.keys():
        return _not_your_role(str(fields["roles"]))
    known = words.table()["problems"].get(problem.name, {}).get("text")
    if known is None:
        return spoken(problem.detail)
    most = decimal((request.max_content_length or 0) / 1_000_000)
    return words.said(known, most=most, wait=problem.headers.get("Retry-After", ""))


def _not_your_role(roles: str) -> str:
    """Which roles of the portal may do it, in the reader's language."""
    found = g.get("signed_in")
    titles = [role_text(one, current()) for one in roles_of_principals(roles.split(" or "))]
    mine = role_text(found.user.role, current()) if found is not None else ""
    return spoken(_("Your role is: {role}. This is for: {roles}.", role=mine, roles=", ".join(titles)))


def _page_above(path: str) -> str:
    """The nearest address above one that only takes forms, which shows a page."""
    while path.startswith(f"{FIRST}/"):
        path = path.rpartition("/")[0]
        if _is_page(path):
            return path
    return FIRST


def _is_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return True
