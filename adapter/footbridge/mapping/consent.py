"""What the client agreed to: Consent.

Basis and form are further categories (the profile fixes one, IDSCL); what is covered stands in
``provision.code``; the policy is the jurisdiction's (``mappings/consent-policies.json``).
"""

import functools
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import label, own_concept, own_system, own_text
from footbridge.mapping.values import code_in, day
from footbridge.model.prescription import Consent

STATUSES = {"given": "active", "refused": "rejected", "withdrawn": "inactive"}
SCOPE = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
DISCLOSURE = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IDSCL"}
RECIPIENT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
NOTHING = "nothing"


@functools.cache
def _policies() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "consent-policies.json")
    return table


def write_consent(draft: Draft) -> None:
    """Add the Consent, when there is one; places the role ``consent``."""
    consent = draft.prescription.consent
    if consent is None:
        return
    speak = draft.language
    forms = [own_concept("consent-form", code, speak) for code in (consent.basis, consent.how) if code is not None]
    title = own_text("consent-form", consent.how, speak) if consent.how else label("consent-recorded", speak)
    given = consent.given.isoformat() if consent.given is not None else as_written(draft.prescription.authored)
    body = {
        "resourceType": "Consent",
        "status": STATUSES[consent.status],
        "scope": {"coding": [SCOPE]},
        "category": [{"coding": [DISCLOSURE]}, *forms],
        "patient": draft.ref("patient"),
        "dateTime": given,
        "performer": [draft.ref("patient")],
        "organization": [draft.ref("organization")],
        "sourceAttachment": {"contentType": "text/plain", "title": title},
        **_policies()[draft.jurisdiction],
        "provision": _provision(draft, consent),
    }
    draft.place("consent", "Consent")
    draft.put("consent", body, origin="/consent", claim="consent", lines=_lines(draft, consent))


def _provision(draft: Draft, consent: Consent) -> dict[str, Any]:
    provision: dict[str, Any] = {"type": "permit" if consent.status == "given" else "deny"}
    if consent.until is not None:
        provision["period"] = {"end": consent.until.isoformat()}
    recipient = next((role for role in ("partner", "service-organization") if draft.has(role)), None)
    if recipient is not None:
        provision["actor"] = [{"role": {"coding": [RECIPIENT]}, "reference": draft.ref(recipient)}]
    if consent.scope is not None:
        codes = consent.scope or (NOTHING,)
        provision["code"] = [own_concept("consent-scope", code, draft.language) for code in codes]
    return provision


def _lines(draft: Draft, consent: Consent) -> list[tuple[str, str | None]]:
    speak = draft.speech()
    scope = consent.scope if consent.scope is None else consent.scope or (NOTHING,)
    covers = None if scope is None else ", ".join(own_text("consent-scope", code, speak) for code in scope)
    return [
        (label("status", speak), label(f"consent-{consent.status}", speak)),
        (label("basis", speak), own_text("consent-form", consent.basis, speak) if consent.basis else None),
        (label("how", speak), own_text("consent-form", consent.how, speak) if consent.how else None),
        (label("given", speak), consent.given.isoformat() if consent.given else None),
        (label("until", speak), consent.until.isoformat() if consent.until else None),
        (label("scope", speak), covers),
    ]


def read_consent(graph: Graph, node: Node, authored: str | None) -> dict[str, Any]:
    """A Consent; one in another status reads as ``given`` when it permits, else as ``refused``."""
    source = graph.cursor(node)
    status = source.get("status")
    found: dict[str, Any] = {"status": next((ours for ours, fhir in STATUSES.items() if fhir == status), "refused")}
    if status not in STATUSES.values():
        graph.tell("assumed", _("A consent in this status permits nothing; read as refused."), node, "status")
    forms = {"express": "basis", "implied": "basis", "verbal": "how", "written": "how", "electronic": "how"}
    for concept in source.each("category"):
        code = code_in(concept, own_system("consent-form"))
        if code in forms:
            concept.take()
            found[forms[code]] = code
    when = source.get("dateTime")
    if when is not None and when != authored and day(when):
        found["given"] = day(when)
    _read_provision(graph, node, found)
    return found


def _read_provision(graph: Graph, node: Node, found: dict[str, Any]) -> None:
    provision = graph.cursor(node).child("provision")
    if provision is None:
        return
    provision.pass_over("type", "permit" if found["status"] == "given" else "deny")
    until = provision.at("period", "end")
    if until is not None and day(until.value):
        found["until"] = day(until.take())
    codes = []
    for concept in provision.each("code"):
        code = code_in(concept, own_system("consent-scope"))
        if code is not None:
            concept.take()
            codes.append(code)
    if codes:
        found["scope"] = [code for code in codes if code != NOTHING]
    for actor in provision.each("actor"):
        graph.target(node, actor.child("reference"))
        actor.take()
