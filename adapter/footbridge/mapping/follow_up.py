"""How one learns what became of it: a plain R4 Task of the practice (no SDOHCC profile fits staff)."""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.references import Resource
from footbridge.mapping.requester import task_requester
from footbridge.mapping.terms import label, own_concept, own_system, own_text
from footbridge.mapping.values import code_in, codings_of, day
from footbridge.model.prescription import FollowUp
from footbridge.terminology import designation

CONTACT_SYSTEM = "http://hl7.org/fhir/contact-point-system"
OWN_METHODS = ("letter", "in-person")


def write_follow_up(draft: Draft) -> None:
    """Add the follow-up, when there is one (the prescription's own rules warn when there is none)."""
    follow_up = draft.prescription.follow_up
    if follow_up is None:
        return
    draft.place("follow-up", "Task")
    body: dict[str, Any] = {
        "resourceType": "Task",
        "partOf": [draft.ref("task")],
        "status": "requested",
        "intent": "plan",
        "code": own_concept("follow-up", "follow-up", draft.language),
        "focus": draft.ref("service-request"),
        "for": draft.ref("patient"),
        "authoredOn": as_written(draft.prescription.authored),
        "requester": task_requester(draft),
        "owner": draft.ref("organization"),
        "restriction": {"period": {"end": follow_up.due.isoformat()}},
    }
    if follow_up.by is not None:
        body["performerType"] = [{"text": follow_up.by}]
    if inputs := _inputs(draft, follow_up):
        body["input"] = inputs
    draft.put(
        "follow-up",
        body,
        origin="/followUp",
        claim=None,
        unclaimed="no-profile",
        title="FollowUp",
        lines=_lines(draft, follow_up),
    )


def _inputs(draft: Draft, follow_up: FollowUp) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if follow_up.method is not None:
        kind = own_concept("task-input", "follow-up-method", draft.language)
        found.append({"type": kind, "valueCodeableConcept": _method(draft, follow_up.method)})
    for question in follow_up.questions:
        kind = own_concept("task-input", "follow-up-question", draft.language)
        found.append({"type": kind, "valueCode": question})
    return found


def _method(draft: Draft, method: str) -> dict[str, Any]:
    if method in OWN_METHODS:
        return own_concept("follow-up", method, draft.language)
    return {"coding": [{"system": CONTACT_SYSTEM, "code": method}]}


def _lines(draft: Draft, follow_up: FollowUp) -> list[tuple[str, str | None]]:
    speak, method = draft.speech(), follow_up.method
    said: list[tuple[str, str | None]] = []
    if not draft.prescription.client.safe_to_contact:
        said.append(("", label("do-not-contact", speak)))
    said += [
        (label("due", speak), follow_up.due.isoformat()),
        (label("method", speak), _method_words(method, speak)),
        (label("asked-by", speak), None if follow_up.by is None else own_text("requester-role", follow_up.by, speak)),
    ]
    system = own_system("follow-up-question")
    return said + [("", designation(system, question, speak) or question) for question in follow_up.questions]


def _method_words(method: str | None, speak: str) -> str | None:
    if method is None:
        return None
    return own_text("follow-up", method, speak) if method in OWN_METHODS else label(f"method-{method}", speak)


def is_follow_up(node: Node) -> bool:
    """Whether a resource is a follow-up of ours."""
    return node.type == "Task" and names_follow_up(node.resource)


def names_follow_up(task: Resource) -> bool:
    """Whether a Task is a follow-up of ours."""
    wanted = {"system": own_system("follow-up"), "code": "follow-up"}
    return wanted in codings_of(task.get("code"))


def read_follow_up(graph: Graph, node: Node) -> dict[str, Any]:
    """A follow-up Task."""
    source = graph.cursor(node)
    found: dict[str, Any] = {}
    due = source.at("restriction", "period", "end")
    if due is not None and day(due.value):
        found["due"] = day(due.take())
    for concept in source.each("performerType"):
        if (by := concept.text("text")) is not None:
            found["by"] = by
    questions = []
    for one in source.each("input"):
        own = code_in(one.child("type"), own_system("task-input"))
        if own == "follow-up-question" and one.peek("valueCode") is not None:
            questions.append(one.peek("valueCode"))
            one.take()
        elif own == "follow-up-method":
            value = one.child("valueCodeableConcept")
            found["method"] = code_in(value, own_system("follow-up")) or code_in(value, CONTACT_SYSTEM)
            one.take()
    if questions:
        found["questions"] = questions
    return found
