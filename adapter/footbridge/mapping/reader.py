"""FHIR to prescription: ours, or another system's."""

from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import ValidationError

from footbridge.i18n import _
from footbridge.mapping.assumptions import complete
from footbridge.mapping.consent import read_consent
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.follow_up import read_follow_up
from footbridge.mapping.goals import read_goal
from footbridge.mapping.graph import Graph, Node, nodes_of
from footbridge.mapping.missing_members import report_missing
from footbridge.mapping.navigator import is_navigator, read_navigator
from footbridge.mapping.needs import read_need
from footbridge.mapping.observations import kind_of, read_observation
from footbridge.mapping.patient import is_interpreter, read_interpreters, read_patient
from footbridge.mapping.request import COUNTRIES, GOAL_URL, read_categories
from footbridge.mapping.requester import read_requester
from footbridge.mapping.results import Read, Source
from footbridge.mapping.selection import Selection, select
from footbridge.mapping.service import read_service
from footbridge.mapping.supports import read_support
from footbridge.mapping.tasks import PATIENT_PRIORITY, read_inputs
from footbridge.mapping.terms import own_system
from footbridge.mapping.typed import Material, as_dict
from footbridge.mapping.unmapped import Known, tell_leftovers
from footbridge.mapping.values import chosen_coding, read_identifier, read_identifiers, read_language, read_text, said
from footbridge.model.prescription import Prescription

Json = dict[str, Any]


def from_bundle(material: Material | Sequence[Material]) -> Read:
    """Read a prescription out of FHIR.

    Args:
        material: a Bundle of any type, a resource, or a list of resources; dicts or fhir.resources objects.

    Never raises for what the resources hold: what is missing or has no place is told in ``not_carried``.
    """
    several = isinstance(material, list | tuple)
    graph = Graph(nodes_of([as_dict(one) for one in material] if several else as_dict(material)))
    chosen = select(graph)
    if chosen.request is None and chosen.task is None:
        graph.tell("missing", _("There is no ServiceRequest and no Task."), "Bundle.entry", severity="error")
        return Read(None, tuple(graph.issues))
    reading = _Reading(graph, chosen)
    document = reading.document()
    complete(graph, reading.chosen, document)
    tell_leftovers(graph, reading.known(document))
    try:
        prescription = Prescription.model_validate_json(orjson.dumps(document))
    except ValidationError as refused:
        report_missing(graph, refused, document)
        prescription = None
    return Read(prescription, tuple(graph.issues), reading.sources())


