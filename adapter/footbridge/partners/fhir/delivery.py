"""Brings the resources of a Bundle to a partner, in the shape that the partner is set to.

    transaction   the Bundle whole, in one request
    resources     one conditional create after the other, each after those that it refers to

Both may be repeated, after a crash half-way too: what arrived is found by its ``ifNoneExist``, and nothing relies on
a roll-back. A server may ignore If-None-Exist without a word. So where it does not declare ``conditionalCreate`` for
a type, each resource of that type is looked for first.

A further shape is one function and one line in ``SHAPES``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from footbridge.errors import ConfigurationError, PartnerRefused
from footbridge.i18n import _
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.references import at_partner, creation_order
from footbridge.partners.fhir.server import Remote, Resource

LookFirst = Literal["auto", "always", "never"]
"""Whether to search before a create: always, never, or for the types whose conditional create is not declared."""


@dataclass(frozen=True, slots=True)
class Target:
    """One partner's server, and for which types its If-None-Exist is relied on."""

    client: FhirClient
    relies: Callable[[str], bool]

    def find(self, entry: Resource) -> Remote | None:
        """Where the partner already has this entry; None also when its conditional create will tell."""
        type_ = entry["resource"]["resourceType"]
        return None if self.relies(type_) else self.client.find(type_, entry["request"]["ifNoneExist"])


def _target(client: FhirClient, look_first: LookFirst) -> Target:
    if look_first != "auto":
        return Target(client, lambda _type: look_first == "never")
    try:
        return Target(client, client.capabilities().conditional_create)
    except PartnerRefused:  # a server that hides its CapabilityStatement declares nothing
        return Target(client, lambda _type: False)


def deliver(
    client: FhirClient, bundle: Resource, shape: str, *, look_first: LookFirst = "auto"
) -> Mapping[str, Remote]:
    """Deliver a transaction Bundle of conditional creates; where each entry now lives, by its ``fullUrl``.

    References between entries are written as the ``fullUrl`` of the other; other references go as they are.

    Raises:
        ConfigurationError: no such shape, or the Bundle does not fit it.
        PartnerUnavailable: deliver the same Bundle again, later.
        PartnerRefused: a person has to look at it.
        ValueError: an entry is no conditional create, so that a repeat would double it.
    """
    if shape not in SHAPES:
        raise ConfigurationError(_("A partner's delivery is one of {shapes}.", shapes=", ".join(SHAPES)))
    for entry in bundle["entry"]:
        if entry["request"]["method"] != "POST" or not entry["request"].get("ifNoneExist"):
            raise ValueError("every entry must be a POST with ifNoneExist")
    return SHAPES[shape](_target(client, look_first), bundle)


def find_delivered(client: FhirClient, bundle: Resource) -> Mapping[str, Remote]:
    """Where those entries live that the partner has already, by ``fullUrl``; nothing is created.

    Raises PartnerUnavailable and PartnerRefused as ``deliver`` does.
    """
    found = {
        entry["fullUrl"]: client.find(entry["resource"]["resourceType"], entry["request"]["ifNoneExist"])
        for entry in bundle["entry"]
    }
    return {url: remote for url, remote in found.items() if remote is not None}


def _as_transaction(target: Target, bundle: Resource) -> Mapping[str, Remote]:
    looked = {entry["fullUrl"]: target.find(entry) for entry in bundle["entry"]}
    known = {url: remote for url, remote in looked.items() if remote is not None}
    missing = [
        {**entry, "resource": at_partner(entry["resource"], known)}
        for entry in bundle["entry"]
        if entry["fullUrl"] not in known
    ]
    if not missing:
        return known
    try:
        return known | target.client.transaction({**bundle, "entry": missing})
    except PartnerRefused as error:
        advice = _("If the partner does not support such transactions, set its delivery to resources.")
        raise PartnerRefused(f"{error} {advice}", status=error.status) from None


def _one_by_one(target: Target, bundle: Resource) -> Mapping[str, Remote]:
    known: dict[str, Remote] = {}
    for entry in creation_order(bundle["entry"]):
        found = target.find(entry)
        if found is None:
            resource = at_partner(entry["resource"], known)
            found = target.client.create(resource, if_none_exist=entry["request"]["ifNoneExist"])
        known[entry["fullUrl"]] = found
    return known


Shape = Callable[[Target, Resource], Mapping[str, Remote]]

SHAPES: Mapping[str, Shape] = {"transaction": _as_transaction, "resources": _one_by_one}
