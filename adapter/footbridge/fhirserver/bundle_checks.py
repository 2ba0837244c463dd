"""Checks the Bundle around its resources, before any transaction is open; the resources are checked by themselves.

Its form counts, and that no two entries have one fullUrl, since a reference to it could mean either. The other rules of
a Bundle change nothing of what is asked for, and real clients break them. What is wrong with an entry refuses a
transaction whole, and of a batch that entry; what is wrong with the Bundle itself refuses either.
https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from footbridge.fhirserver.bodies import Resource
from footbridge.fhirserver.write_policy import Inspect
from footbridge.store.interaction_errors import InteractionError, UnprocessableEntity
from footbridge.store.interactions.bundle_entry import Method

if TYPE_CHECKING:
    from footbridge.model.issues import Issue

_SOUND: Mapping[str, Any] = {"request": {"method": "GET", "url": "metadata"}}
"""In place of an entry that is refused for its shape later."""
_UNIQUE = "invariant.bdl-7"
_METHODS = frozenset(get_args(Method))
_USUAL: Mapping[str, frozenset[str]] = {
    "Bundle": frozenset({"resourceType", "type", "entry"}),
    "entry": frozenset({"fullUrl", "resource", "request"}),
    "request": frozenset({"method", "url"}),
}
_URL = re.compile(
    r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?:https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9-]+)*/)?[A-Z][A-Za-z]+(?:/[A-Za-z0-9.-]{1,64})?"
)
_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")


def faults_around(inspect: Inspect, given: Resource, entries: list[Any]) -> dict[int, InteractionError]:
    """What is wrong with the Bundle without its resources, by entries.

    Raises UnprocessableEntity for what is wrong with all of it.
    """
    if _is_plain(given, entries):
        return {}
    bare = {name: value for name, value in given.items() if name != "entry"}
    if entries:
        bare["entry"] = [_bare(entry) for entry in entries]
    found: dict[int, list[Issue]] = {}
    try:
        inspect(None, bare)
    except UnprocessableEntity as error:
        for issue in filter(_counts, error.issues):
            place = _ENTRY.match(issue.expression or "")
            if place is None:
                raise
            found.setdefault(int(place[1]), []).append(issue)
        return {place: UnprocessableEntity(str(error), issues=issues) for place, issues in found.items()}
    return {}


def _is_plain(given: Resource, entries: list[Any]) -> bool:
    """Whether the Bundle is of the shape that most have, which is never wrong: to check costs ten times more."""
    if not given.keys() <= _USUAL["Bundle"]:
        return False
    seen: set[str] = set()
    for entry in entries:
        if not isinstance(entry, dict) or not entry.keys() <= _USUAL["entry"]:
            return False
        request, full_url = entry.get("request"), entry.get("fullUrl")
        if not isinstance(request, dict) or not request.keys() <= _USUAL["request"]:
            return False
        if not _is_url(request.get("url")) or str(request.get("method")) not in _METHODS:
            return False
        if full_url is not None:
            if not _is_url(full_url) or ":" not in full_url or full_url in seen:
                return False
            seen.add(full_url)
    return True


def _is_url(value: object) -> bool:
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def _counts(issue: "Issue") -> bool:
    return not issue.rule.startswith("invariant.") or issue.rule == _UNIQUE


def _bare(entry: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON is any value
    """An entry without its resource."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        return _SOUND
    method = request.get("method")
    if not isinstance(method, str) or method not in _METHODS:
        return _SOUND
    return {name: value for name, value in entry.items() if name != "resource"}
