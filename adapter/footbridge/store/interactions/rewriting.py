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
_SEARCH_IN_TEXT = re.compile(rb'"reference"\s*:\s*"[A-Z][A-Za-z]+\?')
_NESTED = (dict, list)
_ALONE = frozenset({"reference", "div"})
_NARRATIVE_LINK = re.compile(r"""(?P<start>\b(?:href|src)\s*=\s*(?P<quote>["']))(?P<link>[^"']*)(?P=quote)""")


class Resolver(Protocol):
    """Knows what became of a link."""

    def link(self, value: str) -> str:
        """The value that takes the place of a uri, url, oid or uuid, or the same value."""

    def reference(self, value: str) -> str:
        """The value that takes the place of Reference.reference; may raise an InteractionError."""


def rewrite(node: Any, resolver: Resolver) -> Any:  # noqa: ANN401 - JSON is any value
    """The resource with its references replaced; what needs no change is the same object, not a copy."""
    if isinstance(node, list):
        return _items(node, resolver)
    if not isinstance(node, dict):
        return node
    links = link_names()
    changed: dict[str, Any] = {}
    for name, value in node.items():
        if isinstance(value, _NESTED):
            new = _member(name, value, resolver) if name in links else rewrite(value, resolver)
        elif name in _ALONE or name in links:
            new = _member(name, value, resolver)
        else:
            continue
        if new is not value:
            changed[name] = new
    return {**node, **changed} if changed else node


def _items(node: list[Any], resolver: Resolver) -> list[Any]:
    changed = {}
    for place, item in enumerate(node):
        if isinstance(item, _NESTED):
            new = rewrite(item, resolver)
            if new is not item:
                changed[place] = new
    return [changed.get(place, item) for place, item in enumerate(node)] if changed else node


def may_hold_searches(body: bytes) -> bool:
    """Whether a request's body may hold a reference by search; it is looked at as text, which costs little.

    Only JSON without escapes is judged; of any other body it is True.
    """
    return not body.lstrip().startswith(b"{") or b"\\u" in body or _SEARCH_IN_TEXT.search(body) is not None


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
