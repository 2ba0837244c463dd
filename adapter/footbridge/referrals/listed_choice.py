"""The service of the directory that a person chooses when they ask its partner: the prescription names it from then on.

It becomes ``service.directoryId`` of the prescription (HealthcareService in FHIR), as if it had been prescribed so; the
letter, the person's copy and the page of the referral say its name, address and hours.
"""

from footbridge.directory.lookup import find_service
from footbridge.directory.partners import partners_of
from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Service
from footbridge.referrals.amendment import put_in_place
from footbridge.referrals.intake import Intake
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit


def name_listed(unit: PrescriptionUnit, row: ReferralRow, partner: str, listed: str, intake: Intake | None) -> None:
    """Name it in the prescription; of a part of a split nothing is named, as a part has no service.

    Raises PrescriptionError where the directory has no such service, or this partner does not receive for it.
    """
    scope = unit.scope
    found = find_service(scope.connection, scope.tenant, listed)
    if found is None or partner not in partners_of(scope.connection, scope.tenant, found, unit.partners):
        message = _("The directory has no such service of this partner: search it again.")
        raise PrescriptionError([Issue("command.unknown-service", "error", "not-found", message, pointer="/listed")])
    if row.parent is not None or intake is None:
        return
    document = unit.prescription.document
    before = document.service or Service()
    service = before.model_copy(update={"partner": partner, "directory_id": listed, "organization": None})
    if service != before:
        put_in_place(unit, intake, document.model_copy(update={"service": service}))
