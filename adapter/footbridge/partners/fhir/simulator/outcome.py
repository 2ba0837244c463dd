"""What a recipient sends home: a Procedure as the guide's SDOHCC-Procedure wants it, and the Task.output naming it.

https://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition-SDOHCC-Procedure.html
"""

import uuid
from datetime import datetime
from html import escape

from footbridge.model.clock import utc_instant
from footbridge.partners.fhir.server import Resource
from footbridge.terminology.codesystems import sdohcc_system

PROFILE = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Procedure"
_XHTML = "http://www.w3.org/1999/xhtml"
GOAL = "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"


def procedure(task: Resource, order: Resource | None, when: datetime) -> Resource:
    """The completed activity that fulfilled a Task: code, category and goals are those of its ServiceRequest.

    Without the ServiceRequest the Task's own code stands in, and the profile is not claimed.
    """
    asked = order or {}
    code = asked.get("code") or task.get("code") or {}
    made: Resource = {
        "resourceType": "Procedure",
        "text": {"status": "generated", "div": f"<div xmlns='{_XHTML}'>Done: {escape(_words(code))}</div>"},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.uuid4()}"}],
        "basedOn": [task["focus"]] if "focus" in task else [],
        "status": "completed",
        "code": code,
        "subject": asked.get("subject") or task.get("for"),
        "performedDateTime": utc_instant(when),
        "performer": [{"actor": task["owner"]}] if "owner" in task else [],
        "extension": [extension for extension in asked.get("extension", []) if extension["url"] == GOAL],
    }
    categories = [coding for concept in asked.get("category", []) for coding in concept.get("coding", [])]
    guide = [coding for coding in categories if coding.get("system") == sdohcc_system()]
    if guide:
        made |= {"meta": {"profile": [PROFILE]}, "category": {"coding": guide[:1]}}
    return {name: value for name, value in made.items() if value}


def _words(code: Resource) -> str:
    displays = (coding.get("display") for coding in code.get("coding", []))
    return str(code.get("text") or next(filter(None, displays), "what was asked for"))


def activity_output(done: Resource) -> Resource:
    """The Task.output that points to a Procedure (slice PerformedActivityReference)."""
    kind = {"coding": [{"system": sdohcc_system(), "code": "resulting-activity"}]}
    return {"type": kind, "valueReference": {"reference": f"{done['resourceType']}/{done['id']}"}}
