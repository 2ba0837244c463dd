"""The order of what is found in the directory: the nearest first, or by name where a search asks so, else by id."""

from collections.abc import Sequence
from dataclasses import dataclass

from footbridge.directory.resources.listing import LOCATION, SERVICE, Listing
from footbridge.i18n import _
from footbridge.model.earth import Point, distance
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.near import read_near
from footbridge.store.search_query import Criterion, SearchRequest


@dataclass(frozen=True, slots=True)
class Place:
    """One entry, with what it is sorted by."""

    listing: Listing
    type: str
    id: str
    key: str = ""

    @property
    def position(self) -> list[str]:
        """For the link to the next page."""
        return [self.key, self.id]


def in_order(places: Sequence[Place], request: SearchRequest, after: Sequence[str]) -> list[Place]:
    """Those after a position, in the order that is asked for. Raises InvalidRequest for a position that is none."""
    if after and len(after) != 2:
        raise InvalidRequest(_("Invalid _cursor: use the next link unchanged."))
    centres = _centres(request)
    named, falling = next(((name == "name", falling) for name, falling in request.sort), (False, False))
    if centres:
        keyed = [Place(one.listing, one.type, one.id, f"{_far(one, centres):012.6f}") for one in places]
        falling = False
    elif named:
        keyed = [Place(one.listing, one.type, one.id, (*_names(one), "")[0]) for one in places]
    else:
        keyed, falling = list(places), False
    keyed.sort(key=lambda one: (one.key, one.id), reverse=falling)
    if not after:
        return keyed
    last = tuple(after)
    return [one for one in keyed if (tuple(one.position) < last if falling else tuple(one.position) > last)]


def _centres(request: SearchRequest) -> list[Point]:
    """The points that the search is near to."""
    near: list[Criterion] = [one.chain or one for one in request.criteria]
    values = [value for one in near if one.name == "near" and not one.modifier for value in one.values]
    return [read_near(value).centre for value in values]


def _far(one: Place, centres: Sequence[Point]) -> float:
    """Kilometres to the nearest place of an entry."""
    sites = [one.id] if one.type == LOCATION else one.listing.places.get(one.id, []) if one.type == SERVICE else []
    points = [one.listing.points[site] for site in sites if site in one.listing.points]
    return min((distance(centre, point) for centre in centres for point in points), default=99_999.0)


def _names(one: Place) -> tuple[str, ...]:
    return one.listing.names[one.type].get(one.id, ())
