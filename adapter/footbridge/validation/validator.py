"""The one door: what conforms, and what could not be checked.

>>> from footbridge.validation import Validator
>>> outcome = Validator().check({"resourceType": "Task", "status": "requested", "intent": "order"})
>>> outcome.valid
True
"""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.engine.compiler import Compiler
from footbridge.validation.engine.engine import Engine, Outcome
from footbridge.validation.engine.options import DEFAULTS, Options
from footbridge.validation.reading import Document, read
from footbridge.validation.reading.shown import with_values
from footbridge.validation.rules.implied_profiles import global_profiles
from footbridge.validation.valuesets import Terminology


class Validator:
    """Checks resources; safe to share between threads.

    ``Validator()`` knows R4, US Core and SDOHCC; all that are made so share one engine. ``packages`` names more
    (``ID#VERSION``, a file, a folder), ``definitions`` are loose resources to validate with.
    Raises PackageNotFound and PackageError.
    """

    def __init__(
        self,
        packages: Iterable[str] = (),
        definitions: Iterable[Mapping[str, Any]] = (),
        options: Options = DEFAULTS,
    ) -> None:
        named, loose = tuple(packages), tuple(definitions)
        self.options = options
        self._engine = _make(named, loose, options) if named or loose else _shared(options)

    @property
    def types(self) -> Compiler:
        """The compiled types, which XML is read by."""
        return self._engine.compiler

    def fault(self, profile: str) -> str | None:
        """Why a profile that is here cannot be used, such as that its base is unknown; None where it can, or is not."""
        return self._engine.definitions.fault(profile) if self.types.profile(profile) is None else None

    def validate(self, resource: Mapping[str, Any], profiles: Sequence[str] = ()) -> Iterator[Issue]:
        """Yield every issue of a resource. Never raises on bad input; never tells a person's value.

        Args:
            resource: a FHIR resource as a dict.
            profiles: canonical URLs to check besides those of ``meta.profile``.
        """
        yield from self.check(resource, profiles).issues

    def check(self, resource: Mapping[str, Any], profiles: Sequence[str] = ()) -> Outcome:
        """As ``validate``, with what could not be checked."""
        outcome = self._engine.check(resource, profiles)
        if self.options.show_values:
            return replace(outcome, issues=tuple(with_values(outcome.issues, resource)))
        return outcome

    def check_text(self, data: bytes, profiles: Sequence[str] = ()) -> Outcome:
        """Read JSON or XML and check it; issues carry their line and column."""
        return self.check_document(read(data, self.types, allow_comments=self.options.allow_comments), profiles)

    def check_document(self, document: Document, profiles: Sequence[str] = ()) -> Outcome:
        """Check a document that was read; what reading found wrong counts too."""
        if document.resource is None and document.issues:
            return Outcome(document.issues, ())
        outcome = self.check(document.resource, profiles)
        issues = (*document.issues, *outcome.issues)
        return replace(outcome, issues=tuple(document.placed(issue) for issue in issues))


@functools.lru_cache(maxsize=16)
def _shared(options: Options) -> Engine:
    return _make((), (), options)


def _make(packages: Sequence[str], definitions: Sequence[Mapping[str, Any]], options: Options) -> Engine:
    registry = Registry.default(packages, definitions)
    return Engine(registry, Terminology(registry), options, global_profiles(definitions))
