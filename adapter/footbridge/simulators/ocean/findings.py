"""Departures from the guides in what a receiver posts, which Ocean is not known to refuse. For integrators to read.

Sources: minimum entries of https://simplifier.net/guide/pan-canadian-ereferral-econsult-ca-erec-iguide (ServiceRequest
and Task Bundles), the acting person of https://simplifier.net/guide/ca-on-ereferral-r4-iguide (PHIPA).
"""

from collections.abc import Iterator

from footbridge.i18n import _
from footbridge.simulators.ocean.json_values import object_of, objects_of
from footbridge.simulators.ocean.reading import Posted
from footbridge.simulators.ocean.state import Referral, unpack
from footbridge.simulators.ocean.tables import raw


def findings_of(posted: Posted, referral: Referral) -> list[str]:
    """The departures of a message about a referral."""
    return [*_of_header(posted), *_of_entries(posted), *_of_tasks(posted), *_of_request(posted, referral)]


def _of_header(posted: Posted) -> Iterator[str]:
    if posted.id is None:
        yield _("The Bundle has no id: Ocean cannot recognize it when it is sent again.")
    coding = object_of(posted.header, "eventCoding")
    if coding.get("system") != raw()["eventSystem"]:
        yield _("MessageHeader.eventCoding.system is not {system}.", system=raw()["eventSystem"])
    author = posted.header.get("author")
    if author is None:
        yield _("MessageHeader.author is missing.")
    elif posted.find(author) is None:
        yield _("MessageHeader.author is not in the Bundle.")
    if not _has_actor(posted):
        yield _("No acting person is named (PHIPA: a user name or a unique id).")
    sources = [one.get("url") for one in objects_of(posted.header, "extension")]
    missing = [version for version, url in raw()["extensions"]["referral"].items() if url not in sources]
    if missing:
        yield _("The header lacks the referral extension of v{versions}.", versions=", v".join(missing))


def _has_actor(posted: Posted) -> bool:
    """Whether the author, or the owner or requester of a Task in focus, is a person with a name or an identifier."""
    named = [posted.header.get("author")]
    for one in posted.focus:
        named += [one.resource.get("owner"), one.resource.get("requester"), one.resource.get("sender")]
    for reference in named:
        found = posted.find(reference)
        if found is not None and found.kind == "PractitionerRole":
            found = posted.find(found.resource.get("practitioner"))
        if found is None or found.kind != "Practitioner":
            continue
        if objects_of(found.resource, "name") or objects_of(found.resource, "identifier"):
            return True
    return False


def _of_entries(posted: Posted) -> Iterator[str]:
    kinds = [one.kind for one in posted.entries]
    if "ServiceRequest" not in kinds:
        yield _("The Bundle has no ServiceRequest; only CA:eReC allows to refer to it.")
    elif "Patient" not in kinds:
        yield _("The Bundle has a ServiceRequest and no Patient.")
    if "PractitionerRole" not in kinds:
        yield _("The Bundle has no PractitionerRole.")
    keys = [one.key for one in posted.entries]
    if len(set(keys)) < len(keys):
        yield _("Two entries have the same id.")


def _of_tasks(posted: Posted) -> Iterator[str]:
    for one in posted.focus:
        if one.kind != "Task":
            continue
        codes = [each.get("code") for each in objects_of(object_of(one.resource, "code"), "coding")]
        if raw()["systems"]["taskCode"]["code"] not in codes:
            yield _("Task.code is not process-request.")
        if not objects_of(one.resource, "basedOn"):
            yield _("Task.basedOn is missing.")
        if one.resource.get("status") in ("rejected", "on-hold") and not one.resource.get("statusReason"):
            yield _("Task.statusReason is missing.")


def _of_request(posted: Posted, referral: Referral) -> Iterator[str]:
    """All identifiers that were sent must be returned unchanged (https://simplifier.net/ereferral-ontario)."""
    sent = objects_of(dict(unpack(referral.base))[referral.ref], "identifier")
    for one in posted.of_kind("ServiceRequest"):
        if one.key == referral.ref and any(
            identifier not in objects_of(one.resource, "identifier") for identifier in sent
        ):
            yield _("An identifier of the ServiceRequest was not returned unchanged.")
