"""What a reader did not carry: every place of every resource from which nothing was taken.

``mappings/implied.json`` names what may be passed over, because the prescription says it already.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import category_systems, is_own_instruction, own_system
from footbridge.mapping.tracked_reader import Path, unread

Json = dict[str, Any]


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = read_json("mappings", "implied.json")
    return table


@dataclass(frozen=True, slots=True)
class Known:
    """What was read, as far as it lets other elements be passed over.

    Attributes:
        roles: the resource in each role: ``patient``, ``requester``, ``service-request``, ``task``, ...
        values: values that are said again elsewhere, by the name that the table has for them:
            ``authored``, ``prescription-language``, ``instructions``, ``priority``, ``journey``.
    """

    roles: dict[str, Node | None]
    values: dict[str, list[Any]]


def tell_leftovers(graph: Graph, known: Known) -> None:
    """Add an issue for every place that was not carried."""
    for node in graph.nodes:
        if not node.reached:
            graph.tell(
                "not-carried", _("A prescription has no place for this {type}.", type=node.type or _("resource")), node
            )
            continue
        for path in unread(graph.cursor(node), _passes(graph, node, known)):
            graph.tell("not-carried", _("A prescription has no place for this element."), node, *path)


def _passes(graph: Graph, node: Node, known: Known) -> Callable[[Path, str, Any, bool], bool]:
    table = _table()
    of_type, of_any = table.get(node.type, {}), table["any"]

    def passes(path: Path, name: str, value: Any, is_whole: bool = True) -> bool:  # noqa: ANN401 - JSON; of unread
        allowed = of_type.get(name, of_any.get(name))
        if allowed is True or path[-1] == "resourceType":
            return True
        if name.startswith("_"):
            return False
        if allowed is None:
            return is_whole and _parts_pass(path, name, value)
        items = value if isinstance(value, list) else [value]
        return all(_says_nothing_new(graph, node, known, item, allowed) for item in items)

    def _parts_pass(path: Path, name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
        """An object of which every part may be passed over."""
        if isinstance(value, list):
            return bool(value) and all(passes((*path, index), name, item) for index, item in enumerate(value))
        if not isinstance(value, dict) or not value or "coding" in value:
            return False
        return all(passes((*path, key), f"{name}.{key}", item) for key, item in value.items())

    return passes


def _says_nothing_new(graph: Graph, node: Node, known: Known, item: Any, allowed: list[Any]) -> bool:  # noqa: ANN401
    names = [one[1:] for one in allowed if isinstance(one, str) and one.startswith("@")]
    if any(item in known.values.get(name, ()) for name in names):
        return True
    if not isinstance(item, dict):
        standing = "instructions" in names and is_own_instruction(str(item))
        return standing or any(item == one and type(item) is type(one) for one in allowed)
    if isinstance(item.get("coding"), list):
        codings = [one for one in item["coding"] if isinstance(one, dict)]
        return bool(codings) and all(_code_passes(coding, allowed) for coding in codings)
    if "reference" in item:
        target = graph.follow(node, item)
        return target is not None and target in [known.roles.get(name) for name in names]
    if item.get("system") == own_identifier_system():
        return "own-identifier" in names
    return _code_passes(item, allowed)


def _code_passes(coding: Json, allowed: list[Any]) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if "@sdoh-category" in allowed and system in category_systems():
        return True
    if "@prescription-kind" in allowed and system == own_system("prescription-kind"):
        return True
    return code in allowed
