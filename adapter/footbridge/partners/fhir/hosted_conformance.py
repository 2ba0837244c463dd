"""What a hosted partner writes, checked before anything is stored: refused, or put up with and said so.

Errors in the form of a resource are refused from everybody. What a profile asks for, and a few rules about codes and
addresses (``mappings/hosted-conformance.json``), are refused from a strict partner only; from a compatible one the
resource is stored, the answer has a warning for each, and the timeline of the referral names the rules.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.partners.remembered import RememberedChecks
from footbridge.store.interaction_errors import UnprocessableEntity
from footbridge.store.partners import Conformance
from footbridge.validation import Validator
from footbridge.validation.origin import base_of

SECONDS = 5.0
"""Processor time of the check of one resource."""


@dataclass(slots=True)
class Inspection:
    """The check of what one request brings.

    Attributes:
        validator: knows the profiles.
        conformance: of the partner: ``strict`` or ``compatible``.
        tolerated: what was put up with, by the entry of a Bundle; None for a single resource.
    """

    validator: Validator
    conformance: Conformance
    tolerated: dict[int | None, tuple[Issue, ...]] = field(default_factory=dict)

    def __call__(self, place: int | None, resource: Mapping[str, Any]) -> None:
        """Check a resource that is to be stored. Raises UnprocessableEntity with every reason."""
        found = _checks(self.validator).errors(resource)
        refused = [one for one in found if self.conformance == "strict" or not is_tolerated(one)]
        if refused:
            message = _("The resource does not conform: errors found: {count}.", count=len(refused))
            raise UnprocessableEntity(message, issues=refused)
        self.tolerated[place] = tuple(found)

    def of(self, place: int | None) -> Sequence[Issue]:
        """What was put up with in a resource, as warnings."""
        return [replace(one, severity="warning") for one in self.tolerated.get(place, ())]


@functools.lru_cache(maxsize=8)
def _checks(validator: Validator) -> RememberedChecks:
    """Those of this process."""
    return RememberedChecks(validator, SECONDS)


def is_tolerated(issue: Issue) -> bool:
    """Whether a compatible partner may have this error."""
    if issue.severity == "fatal":
        return False
    return (
        (issue.profile is not None and base_of(issue.profile) is None)
        or issue.rule in _tolerated()
        or f"{issue.rule.partition('.')[0]}.*" in _tolerated()
    )


@functools.cache
def _tolerated() -> frozenset[str]:
    return frozenset(read_json("mappings", "hosted-conformance.json")["tolerated"])
