"""Checks of a Bundle before any transaction is open: the Bundle around its resources, then each resource to be stored.

What is wrong with an entry refuses a transaction whole, and of a batch that entry; what is wrong with the Bundle itself
refuses either.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from footbridge.fhirserver.bodies import Resource
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.write_policy import Inspect
from footbridge.i18n import _
from footbridge.store.interaction_errors import InteractionError, InvalidRequest, UnprocessableEntity
from footbridge.store.interactions.bundle_entry import Method, at
from footbridge.store.interactions.rewriting import with_found

if TYPE_CHECKING:
    from footbridge.model.issues import Issue

MOST_ENTRIES = 1000
"""Of a Bundle from outside: each takes its time in one transaction, for which others wait."""
_SOUND: Mapping[str, Any] = {"request": {"method": "GET", "url": "metadata"}}
"""In place of an entry that is refused for its shape later."""
_METHODS = frozenset(get_args(Method))
_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")


def inspected(call: Call, given: Resource, *, by_search: bool) -> dict[int, InteractionError]:
    """What is wrong with the resources that are to be stored, by their entries; before a transaction is open.

    ``by_search``: references may be searches, which are resolved when the resources are stored.
    """
    entries = given.get("entry", [])
    if not isinstance(entries, list) or call.inspect is None:
        return {}
    if len(entries) > MOST_ENTRIES:
        raise InvalidRequest(
            _("A Bundle may have at most {most} entries.", most=MOST_ENTRIES), expression="Bundle.entry"
        )
    faults = _around(call.inspect, given, entries)
    for place, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        request = entry.get("request") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(request, dict) and request.get("method") in {"POST", "PUT"}:
            try:
                with at(place):
                    call.inspect(place, with_found(resource) if by_search else resource)
            except InteractionError as error:
                faults[place] = error
    return faults


def _around(inspect: Inspect, given: Resource, entries: list[Any]) -> dict[int, InteractionError]:
    """What is wrong with the Bundle without its resources, by entries. Raises for what is wrong with all of it."""
    bare = {name: value for name, value in given.items() if name != "entry"}
    if entries:
        bare["entry"] = [_bare(entry) for entry in entries]
    found: dict[int, list[Issue]] = {}
    try:
        inspect(None, bare)
    except UnprocessableEntity as error:
        for issue in error.issues:
            place = _ENTRY.match(issue.expression or "")
            if place is None:
                raise
            found.setdefault(int(place[1]), []).append(issue)
        return {place: UnprocessableEntity(str(error), issues=issues) for place, issues in found.items()}
    return {}


def _bare(entry: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON is any value
    """An entry without its resource."""
    request = entry.get("request") if isinstance(entry, dict) else None
    is_sound = isinstance(request, dict) and isinstance(request.get("url"), str) and request.get("method") in _METHODS
    return {name: value for name, value in entry.items() if name != "resource"} if is_sound else _SOUND
