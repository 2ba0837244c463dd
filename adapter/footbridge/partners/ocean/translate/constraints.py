"""Our own constraints on Ocean messages, run by the validation engine; the profiles are in ``profiles/ocean``.

They are written from public documents, under our own canonical; each names its source. The profiles of Ontario are on
no registry, so what a message claims of them is reported as not checked. A departure never refuses a message.
"""

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from footbridge.data import folder, read_json
from footbridge.i18n import Text, _
from footbridge.model.issues import Issue
from footbridge.partners.ocean.loose import Json, obj, objects, text
from footbridge.uris import own_uri
from footbridge.validation import Budget, Options, Validator
from footbridge.validation.rules.implied_profiles import of_message

OWN: Final = "invariant.ocean-"
ONTARIO: Final = (
    "http://ehealthontario.ca/fhir/",
    "https://ehealthontario.ca/fhir/",
    "http://fhir.infoway-inforoute.ca/",
)
MOST: Final = 200
LONGEST: Final = 200
SECONDS: Final = 10.0
"""Of processor time; a message of 60 kB takes some hundredths of one."""


OPTIONS: Final = Options(allow_example_urls=True, unknown_extensions=True, best_practice="ignore", packs=frozenset())


def message_profile() -> str:
    """Canonical URL of the profile of a whole message; the others are reached from it."""
    return own_uri("StructureDefinition/ocean-bundle")


def is_ocean(resource: Json) -> bool:
    """Whether a resource is a message Bundle of Ontario's eReferral, by its event's code system."""
    bundle = obj(resource)
    return bundle.get("resourceType") == "Bundle" and bool(of_message(bundle))


def departures(bundle: Mapping[str, Any]) -> tuple[Issue, ...]:
    """Every departure of a message from FHIR R4 and from our constraints; none holds a value of the message.

    Each profile of Ontario that the message claims is one finding more: that it is not checked. Never raises.
    """
    outcome = Validator(options=OPTIONS).check(dict(bundle), [message_profile()], budget=Budget(SECONDS))
    found = [_in_words(issue) for issue in outcome.issues if issue.is_error or issue.rule.startswith(OWN)]
    claimed = [_not_checked(profile) for profile in _claimed(bundle)]
    return (*claimed, *found[:MOST])


def _claimed(bundle: Mapping[str, Any]) -> list[str]:
    """The profiles of Ontario that resources claim, each once; values that are no such profile are left out."""
    found: dict[str, None] = {}
    for entry in objects(bundle.get("entry")):
        profiles = obj(obj(entry.get("resource")).get("meta")).get("profile")
        for profile in profiles if isinstance(profiles, list) else ():
            shown = (text(profile) or "").replace("%7C", "|")
            if shown.startswith(ONTARIO) and len(shown) <= LONGEST and not any(sign.isspace() for sign in shown):
                found[shown] = None
    return list(found)[:MOST]


def _not_checked(profile: str) -> Issue:
    message = _("The message claims the profile {profile}, which is not available: it is not checked.", profile=profile)
    return Issue("ocean.profile-not-checked", "information", "not-found", message, expression="Bundle", profile=profile)


def _in_words(issue: Issue) -> Issue:
    """A finding of one of our constraints, as its sentence, with its source."""
    rule = _sentences().get(issue.rule.removeprefix("invariant."))
    if rule is None:
        return issue
    return replace(issue, message=Text(rule["human"]), spec=rule["requirements"].rpartition("Source: ")[2])


@functools.cache
def _sentences() -> dict[str, dict[str, str]]:
    """Our constraints by their key."""
    place = folder("profiles").joinpath("ocean")
    names = sorted(item.name for item in place.iterdir() if item.name.endswith(".json"))
    found = [read_json("profiles", "ocean", name)["differential"]["element"][0]["constraint"] for name in names]
    return {row["key"]: row for rows in found for row in rows}
