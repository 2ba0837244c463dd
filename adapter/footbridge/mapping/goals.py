"""Goals: what shall be better, and by when."""

from typing import Any

from footbridge.i18n import _
from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import codings, put_text
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import category_concept, label, stand_in
from footbridge.mapping.values import chosen_coding, day, entry_language, read_text
from footbridge.model.prescription import Goal


def write_goals(draft: Draft) -> None:
    """Add every goal; the needs must have been placed."""
    for index, goal in enumerate(draft.prescription.goals):
        _write_goal(draft, index, goal)


def _write_goal(draft: Draft, index: int, goal: Goal) -> None:
    role = f"goal/{index}"
    draft.place(role, "Goal")
    body: dict[str, Any] = {"resourceType": "Goal", "lifecycleStatus": "active"}
    default = None
    if goal.need is not None:
        category = draft.prescription.needs[goal.need].category
        body["category"] = [category_concept(category, draft.context.guide)]
        if goal.code is None:
            default = stand_in(category, "goal", draft.jurisdiction)
    description: dict[str, Any] = {}
    if coded := codings(goal.code, default):
        description["coding"] = coded
    put_text(description, "text", goal.description, goal.language)
    body["description"] = description
    body["subject"] = draft.ref("patient")
    if goal.due is not None:
        body["target"] = [{"dueDate": goal.due.isoformat()}]
    body["expressedBy"] = draft.ref("requester")
    if goal.need is not None:
        body["addresses"] = [draft.ref(f"need/{goal.need}")]
    speak = draft.speech(goal.language)
    draft.put(
        role,
        body,
        origin=f"/goals/{index}",
        claim="goal",
        language=goal.language,
        lines=[
            (label("text", speak), draft.prose(goal.description, goal.language)),
            (label("by", speak), goal.due.isoformat() if goal.due is not None else None),
        ],
    )


def read_goal(graph: Graph, node: Node, needs: list[Node]) -> dict[str, Any]:
    """A Goal; ``needs`` in the order of the prescription."""
    source = graph.cursor(node)
    found: dict[str, Any] = {}
    for addressed in graph.targets(node, source.each("addresses")):
        if addressed in needs and "need" not in found:
            found["need"] = needs.index(addressed)
        else:
            graph.tell("one-need", _("A goal refers to one need of its prescription; this one is left out."), addressed)
    description = source.child("description")
    code = chosen_coding(description)
    words, language = (None, None) if description is None else read_text(description, "text")
    found["description"] = words or (code or {}).get("display") or (code or {}).get("code")
    if (language := entry_language(source, language, graph.language)) is not None:
        found["language"] = language
    if code is not None:
        found["code"] = code
    for target in source.each("target"):
        due = target.at("dueDate")
        if due is not None and "due" not in found and day(due.value):
            found["due"] = day(due.take())
    return found
