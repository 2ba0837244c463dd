"""Reads a FHIR server's answer: a resource, or one of our errors.

    5xx (not 501), 408, 409, 423, 425, 429       PartnerUnavailable, with Retry-After in seconds
    409 or 412 to an If-Match                    StaleVersion
    2xx that breaks off or is no JSON            PartnerUnavailable: creates are conditional, so a repeat is safe
    2xx that is something else than FHIR         PartnerRefused
    every other answer, redirects included       PartnerRefused

Messages are in our words, with the status and the issue codes of an OperationOutcome; never the partner's text,
which may name a person. Statuses: https://hl7.org/fhir/R4/http.html#Status-Codes
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.server import Resource
from footbridge.store import exact_json

_RETRY = frozenset({408, 409, 423, 425, 429})
LONGEST_WAIT = 86_400.0  # a Retry-After beyond a day is taken as a day
_ISSUE_CODE = re.compile(r"[a-z][a-z-]{1,31}")


class StaleVersion(PartnerRefused):
    """The partner's resource is no longer the version that the update names; read it again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end. Header names are matched in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_worth_a_retry(status: int) -> bool:
    """Whether the same request may do better later; 501 says that the server cannot do it at all."""
    return status in _RETRY or (status >= 500 and status != 501)


def require_success(answer: Answer, doing: str, *, if_match: bool = False) -> None:
    """Raise the error that the status stands for; ``doing`` completes the sentence, e.g. ``the create of a Task``."""
    status = answer.status
    if 200 <= status < 300:
        return
    if if_match and status in {409, 412}:
        raise StaleVersion(f"The partner has a newer version than {doing} expects (status {status}).", status=status)
    message = f"The partner answered {doing} with status {status}{_codes(answer)}."
    if is_worth_a_retry(status):
        raise PartnerUnavailable(message, status=status, retry_after=retry_after(answer.headers))
    if 300 <= status < 400:
        message = f"The partner redirects {doing} (status {status}): its base URL must be the final one."
    raise PartnerRefused(message, status=status)


def resource(answer: Answer, doing: str, *, type_: str | None = None) -> Resource:
    """The resource in a successful answer, of the wanted type where one is named."""
    found = optional_resource(answer, doing)
    if found is None:
        raise PartnerRefused(f"The partner answered {doing} with an empty body.", status=answer.status)
    if type_ is not None and found["resourceType"] != type_:
        raise PartnerRefused(
            f"The partner answered {doing} with something that is not a {type_}.", status=answer.status
        )
    return found


def optional_resource(answer: Answer, doing: str) -> Resource | None:
    """The resource in a successful answer, or None when its body is empty, as a server may leave it."""
    if not answer.body.strip():
        return None
    try:
        found: Any = exact_json.loads(answer.body)
    except (ValueError, RecursionError):
        raise _unreadable(answer, doing) from None
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise PartnerRefused(f"The partner answered {doing} with JSON that is not FHIR.", status=answer.status)
    return found


def _unreadable(answer: Answer, doing: str) -> PartnerError:
    kind = answer.headers.get("Content-Type", "").lower()
    if "json" in kind or not kind:
        return PartnerUnavailable(f"The partner's answer to {doing} cannot be read.", status=answer.status)
    return PartnerRefused(f"The partner answered {doing} with something that is not FHIR JSON.", status=answer.status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from either form of the header (RFC 9110 §10.2.3); None when it is missing or unreadable.

    A date is measured from the answer's own Date, so that the two clocks need not agree.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        seconds = float(value)
    else:
        until, now = _http_date(value), _http_date(headers.get("Date", "")) or datetime.now(UTC)
        if until is None:
            return None
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _codes(answer: Answer) -> str:
    codes = sorted(set(issue_codes(answer.body)))
    return f" (its code{'s' if len(codes) > 1 else ''}: {', '.join(codes)})" if codes else ""


def issue_codes(body: bytes) -> Iterator[str]:
    """``issue.code`` of an OperationOutcome; nothing else of it, for its texts may name a person."""
    try:
        outcome: Any = exact_json.loads(body)
    except (ValueError, RecursionError):
        return
    for issue in objects_in(object_in(outcome).get("issue")):
        code = text_in(issue.get("code"))
        if code and _ISSUE_CODE.fullmatch(code):
            yield code
