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
_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")


def faults_around(inspect: Inspect, given: Resource, entries: list[Any]) -> dict[int, InteractionError]:
    """What is wrong with the Bundle without its resources, by entries.

    Raises UnprocessableEntity for what is wrong with all of it.
    """
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
