"""Which of the resources at hand make the prescription: the order, its first Task, its follow-up."""

from collections.abc import Iterable
from dataclasses import dataclass

from footbridge.mapping.follow_up import is_follow_up
from footbridge.mapping.graph import Graph, Node

_NEVER = ("entered-in-error",)


@dataclass(frozen=True, slots=True)
class Selection:
    """The resources that carry the prescription as such; each may be missing in another system's Bundle."""

    request: Node | None
    task: Node | None
    follow_up: Node | None


def select(graph: Graph) -> Selection:
    """Choose the order that is based on no other, then the newest Task for it that is part of no other."""
    requests = [node for node in graph.of_type("ServiceRequest") if not _above(graph, node, "basedOn")]
    tasks = [node for node in graph.of_type("Task") if not is_follow_up(node)]
    firsts = [node for node in tasks if not _above(graph, node, "partOf")] or tasks
    task = _newest(node for node in firsts if order_of(graph, node) in requests) or _newest(firsts)
    request = order_of(graph, task) if task is not None else None
    if request is None and not firsts:
        request = _newest(requests)
    asked = [node for node in graph.of_type("Task") if is_follow_up(node)]
    mine = [node for node in asked if task is None or _above(graph, node, "partOf") is task]
    return Selection(request, task, _newest(mine or asked))


def order_of(graph: Graph, task: Node) -> Node | None:
    """The ServiceRequest of a Task: its focus, else what it is based on."""
    links = [task.resource.get("focus"), *_listed(task.resource.get("basedOn"))]
    found = (graph.follow(task, link) for link in links if isinstance(link, dict))
    return next((node for node in found if node is not None and node.type == "ServiceRequest"), None)


def _above(graph: Graph, node: Node, name: str) -> Node | None:
    """The resource of the same type that this one is based on or part of, when it is at hand."""
    found = (graph.follow(node, link) for link in _listed(node.resource.get(name)))
    return next((one for one in found if one is not None and one.type == node.type and one is not node), None)


def _newest(nodes: Iterable[Node]) -> Node | None:
    """The last written; the first given where that does not decide."""
    held = [node for node in nodes if node.resource.get("status") not in _NEVER]
    return max(held, key=lambda node: str(node.resource.get("authoredOn", "")), default=None)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def kind_of_task(graph: Graph, task: Node | None) -> str | None:
    """The kind that a Task without ours implies; None when there is no Task.

    A Task for the patient is a signpost; an owner that is an organization or a service makes a warm
    connection; a person, a team or nobody yet makes a navigator.
    """
    if task is None:
        return None
    owner = graph.follow(task, task.resource.get("owner"))
    owner_type = owner.type if owner is not None else _type_of(task.resource.get("owner"))
    if owner_type in {"Patient", "RelatedPerson"}:
        return "signpost"
    return "warm-connection" if owner_type in {"Organization", "HealthcareService"} else "navigator"


def _type_of(reference: object) -> str | None:
    if not isinstance(reference, dict):
        return None
    literal = str(reference.get("reference", ""))
    return str(reference.get("type") or (literal.rsplit("/", 2)[-2:-1] or [""])[0]) or None
