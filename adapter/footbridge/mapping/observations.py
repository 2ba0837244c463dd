"""Strengths, gifts, interests and barriers."""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.findings import Finding, read_finding, write_finding
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import own_concept, own_system
from footbridge.mapping.values import code_in, codings_of
from footbridge.model.prescription import Interest, Strength


def write_observations(draft: Draft) -> list[str]:
    """Add strengths, interests and barriers; gives their roles in order."""
    prescription, speak = draft.prescription, draft.language
    findings = []
    for index, strength in enumerate(prescription.strengths):
        concept = own_concept("finding-type", "gift" if strength.gift else "strength", speak)
        findings.append(_finding("strength", "strengths", index, strength, concept))
    for index, interest in enumerate(prescription.interests):
        concept = own_concept("finding-type", "interest", speak)
        findings.append(_finding("interest", "interests", index, interest, concept))
    for finding in findings:
        write_finding(draft, finding, as_observation=True)
    for index, barrier in enumerate(prescription.barriers):
        finding = Finding(
            role=f"barrier/{index}",
            pointer=f"/barriers/{index}",
            words=barrier.text,
            language=barrier.language,
            category=barrier.category,
            code=barrier.code,
            concept=own_concept("barrier-kind", barrier.kind, speak),
            marks_condition=True,
        )
        findings.append(finding)
        write_finding(draft, finding)
    return [finding.role for finding in findings]


def _finding(name: str, member: str, index: int, said: Strength | Interest, concept: dict[str, Any]) -> Finding:
    return Finding(
        role=f"{name}/{index}",
        pointer=f"/{member}/{index}",
        words=said.text,
        language=said.language,
        category=None,
        code=said.code,
        concept=concept,
    )


def kind_of(node: Node) -> str | None:
    """``strength``, ``gift``, ``interest``, or the kind of a barrier after ``barrier:``; None for anything else."""
    if node.type not in {"Observation", "Condition"}:
        return None
    for coding in codings_of(node.resource.get("code"), node.resource.get("category")):
        if coding.get("system") == own_system("finding-type") and coding.get("code") in (
            "strength",
            "gift",
            "interest",
        ):
            return str(coding["code"])
        if coding.get("system") == own_system("barrier-kind"):
            return f"barrier:{coding.get('code')}"
    return None


def read_observation(graph: Graph, node: Node, kind: str) -> dict[str, Any]:
    """A strength, an interest or a barrier (``kind`` as ``kind_of`` gives it)."""
    source = graph.cursor(node)
    found = read_finding(source, "text", {own_system("finding-type"), own_system("barrier-kind")}, graph.language)
    if kind == "gift":
        found["gift"] = True
    if kind.startswith("barrier:"):
        found["kind"] = kind.removeprefix("barrier:")
        for concept in source.each("category"):
            if code_in(concept, own_system("barrier-kind")) is not None:
                concept.take()
    else:
        found.pop("category", None)
    return found
