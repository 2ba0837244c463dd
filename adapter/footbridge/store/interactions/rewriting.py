"""Turns the references of a transaction's entries into those of the stored resources.

https://hl7.org/fhir/R4/http.html#transaction: in Reference.reference, in elements of type uri, url, oid and uuid, and
in the links of the narrative; canonical URLs stay. Only a value that is exactly the fullUrl of an entry is changed, or
one that continues it with a fragment or a version.
"""

import re
from typing import Any, Protocol

from footbridge.store.search_parameters import link_names

CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")
"""A reference by search: its type and criteria (https://hl7.org/fhir/R4/http.html#trules)."""
_NESTED = (dict, list)
_NARRATIVE_LINK = re.compile(r"""(?P<start>\b(?:href|src)\s*=\s*(?P<quote>["']))(?P<link>[^"']*)(?P=quote)""")


class Resolver(Protocol):
    """Knows what became of a link."""

    def link(self, value: str) -> str:
        """The value that takes the place of a uri, url, oid or uuid, or the same value."""

    def reference(self, value: str) -> str:
        """The value that takes the place of Reference.reference; may raise an InteractionError."""


def rewrite(node: Any, resolver: Resolver) -> Any:  # noqa: ANN401 - JSON is any value
    """A copy of a resource with its references replaced."""
    if isinstance(node, list):
        return [rewrite(item, resolver) if isinstance(item, _NESTED) else item for item in node]
    if not isinstance(node, dict):
        return node
    links = link_names()
    return {
        name: _member(name, value, resolver)
        if name == "reference" or name in links or name == "div" or isinstance(value, _NESTED)
        else value
        for name, value in node.items()
    }


def with_found(resource: Any) -> Any:  # noqa: ANN401 - as above
    """The resource as it is to be checked before its references by search are resolved: each leads to something."""
    return rewrite(resource, _Found())


class _Found:
    """Resolves searches to a resource of their type that stands for the one that will be found."""

    def link(self, value: str) -> str:
        """The same value."""
        return value

    def reference(self, value: str) -> str:
        """The value, or the stand-in of a search."""
        found = CONDITIONAL.fullmatch(value)
        return value if found is None else f"{found[1]}/found"


def _member(name: str, value: Any, resolver: Resolver) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, list) and name in link_names():
        return [_member(name, item, resolver) for item in value]
    if not isinstance(value, str):
        return rewrite(value, resolver)
    if name == "reference":
        return resolver.reference(value)
    if name in link_names():
        return resolver.link(value)
    if name == "div":
        return _NARRATIVE_LINK.sub(lambda found: _narrative(found, resolver), value)
    return value


def _narrative(found: re.Match[str], resolver: Resolver) -> str:
    return f"{found['start']}{resolver.link(found['link'])}{found['quote']}"
