"""References inside resources: which they are, what they become at a partner, in which order to create."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.partners.fhir.remotes import is_place
from footbridge.partners.fhir.server import Remote, Resource


def references(node: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape
    """Every ``Reference.reference`` in a resource, in document order."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def place_at(base_url: str, reference: str | None) -> tuple[str, str] | None:
    """Type and id of a reference to the server of that base URL, relative or absolute; None for any other."""
    here = (reference or "").removeprefix(f"{base_url}/")
    parts = here.partition("/_history/")[0].split("/")
    return (parts[0], parts[1]) if len(parts) == 2 and is_place(*parts) and parts[1].strip(".") else None


def rewritten(node: Any, places: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON of any shape
    """A copy in which each reference that ``places`` knows is replaced; the others stay."""
    if isinstance(node, dict):
        return {
            name: places.get(value, value)
            if name == "reference" and isinstance(value, str)
            else rewritten(value, places)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [rewritten(item, places) for item in node]
    return node


def at_partner(resource: Resource, remotes: Mapping[str, Remote]) -> Resource:
    """A copy whose references to entries of the Bundle lead to where these live at the partner."""
    copy: Resource = rewritten(resource, {url: remote.reference for url, remote in remotes.items()})
    return copy


def creation_order(entries: Sequence[Resource]) -> list[Resource]:
    """The entries of a Bundle, each after those that it refers to.

    Raises ConfigurationError when resources refer to one another in a circle: such a Bundle goes as a transaction.
    """
    by_url = {entry["fullUrl"]: entry for entry in entries}
    graph = {
        url: [other for other in references(entry["resource"]) if other in by_url] for url, entry in by_url.items()
    }
    try:
        return [by_url[url] for url in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = ", ".join(sorted({by_url[url]["resource"]["resourceType"] for url in error.args[1]}))
        raise ConfigurationError(
            _(
                "Resources refer to one another in a circle ({circle}): set this partner's delivery to transaction.",
                circle=circle,
            )
        ) from None
