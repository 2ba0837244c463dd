"""Turns a resource into rows of the search index: (parameter, value, detail).

| kind      | value                                   | detail            |
|-----------|-----------------------------------------|-------------------|
| token     | code, identifier value, true or false   | its system        |
| reference | Type/id, or the URL of another server   |                   |
| date      | first moment of its range               | last moment of it |
| string    | lower case, without accents             | as written        |
| uri       | as written                              |                   |
| composite | its tokens, joined by $                 |                   |
| special   | empty: that there is a position         |                   |

A reference by an identifier is a token of the parameter's name with ``:identifier``. A composite has a row for each way
to write its tokens, with their systems or without.

References into our own base URL stay absolute where they were written so: a search asks for both forms, and the index
does not depend on the URL under which we are reached.
"""

import functools
import hashlib
import itertools
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from footbridge.store.fhir_dates import FIRST, LAST, Span, span, stamp
from footbridge.store.search_parameters import SearchParameter, parameters_of

LONGEST = 256
"""Bytes of an indexed value in UTF-8; a longer one keeps its start and a digest of the whole."""

KEPT = LONGEST - 65

MOST_COMPOSITES = 64
"""Ways to write one element that are indexed; a code has two or three codings, so that four to nine is usual."""

BY_IDENTIFIER = ":identifier"
"""After the name of a parameter of type reference: what it refers to by an identifier
(https://hl7.org/fhir/R4/search.html#reference)."""


_WORDS = frozenset(
    {"text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"}
)
"""Members of HumanName and Address that a string is looked for in (https://hl7.org/fhir/R4/search.html#string)."""

TASK_COLUMNS = ("owner", "requester", "status")
"""Search parameters of Task that are columns of the resource table instead of rows of the index."""


class Entry(NamedTuple):
    """One row of the index of one resource."""

    param: str
    value: str
    detail: str


def indexed_with_resource(compartment: str, resource_type: str) -> bool:
    """Whether the entries of a resource are written with it; those of the rest of our compartment follow later."""
    return compartment != "" or resource_type == "Task"


def index_of(resource: Mapping[str, Any], names: Collection[str] | None = None) -> set[Entry]:
    """Every entry of a resource, or those of the search parameters ``names``."""
    rows: set[Entry] = set()
    members = _members_of(resource["resourceType"])
    for member in (None, *resource):
        for parameter, path in members.get(member, ()):
            values = [resource] if member is None else list(_elements(resource[member], path))
            if names is None or parameter.name in names:
                for value, detail in _pairs_of(parameter, values, ""):
                    rows.add(Entry(parameter.name, fit(value), fit(detail)))
            if parameter.kind == "reference":
                by_identifier = f"{parameter.name}{BY_IDENTIFIER}"
                if names is None or by_identifier in names:
                    for value, detail in _identifiers(values):
                        rows.add(Entry(by_identifier, fit(value), fit(detail)))
    return rows


@functools.cache
def _members_of(resource_type: str) -> Mapping[str | None, Sequence[tuple[SearchParameter, tuple[str, ...]]]]:
    """The search parameters of a type by the member of a resource that they start at, with the rest of their paths.

    Those of the whole resource stand under None. A resource has few of the members that can be searched for, so that
    most parameters are never looked at.
    """
    found: dict[str | None, list[tuple[SearchParameter, tuple[str, ...]]]] = {}
    for parameter in parameters_of(resource_type).values():
        for path in parameter.paths:
            found.setdefault(path[0] if path else None, []).append((parameter, path[1:]))
    return found


def references_of(parameter: SearchParameter, resource: Mapping[str, Any], base_url: str = "") -> set[str]:
    """What a resource refers to by one parameter: ``Type/id`` for resources of ours, else a URL."""
    return {value for value, _ in _pairs(parameter, resource, base_url)}


def fit(text: str) -> str:
    """Text as the index holds it; equal texts stay equal, different ones stay different.

    A NUL, which PostgreSQL cannot hold and FHIR does not allow, is replaced.
    """
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) * 4 <= LONGEST:  # no character takes more than 4 bytes
        return text
    raw = text.encode()
    if len(raw) <= LONGEST:
        return text
    return f"{raw[:KEPT].decode(errors='ignore')}#{hashlib.sha256(raw).hexdigest()}"


