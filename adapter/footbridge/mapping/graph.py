"""The resources that a reader was given, and the references between them.

Takes Bundles of every type, lists of resources and single ones. References are followed by fullUrl
(urn:uuid or absolute), as ``Type/id`` with or without a base, as ``#id`` into contained resources, and by
identifier (https://hl7.org/fhir/R4/bundle.html#references).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from footbridge.mapping.tracked_reader import Cursor, expression
from footbridge.model.issues import Issue, Severity

Json = dict[str, Any]


@dataclass(eq=False, slots=True)
class Node:
    """One resource.

    Attributes:
        resource: the plain dict.
        prefix: where it stands, as FHIRPath.
        full_url: its fullUrl, when it has one.
        inside: the resource that contains it, for a contained one.
        reached: whether something was read of it.
    """

    resource: Json
    prefix: str
    full_url: str | None = None
    inside: "Node | None" = None
    reached: bool = False
    taken: set[tuple[str | int, ...]] = field(default_factory=set)

    @property
    def type(self) -> str:
        """FHIR type."""
        return str(self.resource.get("resourceType", ""))


def nodes_of(material: Json | Iterable[Json]) -> Iterator[Node]:
    """Every resource, contained ones too, with its place."""
    if isinstance(material, dict):
        entries = material.get("entry", []) if material.get("resourceType") == "Bundle" else [{"resource": material}]
        root = "Bundle.entry" if material.get("resourceType") == "Bundle" else "%resource"
    else:
        entries = [{"resource": resource} for resource in material]
        root = "%resources"
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") == "Bundle":
            yield from nodes_of(resource)
            continue
        place = f"{root}[{index}].resource" if root == "Bundle.entry" else f"{root}[{index}]"
        node = Node(resource, place if root != "%resource" else root, entry.get("fullUrl"))
        yield node
        for number, contained in enumerate(resource.get("contained", [])):
            if isinstance(contained, dict):
                yield Node(contained, f"{node.prefix}.contained[{number}]", None, node)


class Graph:
    """Resources with their references, and what the reading has to tell.

    Attributes:
        nodes: every resource, in the order given.
        issues: what was told so far.
        language: of the order, which its parts inherit.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = list(nodes)
        self.issues: list[Issue] = []
        self.language: str | None = None
        self._by_url: dict[str, Node] = {}
        self._by_id: dict[str, Node] = {}
        for node in self.nodes:
            if node.inside is None:
                if isinstance(node.full_url, str):
                    self._by_url.setdefault(node.full_url.lower(), node)
                if node.resource.get("id"):
                    self._by_id.setdefault(f"{node.type}/{node.resource['id']}", node)

    def of_type(self, *types: str) -> list[Node]:
        """Resources of these types, in the order given."""
        return [node for node in self.nodes if node.type in types]

    def cursor(self, node: Node) -> Cursor:
        """A cursor at the root of a resource, which then counts as reached."""
        node.reached = True
        return Cursor(node.resource, (), node.taken)

    def follow(self, node: Node, reference: object) -> Node | None:
        """The resource that a Reference of this node leads to, None when it is not here."""
        if not isinstance(reference, dict):
            return None
        literal = reference.get("reference")
        if isinstance(literal, str):
            return self._literal(node, literal)
        identifier = reference.get("identifier")
        return self._identified(reference.get("type"), identifier) if isinstance(identifier, dict) else None

    def _literal(self, node: Node, literal: str) -> Node | None:
        if literal.startswith("#"):
            holder = node.inside or node
            inside = [one for one in self.nodes if one.inside is holder and one.resource.get("id") == literal[1:]]
            return inside[0] if inside else None
        plain = literal.partition("/_history/")[0]
        if (found := self._by_url.get(plain.lower())) is not None:
            return found
        kind, query, condition = plain.partition("?identifier=")
        if query:
            system, _, value = condition.partition("|")
            return self._identified(kind, {"system": system, "value": value})
        local = "/".join(plain.rsplit("/", 2)[-2:])
        found = self._by_id.get(local)
        if found is not None and found.full_url and "://" in plain and "://" in found.full_url:
            return None
        return found

    def _identified(self, kind: str | None, identifier: Json) -> Node | None:
        wanted = (identifier.get("system"), identifier.get("value"))
        if not wanted[1]:
            return None
        for node in self.nodes:
            held = node.resource.get("identifier", [])
            for one in held if isinstance(held, list) else [held]:
                same = isinstance(one, dict) and (one.get("system"), one.get("value")) == wanted
                if same and kind in (None, node.type):
                    return node
        return None

    def target(self, node: Node, place: Cursor | None) -> Node | None:
        """The resource behind a Reference that is being read; the reference then counts as read."""
        if place is None:
            return None
        found = self.follow(node, place.value)
        if found is not None:
            place.take()
        return found

    def targets(self, node: Node, places: Iterable[Cursor]) -> list[Node]:
        """The resources behind a list of References, in order."""
        return [found for place in places if (found := self.target(node, place)) is not None]

    def tell(
        self, rule: str, message: str, where: Node | str, *path: str | int, severity: Severity = "warning"
    ) -> None:
        """Note what could not be carried, or was assumed."""
        place = where if isinstance(where, str) else expression(where.prefix, path)
        code = {"error": "required", "warning": "not-supported"}.get(severity, "informational")
        self.issues.append(Issue(f"mapping.{rule}", severity, code, message, expression=place))
