"""What another system's Bundle leaves open and a reader fills by rule, each time told as an assumption.

The rules stand in ``mappings/minting.json`` (direction ``read``). Nothing is made up: a value is taken from
another element, or says that it is not known.
"""

from typing import Any

from footbridge.i18n import _
from footbridge.mapping.draft import UNDETERMINED, own_identifier_system
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.selection import Selection, kind_of_task
from footbridge.mapping.terms import category_systems, is_own_instruction
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import codings_of, read_identifier, read_identifiers
from footbridge.terminology import category
from footbridge.uris import own_uri

Json = dict[str, Any]
UNSPECIFIED = "sdoh-category-unspecified"


def complete(graph: Graph, chosen: Selection, document: Json) -> None:
    """Fill what the resources leave open, in place."""
    carrier = chosen.request or chosen.task
    if carrier is None:
        return
    _identifier(graph, chosen, carrier, document)
    _authored(graph, chosen, document)
    if not document.get("kind"):
        document["kind"] = kind_of_task(graph, chosen.task) or "navigator"
        _assumed(graph, chosen.task or carrier, _("The kind is missing; read as {kind}.", kind=document["kind"]))
    if chosen.task is not None:
        source = graph.cursor(chosen.task)
        _from_task(source, document)
    if "language" not in document:
        document["language"] = UNDETERMINED
        _assumed(graph, carrier, _("The language of the texts is missing."), "language")
    _needs(graph, chosen.request, document)


def _assumed(graph: Graph, node: Node, message: str, *path: str | int) -> None:
    graph.tell("assumed", message, node, *path, severity="information")


def _identifier(graph: Graph, chosen: Selection, carrier: Node, document: Json) -> None:
    """The order's own, else the Task's, else the address or the id of the order."""
    if "identifier" in document:
        return
    if chosen.task is not None:
        found = read_identifiers(graph.cursor(chosen.task), own=own_identifier_system())
        if found:
            document["identifier"] = found[0]
            return
    if carrier.full_url:
        document["identifier"] = {"system": "urn:ietf:rfc:3986", "value": carrier.full_url}
    elif carrier.resource.get("id"):
        value = f"{carrier.type}/{carrier.resource['id']}"
        document["identifier"] = {"system": own_uri("NamingSystem/resource-id"), "value": value}
    else:
        return
    _assumed(graph, carrier, _("The order has no business identifier; its address is used."), "identifier")


def _authored(graph: Graph, chosen: Selection, document: Json) -> None:
    """The Task's time where the order has none; a day alone is read as its first moment in UTC."""
    if "authored" not in document and chosen.task is not None:
        when = graph.cursor(chosen.task).text("authoredOn")
        if when is not None:
            document["authored"] = when
    when = document.get("authored")
    if isinstance(when, str) and len(when) == 10:
        document["authored"] = f"{when}T00:00:00Z"
        node = chosen.request or chosen.task
        if node is not None:
            _assumed(graph, node, _("Only the day is given; read as its first moment in UTC."), "authoredOn")


def _from_task(source: Cursor, document: Json) -> None:
    for member in ("language", "priority"):
        if member not in document and (value := source.text(member)) is not None:
            document[member] = value
    words = source.peek("description")
    if words is not None and "instructions" not in document and not is_own_instruction(str(words)):
        document["instructions"] = {"text": source.get("description")}
    if "journey" not in document and (journey := read_identifier(source.child("groupIdentifier"))) is not None:
        document["journey"] = journey


def _needs(graph: Graph, request: Node | None, document: Json) -> None:
    """Category from the order where a need has none; the order's own reason where it names no need."""
    categories = _order_categories(request)
    for index, need in enumerate(document.get("needs", [])):
        if "category" not in need:
            need["category"] = categories[0] if categories else UNSPECIFIED
            if request is not None:
                _assumed(graph, request, _("A reason has no SDOH category of its own."), "reasonReference", index)
    if document.get("needs") or request is None:
        return
    source = graph.cursor(request)
    stated = [(one, one.text("text")) for one in source.each("reasonCode")]
    needs = [{"category": (categories or [UNSPECIFIED])[0], "statement": words} for _, words in stated if words]
    if not needs and categories:
        needs = [{"category": code, "statement": found.display} for code in categories if (found := category(code))]
        _assumed(graph, request, _("No reason is given; the SDOH category is used as the need."), "category")
    if needs:
        document["needs"] = needs


def _order_categories(request: Node | None) -> list[str]:
    found = codings_of(None if request is None else request.resource.get("category"))
    return [str(one.get("code")) for one in found if one.get("system") in category_systems()]