def plain(text: str) -> str:
    """Text for a search that ignores case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def relative(reference: str, base_url: str = "") -> str:
    """A reference without our own base URL and without a version."""
    local = reference.removeprefix(f"{base_url}/") if base_url else reference
    return local.partition("/_history/")[0]


def _pairs(parameter: SearchParameter, resource: Mapping[str, Any], base_url: str) -> Iterator[tuple[str, str]]:
    return _pairs_of(parameter, _values(parameter, resource), base_url)


def _pairs_of(parameter: SearchParameter, values: Iterable[Any], base_url: str) -> Iterator[tuple[str, str]]:
    for value in values:
        match parameter.kind:
            case "token":
                yield from _tokens(value, parameter.system)
            case "reference":
                yield from _references(value, parameter, base_url)
            case "date":
                yield from _dates(value)
            case "string":
                yield from ((plain(text), text) for text in _texts(value))
            case "uri":
                yield str(value), ""
            case "composite":
                yield from ((text, "") for text in _composites(value, parameter))
            case "special":
                yield "", ""


def _values(parameter: SearchParameter, resource: Mapping[str, Any]) -> Iterator[Any]:
    for path in parameter.paths:
        if not path:
            yield resource
        elif path[0] in resource:
            yield from _elements(resource[path[0]], path[1:])


def _identifiers(values: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for value in values:
        identifier = value.get("identifier") if isinstance(value, Mapping) else None
        if isinstance(identifier, Mapping):
            yield from _tokens(identifier, "")


def _composites(node: object, parameter: SearchParameter) -> Iterator[str]:
    """Every way to write the tokens of one element: ``code$value``, ``system|code$value``, ..."""
    spelt = [list(_spellings(node, part)) for part in parameter.parts]
    yield from ("$".join(parts) for parts in itertools.islice(itertools.product(*spelt), MOST_COMPOSITES))


def _spellings(node: object, paths: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for path in paths:
        for value in _elements(node, path):
            for code, system in _tokens(value, ""):
                yield code
                if system:
                    yield f"{system}|{code}"


def _elements(node: object, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _elements(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _elements(node[path[0]], path[1:])


def _tokens(value: object, system: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield str(value).lower(), ""
    elif isinstance(value, str):
        yield value, system
    elif isinstance(value, dict):
        codings = value.get("coding")
        for coding in codings if isinstance(codings, list) else [value]:
            if isinstance(coding, dict):
                code = coding.get("code", coding.get("value"))  # Coding; Identifier and ContactPoint
                if isinstance(code, str):
                    yield code, str(coding.get("system", ""))


def _references(value: object, parameter: SearchParameter, base_url: str) -> Iterator[tuple[str, str]]:
    text = value if isinstance(value, str) else value.get("reference") if isinstance(value, Mapping) else None
    if not isinstance(text, str) or text.startswith("#"):
        return
    target = relative(text, base_url)
    if not parameter.targets or "/" not in target or target.split("/")[-2] in parameter.targets or ":" in target:
        yield target, ""


def _dates(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - as above
    if isinstance(value, str):
        yield from _stamps(value)
    else:
        yield from ((stamp(found.first), stamp(found.last)) for found in _spans(value))


@functools.lru_cache(maxsize=1024)  # what is written together has a few moments, each in many resources
def _stamps(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((stamp(found.first), stamp(found.last)) for found in _spans(text))


def _spans(value: Any) -> Iterator[Span]:  # noqa: ANN401 - as above
    match value:
        case str():
            try:
                yield span(value)
            except ValueError:
                return
        case {"event": list(moments)}:  # Timing
            for moment in moments:
                yield from _spans(moment)
        case {"repeat": {"boundsPeriod": period}}:
            yield from _spans(period)
        case {"start": _} | {"end": _}:  # Period, open where it has no start or no end
            first = next(_spans(value.get("start")), Span(FIRST, FIRST)).first
            last = next(_spans(value.get("end")), Span(LAST, LAST)).last
            yield Span(first, last)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, Mapping):  # HumanName, Address: any of its parts that are words
        return [text for name, item in value.items() if name in _WORDS for text in _texts(item)]
    return []
