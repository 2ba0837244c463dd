"""Prescription to Bundle: the order in which the parts are written."""

from footbridge.errors import PrescriptionError
from footbridge.mapping.consent import write_consent
from footbridge.mapping.draft import Draft
from footbridge.mapping.faults import faults
from footbridge.mapping.follow_up import write_follow_up
from footbridge.mapping.goals import write_goals
from footbridge.mapping.navigator import write_navigator
from footbridge.mapping.needs import write_needs
from footbridge.mapping.observations import write_observations
from footbridge.mapping.patient import place_patient, write_interpreters, write_patient
from footbridge.mapping.request import write_request
from footbridge.mapping.requester import write_requester
from footbridge.mapping.results import Mapped, MappingContext
from footbridge.mapping.service import write_service
from footbridge.mapping.supports import write_supports
from footbridge.mapping.tasks import write_task
from footbridge.model.prescription import Prescription

DEFAULT = MappingContext()


def to_bundle(prescription: Prescription, context: MappingContext = DEFAULT) -> Mapped:
    """Map a prescription to a FHIR R4 transaction Bundle.

    The same prescription in the same context gives the same Bundle, byte for byte.

    Raises:
        PrescriptionError: the prescription has faults that only the mapping sees; it lists them all.
    """
    if found := faults(prescription, context):
        raise PrescriptionError(found)
    draft = Draft(prescription, context)
    place_patient(draft)
    write_patient(draft)
    write_requester(draft)
    write_navigator(draft)
    write_service(draft)
    write_needs(draft)
    findings = write_observations(draft) + write_interpreters(draft)
    write_goals(draft)
    write_consent(draft)
    draft.place("service-request", "ServiceRequest")
    write_request(draft, findings)
    write_supports(draft)
    draft.place("task", "Task")
    write_task(draft)
    write_follow_up(draft)
    return draft.finish()
