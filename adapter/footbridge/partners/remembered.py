"""Checks resources, and remembers by their digests those that had no error: the very same one is looked at once.

Practices, their people and the services come again with every prescription. The memory holds nobody's data.
"""

import functools
import hashlib
from collections.abc import Mapping
from typing import Any

from footbridge.model.issues import Issue, errors
from footbridge.store.exact_json import dumps
from footbridge.validation import Budget, Validator

MOST = 4096


class _Faulty(Exception):  # noqa: N818 - never leaves this module
    """Carries issues past the memory, which keeps what conforms alone."""


class RememberedChecks:
    """The errors of resources; safe to share between threads."""

    def __init__(self, validator: Validator, seconds: float | None = None) -> None:
        """``seconds`` of processor time that a resource may take; None: as long as it takes."""
        self._validator = validator
        self._seconds = seconds
        self._passes = functools.lru_cache(maxsize=MOST)(self._look)

    def errors(self, resource: Mapping[str, Any]) -> list[Issue]:
        """Every error of a resource."""
        try:
            self._passes(_Known(resource))
        except _Faulty as fault:
            return list(fault.args[0])
        return []

    def _look(self, known: "_Known") -> None:
        resource, known.resource = known.resource, {}  # the memory holds the digest, nobody's data
        if self._seconds is None:
            found = errors(self._validator.validate(resource))
        else:
            found = errors(self._validator.check(resource, budget=Budget(self._seconds)).issues)
        if found:
            raise _Faulty(found)


class _Known:
    """A resource as a key of the memory."""

    __slots__ = ("digest", "resource")

    def __init__(self, resource: Mapping[str, Any]) -> None:
        self.resource = resource
        self.digest = hashlib.sha256(dumps(resource).encode()).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.digest == self.digest
