"""Search parameters: what may stand in a URL, and reading a condition such as ``identifier=system|value``.

A search that may name a person goes by ``POST _search`` (https://hl7.org/fhir/R4/http.html#search), for URLs end up
in logs on the way. Only the parameters listed here, and identifiers that are a bare UUID, go in the URL.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, quote

from footbridge.partners.fhir.server import Resource

IMPERSONAL = frozenset(
    {"_id", "_lastUpdated", "_sort", "_count", "_include", "_revinclude", "_summary", "_elements", "_total"}
    | {"status", "intent", "code", "category", "owner", "requester", "focus", "part-of", "based-on", "url", "version"}
)
PERSONS = frozenset({"Patient", "RelatedPerson", "Person"})
_UUID = re.compile(r"(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_personal(type_: str, query: Sequence[tuple[str, str]]) -> bool:
    """Whether a search of this type could name a person."""
    return any(not _fits_a_url(type_, name.partition(":")[0], value) for name, value in query)


def _fits_a_url(type_: str, name: str, value: str) -> bool:
    if name == "identifier":
        return type_ not in PERSONS or _UUID.fullmatch(value.rpartition("|")[2]) is not None
    return name in IMPERSONAL


def parse_condition(condition: str) -> list[tuple[str, str]]:
    """The parameters of an If-None-Exist, which is a query without a question mark."""
    return parse_qsl(condition.removeprefix("?"), keep_blank_values=True, separator="&")


def header_value(condition: str) -> str:
    """An If-None-Exist as a header can carry it: whatever is not ASCII or not printable is percent-encoded."""
    return quote(condition, safe="%=&|:/?,+;@$!*'()~#[]")


def bears(resource: Resource, token: str) -> bool:
    """Whether a resource has the identifier that a token names: ``system|value``, ``|value`` or ``value``."""
    system, bar, value = token.rpartition("|")
    return any(
        identifier.get("value") == value and (not bar or (identifier.get("system") or "") == system)
        for identifier in identifiers(resource)
    )


def identifiers(resource: Resource) -> Iterator[Resource]:
    """The identifiers of a resource, whether its type has one or many."""
    found = resource.get("identifier")
    yield from (item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict))
