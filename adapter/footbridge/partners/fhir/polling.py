"""Hears of changed Tasks by polling: ``Task?_lastUpdated=ge…&_sort=_lastUpdated&_count=…``.

The cursor is the newest ``lastUpdated`` that this server has shown, so that only its own clock counts. Each poll
starts a little before it and takes what equals it once more: times may be coarse, and a server may stamp a change
before it shows it. What comes twice is told by id and version.

Servers without paging links exist. There a full page is continued from its newest time; where the page is not sorted,
or one time fills it, a larger page is asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from footbridge.errors import PartnerRefused
from footbridge.i18n import _
from footbridge.model.clock import utc_instant
from footbridge.partners.fhir.client import MAX_PAGES, FhirClient, matches
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.references import place_at
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.translate import last_updated
from footbridge.partners.fhir.transport import Query

PAGE: Final = 100
LARGEST_PAGE: Final = 3200
OVERLAP: Final = timedelta(seconds=60)
MAX_REFERENCED: Final = 50


@dataclass(frozen=True, slots=True)
class Polled:
    """Changed Tasks, oldest first, and the newest time among them (that of the last poll, when there are none)."""

    tasks: tuple[Resource, ...]
    newest: datetime | None


def poll_tasks(
    client: FhirClient, since: datetime | None, *, overlap: timedelta = OVERLAP, filters: Query = (), page: int = PAGE
) -> Polled:
    """Every Task that changed since then, or every Task; some come again.

    Args:
        client: the partner's server.
        since: ``newest`` of the last poll.
        overlap: how far before ``since`` to start.
        filters: further search parameters, such as ``owner``.
        page: how many Tasks to ask for at a time.
    """
    start = _before(since, overlap)
    found: dict[str, Resource] = {}
    for task in _changed(client, start, filters, page):
        moment = last_updated(task)
        if start is None or moment is None or moment >= start:  # a server may ignore _lastUpdated
            identity = str(task["id"])
            found[identity] = newer(found[identity], task) if identity in found else task
    times = [moment for moment in map(last_updated, found.values()) if moment]
    return Polled(tuple(sorted(found.values(), key=_by_time)), max([*times, *([since] if since else [])], default=None))


def _before(since: datetime | None, overlap: timedelta) -> datetime | None:
    try:
        return since - overlap if since else None
    except OverflowError:  # nothing is before it
        return since


def newer(one: Resource, other: Resource) -> Resource:
    """The newer of two copies of a resource, ``other`` being the later one read.

    By ``lastUpdated``; on a tie, or without times, by versions that are numbers; else what was read later.
    """
    times = last_updated(one), last_updated(other)
    if times[0] and times[1] and times[0] != times[1]:
        return one if times[0] > times[1] else other
    versions = _number(one), _number(other)
    if versions[0] is not None and versions[1] is not None:
        return one if versions[0] > versions[1] else other
    return one if times[0] and not times[1] else other


def _number(resource: Resource) -> int | None:
    said = text_in(object_in(resource.get("meta")).get("versionId")) or ""
    return int(said) if said.isascii() and said.isdigit() else None


def _by_time(task: Resource) -> tuple[bool, float]:
    moment = last_updated(task)
    return (moment is not None, moment.timestamp() if moment else 0.0)


def _changed(client: FhirClient, start: datetime | None, filters: Query, count: int) -> Iterator[Resource]:
    for _page in range(MAX_PAGES):
        resources, is_all = _read_pages(client, start, filters, count)
        yield from (resource for resource in resources if resource["resourceType"] == "Task")
        if is_all:
            return
        onward = _continues_from(resources, start)
        if onward is not None:
            start = onward
        elif len(resources) < count:  # the server counts more than it shows
            return
        elif count < LARGEST_PAGE:
            count *= 2
        else:
            raise PartnerRefused(_("The partner's Tasks cannot be paged through: it gives neither links nor an order."))
    raise PartnerRefused(_("The partner's pages of a search of Task do not end."))


def _read_pages(client: FhirClient, start: datetime | None, filters: Query, count: int) -> tuple[list[Resource], bool]:
    """What one search finds, and whether that seems to be all: a last page may be full, or short of the total."""
    query = [*filters, ("_sort", "_lastUpdated"), ("_count", str(count))]
    if start is not None:
        query.insert(0, ("_lastUpdated", f"ge{utc_instant(start)}"))
    resources: list[Resource] = []
    for page in client.pages("Task", query):
        here = list(matches(page))
        resources += here
        total = page.get("total")
    short = len(here) < count and (not isinstance(total, int) or len(resources) >= total)
    return resources, short


def _continues_from(tasks: Sequence[Resource], start: datetime | None) -> datetime | None:
    """The newest time of a page that is in order and that leads further; None for another page."""
    times = [moment for moment in map(last_updated, tasks) if moment]
    in_order = len(times) == len(tasks) and times == sorted(times)
    leads_on = bool(times) and (start is None or times[-1] > start) and times[0] != times[-1]
    return times[-1] if in_order and leads_on else None


def read_tasks(client: FhirClient, ids: Iterable[str]) -> tuple[Resource, ...]:
    """Read Tasks one by one, where a server cannot be polled or to settle a doubt; one that is gone is left out."""
    return tuple(task for id_ in ids if (task := _read_if_there(client, "Task", id_)) is not None)


def referenced(client: FhirClient, outputs: Iterable[Resource]) -> tuple[Resource, ...]:
    """What outputs of a Task refer to on the same server, each once.

    Left out: what is gone, and what lies on another server, where this partner's token has no business.
    """
    places = dict.fromkeys(
        place
        for output in outputs
        if (place := place_at(client.base_url, text_in(object_in(output.get("valueReference")).get("reference"))))
    )
    resources = (_read_if_there(client, type_, id_) for type_, id_ in list(places)[:MAX_REFERENCED])
    return tuple(resource for resource in resources if resource is not None)


def _read_if_there(client: FhirClient, type_: str, id_: str) -> Resource | None:
    try:
        return client.read(type_, id_)
    except PartnerRefused as error:
        if error.status in {404, 410}:
            return None
        raise
