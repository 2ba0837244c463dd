"""THE table of routes: which method at which address is which interaction (https://hl7.org/fhir/R4/http.html#summary).

The server routes by this table, and its CapabilityStatement is made from it. What of it a server offers, and for
which types, says its ``Offer``. Addresses that need no table row, such as ``Patient/$everything``, are operations.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from footbridge.fhirserver.offer import SYSTEM, Interaction, Offer
from footbridge.i18n import _
from footbridge.store.interaction_errors import Forbidden, MethodNotAllowed, NotFound, NotOffered

Level = Literal["system", "type", "instance"]


@dataclass(frozen=True, slots=True)
class Route:
    """One row: a method and an address under the base URL.

    Attributes:
        template: segments; ``{type}``, ``{id}`` and ``{vid}`` stand for values, ``${operation}`` for a name after $.
        interaction: the FHIR code of it (https://hl7.org/fhir/R4/valueset-type-restful-interaction.html), or
            ``operation``, or ``conditional-update``, which FHIR declares as a flag.
    """

    method: str
    template: str
    interaction: Interaction
    level: Level


ROUTES = (
    Route("GET", "metadata", "capabilities", "system"),
    Route("POST", "", "transaction", "system"),
    Route("POST", "", "batch", "system"),
    Route("POST", "${operation}", "operation", "system"),
    Route("POST", "{type}/${operation}", "operation", "type"),
    Route("GET", "{type}", "search-type", "type"),
    Route("POST", "{type}/_search", "search-type", "type"),
    Route("POST", "{type}", "create", "type"),
    Route("PUT", "{type}", "conditional-update", "type"),
    Route("GET", "{type}/{id}", "read", "instance"),
    Route("PUT", "{type}/{id}", "update", "instance"),
    Route("DELETE", "{type}/{id}", "delete", "instance"),
    Route("GET", "{type}/{id}/_history", "history-instance", "instance"),
    Route("GET", "{type}/{id}/_history/{vid}", "vread", "instance"),
)

_SEGMENTS = {
    "{type}": re.compile(r"[A-Z][A-Za-z]{0,63}"),
    "{id}": re.compile(r"[A-Za-z0-9.-]{1,64}"),
    "{vid}": re.compile(r"[A-Za-z0-9.-]{1,64}"),
    "${operation}": re.compile(r"\$[A-Za-z][A-Za-z-]{0,63}"),
}
_OF_HTTP = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the row of the table, and the values of its address by name."""

    route: Route
    values: Mapping[str, str]

    @property
    def type(self) -> str | None:
        """The resource type of the address."""
        return self.values.get("type")


@functools.lru_cache(maxsize=256)  # the entries of a Bundle have a few addresses
def targets(path: str) -> tuple[Target, ...]:
    """Every row whose address this is, whatever its method."""
    segments = path.removesuffix("/").split("/")
    found = ((route, _values(route.template.split("/"), segments)) for route in ROUTES)
    return tuple(Target(route, values) for route, values in found if values is not None)


def resolve(offer: Offer, method: str, path: str) -> Target:
    """The target of a request among what is offered.

    Raises NotFound where nothing of this address is offered, MethodNotAllowed where other methods are, Forbidden for
    what is denied to this caller, and NotOffered for a method that is not one of HTTP's. A path that both a
    transaction and a batch may have yields either.
    """
    if method not in _OF_HTTP:
        raise NotOffered(_("This method is not supported."))
    known = targets(path)
    here = [target for target in known if _offered(offer, target)]
    denied = [target for target in known if _denied(offer, target)]
    if not here and not denied:
        raise NotFound(_("This address, or this resource type, is not supported here."))
    wanted = "GET" if method == "HEAD" else method
    for target in here:
        if target.route.method == wanted:
            return target
    if any(target.route.method == wanted for target in denied):
        raise Forbidden(offer.denial or _("This is not for the caller to do."))
    methods = {target.route.method for target in here or denied}
    raise MethodNotAllowed(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def template_of(path: str) -> str:
    """The address with its ids replaced by their names, fit for a log: ``Task/{id}``; ``*`` for no address of FHIR."""
    for target in targets(path):
        kept = {"{type}": target.values.get("type", ""), "${operation}": f"${target.values.get('operation', '')}"}
        return "/".join(kept.get(segment, segment) for segment in target.route.template.split("/"))
    return "*"


def _offered(offer: Offer, target: Target) -> bool:
    if target.route.interaction == "operation":
        return offer.operation(target.values["operation"], target.type) is not None
    return target.route.interaction in (offer.system if target.type is None else offer.types.get(target.type, ()))


def _denied(offer: Offer, target: Target) -> bool:
    return target.route.interaction in offer.denied.get(target.type or SYSTEM, ())


def _values(template: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    values = {}
    for part, segment in zip(template, segments, strict=True):
        pattern = _SEGMENTS.get(part)
        if pattern is None and part != segment:
            return None
        if pattern is not None:
            if pattern.fullmatch(segment) is None:
                return None
            values[part.strip("${}")] = segment.lstrip("$")
    return values
