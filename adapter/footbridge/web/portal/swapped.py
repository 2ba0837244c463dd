"""What an answer does to a page that asked for a part of itself: https://htmx.org/reference/#response_headers.

htmx puts a part of the answer in the place of a part of the page. An answer that lacks the part, as a refusal does,
would leave a hole there: a worklist that is gone looks like one without work. So a refusal says what to do instead.
"""

from flask import Response, request

from footbridge.web.middleware import prefix


def is_asked() -> bool:
    """Whether a page asks for a part of itself."""
    return "HX-Request" in request.headers


def by_itself() -> bool:
    """Whether the page asks with nobody there, as a list that keeps itself up to date."""
    return is_asked() and request.method == "GET"


def stay(response: Response) -> Response:
    """The page stays as it is."""
    if is_asked():
        response.headers["HX-Reswap"] = "none"
    return response


def instead(response: Response) -> Response:
    """The answer takes the place of all that the page shows."""
    if is_asked():
        response.headers |= {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
    return response


def leave(response: Response) -> Response:
    """The browser goes where a redirect leads, as a page; a script would follow it and lack the part."""
    if is_asked():
        response.headers["HX-Redirect"] = prefix() + response.headers.pop("Location")
        response.status_code = 401
    return response
