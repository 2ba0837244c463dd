"""Says on an order and its Tasks that the client must not be contacted, or says it no longer.

As the mapping says it of a prescription with ``safeToContact`` false: a category of the ServiceRequest, an input of the
Task, and a line of the narrative of each
(https://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem-SDOHCC-CodeSystemTemporaryCodes.html,
contacting-subject-prohibited). A follow-up says it in its narrative alone.
"""

from typing import Any

from footbridge.mapping.draft import UNDETERMINED
from footbridge.mapping.follow_up import names_follow_up
from footbridge.mapping.narrative import language_of, with_first_line, without_line
from footbridge.mapping.request import PROHIBITED
from footbridge.mapping.tasks import CONTACT_ENTITY
from footbridge.mapping.terms import guide_coding, label
from footbridge.mapping.values import codings_of

Resource = dict[str, Any]


def with_contact(resource: Resource, *, prohibited: bool) -> Resource:
    """A ServiceRequest or a Task of ours, as it says whether its client may be contacted."""
    speak = str(resource.get("language", UNDETERMINED))
    words = label("do-not-contact", speak)
    concept = {"coding": [guide_coding(PROHIBITED)], "text": words}
    found = dict(resource)
    if "text" in found:
        line = label("do-not-contact", language_of(found, UNDETERMINED))
        div = without_line(found["text"]["div"], line)
        found["text"] = found["text"] | {"div": with_first_line(div, line) if prohibited else div}
    if found["resourceType"] == "ServiceRequest":
        others = [one for one in found.get("category", []) if not _says(one)]
        return found | {"category": [*others, concept] if prohibited else others}
    if names_follow_up(found):
        return found
    inputs = [one for one in found.pop("input", []) if not _says(one.get("type"))]
    if prohibited:
        after = sum(guide_coding(CONTACT_ENTITY) in codings_of(one.get("type")) for one in inputs[:1])
        inputs.insert(after, {"type": concept, "valueBoolean": True})
    return _placed(found, inputs)


def _says(concept: Any) -> bool:  # noqa: ANN401 - JSON
    return guide_coding(PROHIBITED) in codings_of(concept)


def _placed(task: Resource, inputs: list[Any]) -> Resource:
    return task | {"input": inputs} if inputs else task
