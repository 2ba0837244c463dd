"""What goes with the prescription: a ServiceRequest each, based on the first.

The first Task names them in order as inputs, with a second code where the activity must wait for one.
"""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written, minted_coding, put_text
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.request import SOCIAL_SERVICE, intent
from footbridge.mapping.terms import (
    category_concept,
    label,
    own_concept,
    own_system,
    own_text,
    sdoh_concept,
    support_stand_in,
)
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import code_in, entry_language, read_text
from footbridge.model.prescription import Support


def write_supports(draft: Draft) -> None:
    """Add every support; ``service-request`` and the barriers must have been placed."""
    for index, support in enumerate(draft.prescription.supports):
        _write_support(draft, index, support)


def _write_support(draft: Draft, index: int, support: Support) -> None:
    role, speak = f"support/{index}", draft.speech(support.language)
    draft.place(role, "ServiceRequest")
    category, coding = support_stand_in(support.kind, draft.jurisdiction)
    categories = [SOCIAL_SERVICE, sdoh_concept()]
    if category is not None:
        categories.append(category_concept(category, draft.context.guide))
    categories.append(own_concept("support-kind", support.kind, draft.language))
    code: dict[str, Any] = {} if coding is None else {"coding": [minted_coding(coding)]}
    put_text(code, "text", support.text, support.language)
    body: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "basedOn": [draft.ref("service-request")],
        "status": "active",
        "intent": intent(draft),
        "category": categories,
        "code": code,
        "subject": draft.ref("patient"),
        "authoredOn": as_written(draft.prescription.authored),
        "requester": draft.ref("requester"),
    }
    if support.barrier is not None:
        body["reasonReference"] = [draft.ref(f"barrier/{support.barrier}")]
    draft.put(
        role,
        body,
        origin=f"/supports/{index}",
        claim="service-request",
        unclaimed=None if coding is not None else "no-coded-service",
        language=support.language,
        title="Support",
        lines=[
            (label("kind", speak), own_text("support-kind", support.kind, speak)),
            (label("text", speak), draft.prose(support.text, support.language)),
            ("", label("required", speak) if support.required else None),
        ],
    )


def support_inputs(draft: Draft) -> list[dict[str, Any]]:
    """Inputs of the first Task, one a support, in order."""
    found = []
    for index, support in enumerate(draft.prescription.supports):
        kind = own_concept("task-input", "support", draft.language)
        if support.required:
            kind["coding"].append({"system": own_system("support-need"), "code": "required"})
        found.append({"type": kind, "valueReference": draft.ref(f"support/{index}")})
    return found


def read_support(graph: Graph, node: Node, barriers: list[Node]) -> dict[str, Any]:
    """A ServiceRequest as a support; ``barriers`` in the order of the prescription."""
    source = graph.cursor(node)
    found: dict[str, Any] = {"kind": "other"}
    for concept in source.each("category"):
        if (kind := code_in(concept, own_system("support-kind"))) is not None:
            found["kind"] = kind
            concept.take()
    code = source.child("code")
    words, language = (None, None) if code is None else read_text(code, "text")
    for coding in [] if code is None else code.each("coding"):
        if coding.peek("userSelected") is False:
            coding.take()
        words = words or coding.text("display")
    found["text"] = words
    if (language := entry_language(source, language, graph.language)) is not None:
        found["language"] = language
    for reason in graph.targets(node, source.each("reasonReference")):
        if reason in barriers:
            found["barrier"] = barriers.index(reason)
    return found


def is_required(kind: Cursor | None) -> bool:
    """Whether the type of a support's input says that the activity must wait for it."""
    return code_in(kind, own_system("support-need")) == "required"
