"""What a token endpoint answers: its JSON object, the error that it names, and for how long a token holds.

https://www.rfc-editor.org/rfc/rfc6749#section-5
"""

from typing import Any, Final, get_args

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.reading import read_text
from footbridge.partners.fhir.responses import Answer, is_worth_a_retry, retry_after
from footbridge.security.assertions import Code

UNNAMED: Final = 300.0  # seconds that a token is kept whose server does not say how long it holds
CODES: Final = frozenset(get_args(Code))
"""Errors of RFC 6749, section 5.2: of what a token endpoint says only these are repeated."""


def object_of(answer: Answer, doing: str) -> dict[str, Any]:
    """The JSON object of a success; ``doing`` says in a message what was asked. An error's text is never repeated.

    Raises PartnerUnavailable (worth a retry) or PartnerRefused.
    """
    status = answer.status
    if is_worth_a_retry(status):
        wait = retry_after(answer.headers)
        raise PartnerUnavailable(
            _("The partner answered {doing} with status {status}.", doing=doing, status=status),
            status=status,
            retry_after=wait,
        )
    if not 200 <= status < 300:
        code = _code(answer)
        message = (
            _("The partner answered {doing} with status {status}.", doing=doing, status=status)
            if code is None
            else _("The partner answered {doing} with status {status} ({code}).", doing=doing, status=status, code=code)
        )
        raise PartnerRefused(message, status=status)
    try:
        return object_in(read_text(answer.body, answer.headers.get("Content-Type", "")))
    except (ValueError, RecursionError):
        raise PartnerRefused(
            _("The partner answered {doing} with something that is not JSON.", doing=doing), status=status
        ) from None


def _code(answer: Answer) -> str | None:
    """The error of RFC 6749 that a refusal names."""
    try:
        said = text_in(object_in(read_text(answer.body, answer.headers.get("Content-Type", ""))).get("error"))
    except (ValueError, RecursionError):
        return None
    return said if said in CODES else None


def seconds_of(said: object) -> float:
    """For how many seconds a token holds, by the ``expires_in`` of its server."""
    try:
        found = float(str(said)) if not isinstance(said, bool) else UNNAMED
    except ValueError:
        return UNNAMED
    return found if 0 < found < float("inf") else UNNAMED
