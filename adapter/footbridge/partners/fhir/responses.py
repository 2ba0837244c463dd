"""Reads a FHIR server's answer: a resource, or one of our errors.

    5xx (not 501), 408, 409, 423, 425, 429       PartnerUnavailable, with Retry-After in seconds
    409 or 412 to an If-Match                    StaleVersion
    2xx that breaks off or is no JSON            PartnerUnavailable: creates are conditional, so a repeat is safe
                                                 (of a write that says where it went, the body does not count)
    2xx that is something else than FHIR         PartnerRefused
    every other answer, redirects included       PartnerRefused

Messages are in our words, with the status and the issue codes of an OperationOutcome; never the partner's text,
which may name a person. Statuses: https://hl7.org/fhir/R4/http.html#Status-Codes
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from footbridge.data import read_json
from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _, _n
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.reading import read_text, with_sound_meta
from footbridge.partners.fhir.server import Resource

_RETRY = frozenset({408, 409, 423, 425, 429})
LONGEST_WAIT = 86_400.0  # a Retry-After beyond a day is taken as a day


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
        raise StaleVersion(
            _("The partner has a newer version than {doing} expects (status {status}).", doing=doing, status=status),
            status=status,
        )
    message = _(
        "The partner answered {doing} with status {status}{codes}.", doing=doing, status=status, codes=_codes(answer)
    )
    if is_worth_a_retry(status):
        raise PartnerUnavailable(message, status=status, retry_after=retry_after(answer.headers))
    if 300 <= status < 400:
        message = _(
            "The partner redirects {doing} (status {status}): its base URL must be the final one.",
            doing=doing,
            status=status,
        )
    raise PartnerRefused(message, status=status)


def resource(answer: Answer, doing: str, *, type_: str | None = None) -> Resource:
    """The resource in a successful answer, of the wanted type where one is named."""
    found = optional_resource(answer, doing)
    if found is None:
        raise PartnerRefused(_("The partner answered {doing} with an empty body.", doing=doing), status=answer.status)
    if type_ is not None and found["resourceType"] != type_:
        raise PartnerRefused(
            _("The partner answered {doing} with something that is not a {type}.", doing=doing, type=type_),
            status=answer.status,
        )
    return found


def optional_resource(answer: Answer, doing: str) -> Resource | None:
    """The resource in a successful answer, or None when its body is empty, as a server may leave it.

    A version that stands only in the ETag is put into its ``meta``, but for a Bundle, whose ETag is nobody's.
    """
    if not answer.body.strip():
        return None
    try:
        found: Any = read_text(answer.body, answer.headers.get("Content-Type", ""))
    except (ValueError, RecursionError):
        raise _unreadable(answer, doing) from None
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise PartnerRefused(
            _("The partner answered {doing} with JSON that is not FHIR.", doing=doing), status=answer.status
        )
    return found if found["resourceType"] == "Bundle" else with_sound_meta(found, answer.headers.get("ETag"))


def resource_if_any(answer: Answer, type_: str) -> Resource | None:
    """The resource of that type in a successful answer to a write; None when its body is anything else."""
    try:
        found = optional_resource(answer, "")
    except PartnerError:
        return None
    return found if found is not None and found["resourceType"] == type_ else None


def _unreadable(answer: Answer, doing: str) -> PartnerError:
    kind = answer.headers.get("Content-Type", "").lower()
    if "json" in kind or not kind:
        return PartnerUnavailable(
            _("The partner's answer to {doing} cannot be read.", doing=doing), status=answer.status
        )
    return PartnerRefused(
        _("The partner answered {doing} with something that is not FHIR JSON.", doing=doing), status=answer.status
    )


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
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _codes(answer: Answer) -> str:
    codes = sorted(set(issue_codes(answer.body)))
    if not codes:
        return ""
    return _n(" (its code: {codes})", " (its codes: {codes})", len(codes), codes=", ".join(codes))


def issue_codes(body: bytes) -> Iterator[str]:
    """``issue.code`` of an OperationOutcome; nothing else of it, for its texts may name a person.

    So may a code that is none of https://hl7.org/fhir/R4/codesystem-issue-type.html: it is left out.
    """
    try:
        outcome: Any = read_text(body)
    except (ValueError, RecursionError):
        return
    for issue in objects_in(object_in(outcome).get("issue")):
        code = text_in(issue.get("code"))
        if code is not None and code in _known_codes():
            yield code


@functools.cache
def _known_codes() -> frozenset[str]:
    system = read_json("profiles", "hl7.fhir.r4.core#4.0.1", "codesystems", "issue-type.json")
    return frozenset(_codes_in(system["concept"]))


def _codes_in(concepts: Mapping[str, Any]) -> Iterator[str]:
    for code, concept in concepts.items():
        yield code
        if isinstance(concept, dict):  # else its display alone
            yield from _codes_in(concept.get("concept", {}))
