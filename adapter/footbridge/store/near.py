"""``Location?near``: within a distance of a point, as latitude|longitude|distance|units.

https://hl7.org/fhir/R4/location.html#search: the distance may be left out, and is then ``NEAR``; the units are of UCUM,
and kilometres where there are none.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.i18n import _
from footbridge.model.earth import Point, distance
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.validation.fhirpath.ucum import unit

NEAR = 50.0
"""Kilometres, where a search does not say."""
_METRES = unit("m")


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the Earth; ``radius`` is in kilometres."""

    centre: Point
    radius: float

    def holds(self, position: Any) -> bool:  # noqa: ANN401 - what stands in a resource
        """Whether a ``Location.position`` lies within; False for what is none."""
        far = self.distance(position)
        return far is not None and far <= self.radius

    def distance(self, position: Any) -> float | None:  # noqa: ANN401 - as above
        """Kilometres to a ``Location.position``; None for what is none."""
        if not isinstance(position, Mapping):
            return None
        try:
            point = Point(float(position["latitude"]), float(position["longitude"]))
        except (LookupError, TypeError, ValueError):
            return None
        return distance(self.centre, point) if math.isfinite(sum(point)) else None


def read_near(value: str) -> Near:
    """Read one value of the parameter. Raises InvalidRequest."""
    latitude, longitude, far, units, *more = [*value.split("|"), "", "", "", ""][: max(4, value.count("|") + 1)]
    try:
        point = Point(float(latitude), float(longitude))
        radius = (float(far) if far else NEAR) * (_kilometres(units) if far and units else 1.0)
    except ValueError:
        raise _wrong() from None
    in_range = abs(point.latitude) <= 90 and abs(point.longitude) <= 180
    if more or not in_range or not (math.isfinite(radius) and radius >= 0):
        raise _wrong()
    return Near(point, radius)


def _kilometres(units: str) -> float:
    """Kilometres of one of these units. Raises ValueError for what is no unit of length."""
    found = unit(units)
    if found is None or _METRES is None or found.dimensions != _METRES.dimensions:
        raise ValueError(units)
    return float(found.factor / _METRES.factor) / 1000


def _wrong() -> InvalidRequest:
    return InvalidRequest(
        _("near is written as latitude|longitude|distance|units, as 43.65|-79.38|5|km; the units are of UCUM.")
    )
