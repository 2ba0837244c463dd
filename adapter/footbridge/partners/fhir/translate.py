"""A partner's Task, in the words of no network (https://hl7.org/fhir/R4/task.html)."""

from datetime import UTC, datetime

from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.searching import identifiers
from footbridge.partners.fhir.server import Resource, TaskReport

FIRST_YEAR = 1970
"""A server that names an earlier one does not know the time."""


def task_report(task: Resource) -> TaskReport:
    """Read a Task as it came. What is missing or of another shape is left out, never made up.

    A reason without text is given by the display of its first coding, as the guide's profile wants text.
    """
    reason = object_in(task.get("statusReason"))
    codings = tuple(objects_in(reason.get("coding")))
    business = object_in(task.get("businessStatus"))
    return TaskReport(
        remote_id=str(task["id"]),
        version=text_in(object_in(task.get("meta")).get("versionId")),
        status=text_in(task.get("status")) or "",
        reason_text=_words(reason),
        reason_coding=codings,
        last_updated=last_updated(task),
        outputs=tuple(objects_in(task.get("output"))),
        business_status=_words(business),
        identifiers=tuple(
            (text_in(identifier.get("system")), value)
            for identifier in identifiers(task)
            if (value := text_in(identifier.get("value")))
        ),
    )


def _words(concept: Resource) -> str | None:
    displays = (text_in(coding.get("display")) for coding in objects_in(concept.get("coding")))
    return text_in(concept.get("text")) or next(filter(None, displays), None)


def last_updated(resource: Resource) -> datetime | None:
    """``meta.lastUpdated`` in UTC; None when the server leaves it out or writes what is no time of a change."""
    said = text_in(object_in(resource.get("meta")).get("lastUpdated"))
    try:
        moment = datetime.fromisoformat(said or "")
        found = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the first and the last day there are, with an offset
        return None
    return found if found is not None and found.year >= FIRST_YEAR else None
