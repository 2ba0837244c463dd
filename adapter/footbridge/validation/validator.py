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
from footbridge.validation.core.budget import Budget
from footbridge.validation.core.options import DEFAULTS, Options
from footbridge.validation.core.scope import too_many
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.engine.compiler import Compiler
from footbridge.validation.engine.engine import Engine, Outcome
from footbridge.validation.origin import profile_of
from footbridge.validation.own_rules import check_own
from footbridge.validation.packs import OURS
from footbridge.validation.packs.own import Pack, load
from footbridge.validation.reading import Document, read
from footbridge.validation.reading.document import MOST_ISSUES
from footbridge.validation.reading.given import all_plain, plain_resource, resource_bytes
from footbridge.validation.reading.shown import with_values
from footbridge.validation.rules.implied_profiles import global_profiles
from footbridge.validation.valuesets import Terminology, TerminologyService


class Validator:
    """Checks resources; safe to share between threads.

    ``Validator()`` knows R4, US Core and SDOHCC; all that are made so share one engine. ``packages`` names more
    (``ID#VERSION``, a file, a folder), ``definitions`` are loose resources to validate with. ``terminology`` is asked
    about codes that the definitions cannot decide, such as a server (``footbridge.partners.terminology``).
    ``packs`` are rules of your own: ``footbridge.validation.packs.own``. Raises PackageNotFound and PackageError, and
    ConfigurationError for a pack that cannot be used.
    """

    def __init__(
        self,
        packages: Iterable[str] = (),
        definitions: Iterable[Mapping[str, Any]] = (),
        options: Options = DEFAULTS,
        *,
        terminology: TerminologyService | None = None,
        packs: Iterable[Pack | str] = (),
    ) -> None:
        self._packs = tuple(load(one) if isinstance(one, str) else one for one in packs)
        named, loose = tuple(packages), tuple(definitions)
        self.options = options
        own = named or loose or terminology is not None
        self._engine = _make(named, loose, options, terminology) if own else _shared(options)

    @property
    def types(self) -> Compiler:
        """The compiled types, which XML is read by."""
        return self._engine.compiler

    def fault(self, profile: str) -> str | None:
        """Why a profile that is here cannot be used, such as that its base is unknown; None where it can, or is not."""
        return self._engine.definitions.fault(profile) if self.types.profile(profile) is None else None

    def validate(self, resource: Any, profiles: Sequence[str] = ()) -> Iterator[Issue]:  # noqa: ANN401 - see ``check``
        """Yield every issue of a resource. Never raises on a bad resource; never tells a person's value.

        The arguments are those of ``check``.
        """
        yield from self.check(resource, profiles).issues

    def check(
        self,
        resource: Any,  # noqa: ANN401 - see below
        profiles: Sequence[str] = (),
        *,
        budget: Budget | None = None,
    ) -> Outcome:
        """As ``validate``, with what could not be checked. Each issue names its profile, or the base type.

        Args:
            resource: a FHIR resource: a dict; JSON or XML as str or bytes; or an object that makes a dict of itself
                by ``model_dump`` or ``dict``, as those of ``fhir.resources`` and other pydantic models do.
            profiles: canonical URLs to check besides those of ``meta.profile``.
            budget: how much processor time it may take. A validation that is stopped has a fatal issue
                ``validation.time-limit`` after those that were found till then. None: as long as it takes.

        Raises TypeError for what is none of these.
        """
        if isinstance(resource, str | bytes | bytearray | memoryview):
            return self.check_text(resource_bytes(resource), profiles, budget=budget)
        plain = plain_resource(resource)
        outcome = self._check(plain, profiles, budget)
        # An object that is no dict, or a date: such values have the wrong structure, as JSON has them not.
        odd = budget is None and any(issue.rule.startswith("structure.") for issue in outcome.issues)
        if odd and (other := all_plain(plain)) is not None:
            plain, outcome = other, self._check(other, profiles, budget)
        return Outcome(told(outcome.issues, plain), outcome.unchecked) if outcome.issues else outcome

    def _check(self, plain: Any, profiles: Sequence[str], budget: Budget | None) -> Outcome:  # noqa: ANN401 - any JSON
        outcome = self._engine.check(plain, profiles, budget)
        if self._packs:
            outcome = replace(outcome, issues=(*outcome.issues, *check_own(self._packs, plain, self.options)))
        if self.options.show_values:
            return replace(outcome, issues=tuple(with_values(outcome.issues, plain)))
        return outcome

    def check_text(self, data: bytes | str, profiles: Sequence[str] = (), *, budget: Budget | None = None) -> Outcome:
        """Read JSON or XML and check it; issues carry their line and column."""
        document = read(resource_bytes(data), self.types, allow_comments=self.options.allow_comments)
        return self.check_document(document, profiles, budget=budget)

    def check_document(
        self, document: Document, profiles: Sequence[str] = (), first_line: int = 1, *, budget: Budget | None = None
    ) -> Outcome:
        """Check a document that was read; what reading found wrong counts too. Lines count from ``first_line``."""
        if document.resource is None and document.issues:
            return Outcome(told(document.issues, None, first_line=first_line), ())
        outcome = self._check(document.resource, profiles, budget)
        more = (too_many(MOST_ISSUES, "error"),) if len(document.issues) >= MOST_ISSUES else ()
        issues = (*document.issues, *more, *outcome.issues)
        if not issues:
            return outcome
        return Outcome(told(issues, document.resource, document, first_line), outcome.unchecked)


def told(
    issues: Iterable[Issue],
    resource: Any,  # noqa: ANN401 - JSON is any value
    document: Document | None = None,
    first_line: int = 1,
) -> tuple[Issue, ...]:
    """The issues as they are told: each with its profile, or the base type; and with its place in the text."""
    found = []
    for issue in issues:
        line, column = issue.line, issue.column
        if line is None and document is not None and issue.expression:
            place = document.locate(issue.expression)
            line, column = (None, column) if place is None else (place.line, place.column or None)
        moved = line if line is None else line + first_line - 1
        found.append(issue.told(profile_of(issue, resource), moved, column))
    return tuple(found)


@functools.lru_cache(maxsize=16)
def _shared(options: Options) -> Engine:
    return _make((), (), options)


def _make(
    packages: Sequence[str],
    definitions: Sequence[Mapping[str, Any]],
    options: Options,
    service: TerminologyService | None = None,
) -> Engine:
    registry = Registry.default(packages, definitions)
    return Engine(registry, Terminology(registry, service), options, global_profiles(definitions), OURS)
