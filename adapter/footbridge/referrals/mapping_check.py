"""Checks what the mapping made against the profiles that it claims, before anything is stored.

An issue that stands on a value of the caller is a fault of the prescription, at the member that holds the value; only
what no value of the caller reached is a fault of ours (``mapping.blame``).

Practices, their people and the services come again with every prescription: what conforms is looked at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from footbridge.errors import MappingFault, PrescriptionError
from footbridge.mapping.blame import Blame, blame
from footbridge.mapping.results import Mapped
from footbridge.metrics import validation
from footbridge.partners.remembered import RememberedChecks
from footbridge.validation import Validator


class MappingCheck:
    """The check; safe to share between threads."""

    def __init__(self, validator: Validator) -> None:
        self._checks = RememberedChecks(validator)

    def check(self, resources: Iterable[Mapping[str, Any]], mapped: Mapped | None = None) -> None:
        """Look at every resource.

        Args:
            resources: those of a mapping, in its order.
            mapped: the mapping, which tells what is the caller's; without it every fault is ours.

        Raises:
            MappingFault: our own mapping made what does not conform.
            PrescriptionError: a value of the prescription does not conform; it names every one.
        """
        found = self.look(resources, mapped)
        if found.ours:
            from footbridge.logs import get_logger  # noqa: PLC0415 - slow to import, seldom needed

            get_logger(__name__).error("mapping.fault", rules=sorted({issue.rule for issue in found.ours}))
            raise MappingFault(found.ours)
        if found.callers:
            raise PrescriptionError(found.callers)

    def look(self, resources: Iterable[Mapping[str, Any]], mapped: Mapped | None = None) -> Blame:
        """Every error in any of the resources, by whose it is; the arguments are those of ``check``."""
        with validation("intake"):
            found = [self._checks.errors(resource) for resource in resources]
        if mapped is not None and any(found):
            return blame(mapped, found)
        return Blame((), tuple(issue for issues in found for issue in issues))
