"""Checks what the mapping made against the profiles that it claims, before anything is stored.

Practices, their people and the services come again with every prescription: what was found to conform is remembered
by its digest, so that the very same resource is looked at once.
"""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from footbridge.errors import MappingFault
from footbridge.logs import get_logger
from footbridge.model.issues import Issue, errors
from footbridge.store.exact_json import dumps
from footbridge.validation import Validator

REMEMBERED = 4096

_log = get_logger(__name__)


class _Faulty(Exception):  # noqa: N818 - never leaves this module
    """Carries issues past the memory, which keeps what conforms alone."""


class MappingCheck:
    """The check; safe to share between threads."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator
        self._passes = functools.lru_cache(maxsize=REMEMBERED)(self._look)

    def check(self, resources: Iterable[Mapping[str, Any]]) -> None:
        """Raises MappingFault with every error in any of the resources: a fault of ours, never of the sender's."""
        found = [issue for one in resources for issue in self._errors(one)]
        if found:
            _log.error("mapping.fault", rules=sorted({issue.rule for issue in found}))
            raise MappingFault(found)

    def _errors(self, resource: Mapping[str, Any]) -> list[Issue]:
        try:
            self._passes(_Known(resource))
        except _Faulty as fault:
            return list(fault.args[0])
        return []

    def _look(self, known: "_Known") -> None:
        resource, known.resource = known.resource, {}  # the memory holds the digest, nobody's data
        found = errors(self._validator.validate(resource))
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
