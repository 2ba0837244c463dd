"""Finds the Patient that a partner has of a person already, by the person's identifiers. Nothing is written.

Each identifier is asked for by ``POST Patient/_search`` with its system, and a match counts only when it bears both,
for a server may ignore a parameter. A Patient that was merged away (``Patient.link`` of type replaced-by) stands for
the one that took its place; one that is not active stands for nobody
(https://hl7.org/fhir/R4/patient.html#linking).

====================================================  ==========================================================
the partner                                           then
====================================================  ==========================================================
has one                                               it is that one
has none                                              None
has several that differ                               PartnerRefused: a person decides, nobody guesses
has one that was merged into we cannot see which      PartnerRefused, as above
answers 404, 405, 415 or 501: no such search          None, and a line in the log: identifiers go in no URL instead
fails on any search by POST, while one by GET works   as above: such a server does not read forms at all
answers anything else                                 as ``answers`` says: tried again, or refused
====================================================  ==========================================================
"""

import uuid
from collections.abc import Sequence
from typing import Final

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.logs import get_logger
from footbridge.partners.fhir import searching
from footbridge.partners.fhir.client import FhirClient, matches, next_link
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.references import place_at
from footbridge.partners.fhir.remotes import of_resource
from footbridge.partners.fhir.server import Remote, Resource

UNSUPPORTED: Final = frozenset({404, 405, 415, 501})
"""Statuses by which a server says that it has no such search (https://hl7.org/fhir/R4/http.html#Status-Codes)."""

FIRST_SERVER_ERROR: Final = 500
PROBES: Final = 2
PAGE: Final = 50  # Patients asked for; a person with more than that has not been merged with care
MERGES: Final = 8  # one after the other; more are a circle

_log = get_logger(__name__)


def match_patient(client: FhirClient, identifiers: Sequence[tuple[str, str]]) -> Remote | None:
    """The one Patient that bears any of the identifiers (system, value).

    Raises:
        PartnerUnavailable: ask again, later.
        PartnerRefused: a person has to look at it; the text names identifier systems, never a value.
    """
    found: dict[str, Resource] = {}
    systems: dict[str, None] = {}
    for system, value in dict.fromkeys(identifiers):
        try:
            page = client.post_search("Patient", [("identifier", token(system, value)), ("_count", str(PAGE))])
        except (PartnerRefused, PartnerUnavailable) as error:
            if error.status not in UNSUPPORTED and not _reads_no_forms(client, error):
                raise
            _log.warning("patient.search-unsupported", partner=client.partner, status=error.status)
            return None
        bearing = [one for one in matches(page) if _is(one, system, value)]
        standing = [one for patient in bearing if (one := _standing(client, patient)) is not None]
        found |= {one["id"]: one for one in standing}
        if standing:
            systems[system] = None
        if bearing and next_link(page) is not None:
            raise _several([system])
    if len(found) > 1:
        raise _several(list(systems))
    return next(map(of_resource, found.values()), None)


def _reads_no_forms(client: FhirClient, error: PartnerError) -> bool:
    """Whether the server fails (5xx) on a search by POST that asks for nobody, twice, and answers one by GET.

    Servers exist that take every body for JSON. One that is only troubled now would fail on the other search, too, or
    answer one of these.
    """
    if error.status is None or error.status < FIRST_SERVER_ERROR:
        return False
    nobody = [("_id", str(uuid.uuid4()))]
    for _probe in range(PROBES):
        try:
            client.post_search("Patient", nobody)
        except PartnerUnavailable as again:
            if again.status != error.status:
                return False
        else:
            return False
    try:
        next(iter(client.search("Task", nobody)), None)
    except PartnerError:
        return False
    return True


def token(system: str, value: str) -> str:
    """A token parameter (https://hl7.org/fhir/R4/search.html#token), its special characters escaped."""
    return f"{_escaped(system)}|{_escaped(value)}"


def _escaped(text: str) -> str:
    for special in ("\\", "$", ",", "|"):
        text = text.replace(special, f"\\{special}")
    return text


def _is(resource: Resource, system: str, value: str) -> bool:
    held = searching.identifiers(resource)
    same = any((one.get("system"), one.get("value")) == (system, value) for one in held)
    return resource["resourceType"] == "Patient" and same


def _standing(client: FhirClient, patient: Resource) -> Resource | None:
    """The Patient that stands for this one now; None when neither is in use any more."""
    for _merge in range(MERGES):
        heirs = _replaced_by(client, patient)
        if not heirs:
            return None if patient.get("active") is False else patient
        patient = _heir(client, heirs)
    raise _lost()


def _replaced_by(client: FhirClient, patient: Resource) -> set[tuple[str, str] | None]:
    """Type and id of each that took this one's place; None for one that is not on this server."""
    links = (link for link in objects_in(patient.get("link")) if link.get("type") == "replaced-by")
    return {place_at(client.base_url, text_in(object_in(link.get("other")).get("reference"))) for link in links}


def _heir(client: FhirClient, heirs: set[tuple[str, str] | None]) -> Resource:
    place = heirs.pop()
    if heirs or place is None or place[0] != "Patient":
        raise _lost()
    try:
        return client.read(*place)
    except PartnerRefused as error:
        if error.status in {404, 410}:
            raise _lost() from None
        raise


def _several(systems: Sequence[str]) -> PartnerRefused:
    return PartnerRefused(
        _(
            "Several Patients at the partner have the client's identifiers; nothing was created. "
            "Merge them there, then run footbridge outbox retry. Identifier systems: {systems}",
            systems=", ".join(systems),
        )
    )


def _lost() -> PartnerRefused:
    return PartnerRefused(
        _(
            "The partner's Patient of this client is replaced by one that cannot be found; nothing "
            "was created. Correct its link of type replaced-by there, then run footbridge outbox "
            "retry."
        )
    )
