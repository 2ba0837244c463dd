"""The language of an answer: the one that the request wants (Accept-Language), for what people read in it.

Titles and details of refusals, messages of errors and warnings, what to do about what waits: English or French. Codes,
rule ids, pointers and names of members are the same in both, and so is what was stored as text. Issues of the validator
are in English only. An answer with such texts says its language; one that was stored for a repeated request is sent as
it was made the first time, and says none, since that request may have wanted another.
"""

from flask import Flask, Response, request

from footbridge.i18n import current, start_speaking, stop_speaking
from footbridge.i18n.accept_language import wanted_language

REPLAYED = "Idempotency-Replayed"


def register(app: Flask) -> None:
    """Let every request of the app have its language; call it before anything that may refuse one."""
    app.before_request(_begin)
    app.after_request(_add_headers)
    app.teardown_request(_forget)


def _begin() -> None:
    start_speaking(wanted_language(request.headers.get("Accept-Language")))


def _add_headers(response: Response) -> Response:
    if response.status_code >= 400 or request.path.startswith("/api/"):
        response.vary.add("Accept-Language")
        if (response.mimetype or "").endswith("json") and REPLAYED not in response.headers:
            response.headers.setdefault("Content-Language", current())
    return response


def _forget(_error: BaseException | None) -> None:
    stop_speaking()
