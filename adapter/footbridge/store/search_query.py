"""Reads the query string of a FHIR search (https://hl7.org/fhir/R4/search.html).

What this server does not know is collected in ``unknown``: by default it is ignored and said so; with
``Prefer: handling=strict`` and in conditional interactions it is refused. An unknown *modifier* is always refused, as
the standard demands, since to ignore it would widen the search.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest, NotSupported
from footbridge.store.search_parameters import SearchParameter, parameters_of

Query = Iterable[tuple[str, str]]
"""Names and values in the order of the query string, percent-decoding done."""

PAGE = 100
LARGEST_PAGE = 1000
MOST_PARAMETERS = 100
MOST_VALUES = 200
"""How much one search may ask for: more would be too much for the database."""
_SAYS_NOTHING_HERE = {"_pretty"}
_OBEYED = {("_contained", "false")}
"""Parameters with the one value that is obeyed: contained resources are no matches of their own here."""
_OF_THE_ANSWER = {"_format", "_elements"}
"""Parameters that a server obeys when it writes the answer; the next page is asked for with them too."""
_MODIFIERS = {
    "token": {"", "not", "missing"},
    "reference": {"", "missing", "identifier"},
    "date": {"", "missing"},
    "string": {"", "exact", "contains", "missing"},
    "uri": {"", "missing"},
    "composite": {"", "missing"},
    "special": {"", "missing"},
}
SORTED = ("date", "string", "uri")
"""Kinds of parameters that one may sort by."""
BESIDE = "beside"
"""Names a position beside the compartment in a cursor; one in the compartment has no name."""
_OF_EVERY_TYPE = {"_id", "_lastUpdated"}
_SPELT = {"HealthCareService": "HealthcareService"}
"""How the CapabilityStatements of SDOHCC 3.0.0 write a type in their includes, and so do clients of the guide:
http://hl7.org/fhir/us/sdoh-clinicalcare/CapabilityStatement/SDOHCC-CoordinationPlatform."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter with its values: any of them must match. ``parameter`` is None for _id and _lastUpdated.

    ``chain`` is what the resource of type ``target`` that the parameter refers to must meet, as in ``location.near``
    (https://hl7.org/fhir/R4/search.html#chaining); of one step.
    """

    name: str
    parameter: SearchParameter | None
    modifier: str
    values: tuple[str, ...]
    target: str = ""
    chain: "Criterion | None" = None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """``_include`` and ``_revinclude``: ``Task:focus``, with a target type or without.

    ``again``: of what was included too, and not of the matches alone (``:iterate``).
    """

    source: str
    param: str
    target: str
    again: bool = False


@dataclass(slots=True)
class SearchRequest:
    """A search of one resource type, understood."""

    type: str
    criteria: list[Criterion] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    """Names with True for descending order."""
    count: int = PAGE
    total: Literal["none", "estimate", "accurate"] | None = None
    include: list[Inclusion] = field(default_factory=list)
    revinclude: list[Inclusion] = field(default_factory=list)
    cursor: list[str] | None = None
    beside: list[str] | None = None
    """Where to go on among the resources beside the compartment, whose matches follow its own."""
    unknown: list[str] = field(default_factory=list)
    understood: list[tuple[str, str]] = field(default_factory=list)


def read_query(resource_type: str, query: Query) -> SearchRequest:
    """Understand a query; raises NotSupported for an unknown type or modifier, InvalidRequest for a bad value."""
    request = SearchRequest(resource_type)
    known = parameters_of(resource_type)
    query = list(query)
    if len(query) > MOST_PARAMETERS or sum(value.count(",") + 1 for _name, value in query) > MOST_VALUES:
        raise InvalidRequest(
            _(
                "A search may have at most {most_parameters} parameters and {most_values} values.",
                most_parameters=MOST_PARAMETERS,
                most_values=MOST_VALUES,
            )
        )
    for name, value in query:
        if name in _SAYS_NOTHING_HERE or value == "" or (name, value) in _OBEYED:
            continue
        if name in _OF_THE_ANSWER:
            request.understood.append((name, value))
            continue
        reader = _READERS.get(name)
        if reader is not None:
            reader(request, value)
        elif name in _INCLUDES:
            if not _read_inclusion(request, name, value):
                request.unknown.append(name)
                continue
        elif not _read_criterion(request, known, name, value):
            request.unknown.append(name)
            continue
        if name != "_cursor":
            request.understood.append((name, value))
    request.sort = request.sort or [("_lastUpdated", False)]
    return request


def split(value: str, separator: str = ",") -> list[str]:
    """Parts of a value; a backslash keeps the separator after it (https://hl7.org/fhir/R4/search.html#escaping)."""
    return re.split(rf"(?<!\\){re.escape(separator)}", value)


def unescape(value: str) -> str:
    """The value without its backslashes."""
    return re.sub(r"\\([,$|\\])", r"\1", value)


def write_cursor(position: list[str], *, beside: bool = False) -> str:
    """A position as opaque text for a URL; ``beside`` the compartment, or in it."""
    return (
        base64.urlsafe_b64encode(json.dumps({BESIDE: position} if beside else position).encode()).decode().rstrip("=")
    )


def _read_criterion(request: SearchRequest, known: Mapping[str, SearchParameter], name: str, value: str) -> bool:
    param, _colon, modifier = name.partition(":")
    parameter = known.get(param)
    if "." in name:
        return _read_chain(request, known, name, value)
    if parameter is None and param not in _OF_EVERY_TYPE:
        return False
    allowed = _MODIFIERS[parameter.kind] if parameter else {""}
    typed = parameter is not None and parameter.kind == "reference" and modifier[:1].isupper() and modifier.isalpha()
    if modifier not in allowed and not typed:
        raise NotSupported(_("The search parameter {param} does not support this modifier.", param=param))
    request.criteria.append(Criterion(param, parameter, modifier, tuple(split(value))))
    return True


def _read_chain(request: SearchRequest, known: Mapping[str, SearchParameter], name: str, value: str) -> bool:
    """``location.near``, or ``location:Location.near`` where a parameter has several types to refer to."""
    head, _point, rest = name.partition(".")
    param, _colon, typed = head.partition(":")
    parameter = known.get(param)
    if parameter is None or parameter.kind != "reference" or "." in rest:
        return False
    targets = [one for one in parameter.targets if typed in {"", one}]
    if len(targets) != 1:
        return False
    inner = SearchRequest(targets[0])
    if not _read_criterion(inner, parameters_of(targets[0]), rest, value):
        return False
    (chain,) = inner.criteria
    request.criteria.append(Criterion(param, parameter, "", (value,), targets[0], chain))
    return True


def _read_sort(request: SearchRequest, value: str) -> None:
    known = parameters_of(request.type)
    for item in value.split(","):
        name = item.removeprefix("-")
        sortable = name in _OF_EVERY_TYPE or (name in known and known[name].kind in SORTED)
        if not sortable:
            raise NotSupported(
                _(
                    "_sort supports _id, _lastUpdated and search parameters of the types {kinds}.",
                    kinds=", ".join(SORTED),
                )
            )
        request.sort.append((name, item.startswith("-")))


def _read_count(request: SearchRequest, value: str) -> None:
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise InvalidRequest(_("_count must be a whole number."))
    request.count = min(int(value), LARGEST_PAGE)


def _read_total(request: SearchRequest, value: str) -> None:
    match value:
        case "none" | "estimate" | "accurate":
            request.total = value
        case _:
            raise InvalidRequest(_("_total must be none, estimate or accurate."))


def _read_summary(request: SearchRequest, value: str) -> None:
    """Which parts of resources are shown is for the server to do (``fhirserver.subsetting``)."""
    if value == "count":
        request.count = 0


def _read_cursor(request: SearchRequest, value: str) -> None:
    try:
        position = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(_("Invalid _cursor: use the next link unchanged.")) from error
    is_beside = isinstance(position, dict) and position.keys() == {BESIDE}
    place = position[BESIDE] if is_beside else position
    if not isinstance(place, list) or not all(map(_is_text, place)):
        raise InvalidRequest(_("Invalid _cursor: use the next link unchanged."))
    if is_beside:
        request.beside = place
    else:
        request.cursor = place


def _is_text(item: object) -> bool:
    return isinstance(item, str) and "\0" not in item


def _read_inclusion(request: SearchRequest, name: str, value: str) -> bool:
    """Whether an inclusion is understood; it only adds to an answer, so one that is not may be left out and named.

    An ``_include`` of another type than the one that is searched for can mean only what is included itself, so it
    needs no ``:iterate``: clients of the guide write ``Task?_include=Task:focus&_include=ServiceRequest:requester``.
    """
    kind, _colon, modifier = name.partition(":")
    try:
        found = _inclusion(f"{request.type}:*" if (kind, value) == ("_include", "*") else value)
    except NotSupported:
        return False
    if kind == "_include":
        request.include.append(replace(found, again=bool(modifier) or found.source != request.type))
    else:
        request.revinclude.append(replace(found, again=bool(modifier)))
    return True


def _inclusion(value: str) -> Inclusion:
    """Raises NotSupported for what cannot be followed."""
    source, _colon, rest = value.partition(":")
    source = _SPELT.get(source, source)
    param, _second, target = rest.partition(":")
    if param != "*":
        parameter = parameters_of(source).get(param)
        if parameter is None or parameter.kind != "reference":
            raise NotSupported(
                _("_include and _revinclude must be Type:parameter with a search parameter of type reference.")
            )
    return Inclusion(source, param, target)


_INCLUDES = frozenset(
    f"{kind}{modifier}" for kind in ("_include", "_revinclude") for modifier in ("", ":iterate", ":recurse")
)
"""``:recurse`` is the name that ``:iterate`` had before R4: https://hl7.org/fhir/STU3/search.html#include."""
_READERS = {
    "_sort": _read_sort,
    "_count": _read_count,
    "_total": _read_total,
    "_summary": _read_summary,
    "_cursor": _read_cursor,
}