class _Reading:
    """One reading: what was chosen, and what was found so far."""

    def __init__(self, graph: Graph, chosen: Selection) -> None:
        self.graph = graph
        self.chosen = chosen
        self.patient: Node | None = None
        self.requester: Node | None = None
        self.organization: Node | None = None
        self.navigator: Node | None = None
        self.needs: list[Node] = []
        self.barriers: list[Node] = []
        self.goals: list[Node] = []
        self.consent: Node | None = None

    def sources(self) -> dict[str, Source]:
        """The resource of each role."""
        several = {"need": self.needs, "goal": self.goals, "barrier": self.barriers}
        found: dict[str, Node | None] = {
            "patient": self.patient,
            "service-request": self.chosen.request,
            "task": self.chosen.task,
            "follow-up": self.chosen.follow_up,
            "consent": self.consent,
        }
        found |= {f"{name}/{index}": node for name, nodes in several.items() for index, node in enumerate(nodes)}
        return {
            role: Source(node.type, node.resource.get("id"), node.prefix)
            for role, node in found.items()
            if node is not None
        }

    def document(self) -> Json:
        """The prescription's JSON, as far as the resources say it."""
        found: Json = {"client": {}}
        self._people(found)
        service: Json = {}
        info = self._order(found, service)
        self._findings(found, info)
        self._task(found, info, service)
        if self.chosen.follow_up is not None:
            found["followUp"] = read_follow_up(self.graph, self.chosen.follow_up)
        return found

    def _people(self, found: Json) -> None:
        graph, request, task = self.graph, self.chosen.request, self.chosen.task
        for node, name in ((request, "subject"), (task, "for")):
            if node is not None and self.patient is None:
                self.patient = graph.target(node, graph.cursor(node).child(name))
        if self.patient is not None and self.patient.type == "Patient":
            found["client"] = read_patient(graph, self.patient)
        asks = [
            graph.target(node, graph.cursor(node).child("requester")) for node in (request, task) if node is not None
        ]
        present = [node for node in asks if node is not None]
        self.requester = present[0] if present else None
        self.organization = next((node for node in present if node.type == "Organization"), None)
        language = None if request is None else graph.cursor(request).peek("language")
        if requester := read_requester(graph, self.requester, self.organization, language):
            found["requester"] = requester
        if self.requester is not None and self.requester.type == "PractitionerRole":
            self.organization = graph.follow(self.requester, self.requester.resource.get("organization"))

    def _order(self, found: Json, service: Json) -> list[Node]:
        """What the ServiceRequest says itself; gives what its supportingInfo and performer lead to."""
        node = self.chosen.request
        if node is None:
            return []
        graph, source = self.graph, self.graph.cursor(node)
        self._order_identity(node, found)
        for member, name in (("language", "language"), ("priority", "priority"), ("authored", "authoredOn")):
            if (value := source.text(name)) is not None:
                found[member] = value
        graph.language = found.get("language")
        is_open = read_categories(source, found, service)
        self._asked_for(node, service)
        if service or is_open:
            found["service"] = service
        self._notes(node, found)
        words, language = read_text(source, "patientInstruction")
        if words is not None:
            found["instructions"] = said(words, language)
        return graph.targets(node, [*source.each("supportingInfo"), *source.each("performer")])

    def _order_identity(self, node: Node, found: Json) -> None:
        """Identifier, journey and jurisdiction of the order."""
        source = self.graph.cursor(node)
        if identifiers := read_identifiers(source, own=own_identifier_system()):
            found["identifier"] = identifiers[0]
            for index in range(1, len(identifiers)):
                self.graph.tell(
                    "one-identifier", _("A prescription has one identifier."), node, "identifier", index + 1
                )
        if (journey := read_identifier(source.child("requisition"))) is not None:
            found["journey"] = journey
        for tag in (one for meta in source.each("meta") for one in meta.each("tag")):
            if tag.peek("system") == COUNTRIES:
                tag.take()
                found["jurisdiction"] = str(tag.peek("code")).lower()

    def _asked_for(self, node: Node, service: Json) -> None:
        code = self.graph.cursor(node).child("code")
        if code is None:
            return
        words, language = read_text(code, "text")
        coding = chosen_coding(code)
        if coding is not None and "system" in coding and coding["system"] != own_system("prescription-kind"):
            service["code"] = coding
        for key, value in (("description", words), ("language", language)):
            if value is not None:
                service[key] = value

    def _notes(self, node: Node, found: Json) -> None:
        """Annotations: own words where the Patient is the author, else notes of the requester."""
        for note in self.graph.cursor(node).each("note"):
            author = self.graph.follow(node, note.value.get("authorReference"))
            words, language = read_text(note, "text")
            language = language or read_language(note)
            if words is None:
                continue
            entry = said(words, language)
            if author is not None:
                note.get("authorReference")
            if author is not None and author is self.patient:
                if (time := note.text("time")) is not None and len(time) > 10:
                    entry["said"] = time
                found.setdefault("inTheirWords", []).append(entry)
            else:
                found.setdefault("notes", []).append(entry)

    def _findings(self, found: Json, info: list[Node]) -> None:
        graph, request = self.graph, self.chosen.request
        authored = found.get("authored")
        if request is not None:
            source = graph.cursor(request)
            self.needs = graph.targets(request, source.each("reasonReference"))
            for need in self.needs:
                found.setdefault("needs", []).append(read_need(graph, need, authored))
            links = [one for one in source.each("extension") if one.peek("url") == GOAL_URL]
            goals = graph.targets(request, [place for one in links if (place := one.child("valueReference"))])
            for link in links if len(goals) == len(links) else []:
                link.take()
            self.goals = goals
            for goal in goals:
                found.setdefault("goals", []).append(read_goal(graph, goal, self.needs))
        for node in info:
            kind = kind_of(node)
            if node.type == "Consent" and "consent" not in found:
                found["consent"] = read_consent(graph, node, authored)
                self.consent = node
            elif kind is not None:
                self._finding(found, node, kind)
        interpreters = [node for node in info if is_interpreter(node)]
        read_interpreters(graph, found["client"], interpreters)

    def _finding(self, found: Json, node: Node, kind: str) -> None:
        member = {"strength": "strengths", "gift": "strengths", "interest": "interests"}.get(kind, "barriers")
        if member == "barriers":
            self.barriers.append(node)
        found.setdefault(member, []).append(read_observation(self.graph, node, kind))

    def _task(self, found: Json, info: list[Node], service: Json) -> None:
        graph, node = self.graph, self.chosen.task
        offers = list(info)
        if node is not None:
            source = graph.cursor(node)
            supports, contacts = read_inputs(graph, node, found["client"])
            for support, required in supports:
                entry = read_support(graph, support, self.barriers)
                found.setdefault("supports", []).append({**entry, "required": True} if required else entry)
            owner = graph.target(node, source.child("owner"))
            offers += contacts + ([owner] if owner is not None else [])
        self._navigator(found, offers)
        said_service = read_service(
            graph, [one for one in offers if one is not self.organization or one.type != "Organization"]
        )
        if said_service:
            service |= said_service
            found["service"] = service

    def _navigator(self, found: Json, offers: list[Node]) -> None:
        people = [node for node in offers if is_navigator(node)]
        if not people:
            people = [node for node in offers if node.type in {"PractitionerRole", "Practitioner"}]
        if people:
            self.navigator = people[0]
            found["navigator"] = read_navigator(self.graph, people[0], self.organization)

    def known(self, document: Json) -> Known:
        """What lets other elements be passed over."""
        roles = {
            "patient": self.patient,
            "requester": self.requester,
            "organization": self.organization,
            "navigator": self.navigator,
            "service-request": self.chosen.request,
            "task": self.chosen.task,
        }
        told = (document.get("instructions") or {}).get("text")
        priority = document.get("priority")
        values = {
            "authored": [document.get("authored"), (document.get("authored") or "")[:10]],
            "prescription-language": [document.get("language")],
            "instructions": [told],
            "priority": [priority, PATIENT_PRIORITY.get(priority or "")],
            "journey": [document.get("journey")],
        }
        return Known(roles, values)
