"""How the documents of a stream are validated; small enough to be sent to every worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.errors import ConfigurationError
from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked, Item
from footbridge.validation.bulk.inputs import TOO_LARGE
from footbridge.validation.core.options import DEFAULTS, Options
from footbridge.validation.engine.engine import Outcome
from footbridge.validation.origin import BASE
from footbridge.validation.reading import read
from footbridge.validation.validator import Validator
from footbridge.validation.valuesets import TerminologyService

PRESCRIPTION = frozenset({"client", "needs", "prescriber", "requester", "service", "consent", "authored"})
"""Members of a prescription that no FHIR resource without a resourceType is likely to have."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What to validate with: as of ``Validator``, and ``profiles`` to check besides those that resources claim.

    ``packs`` are rules of your own, by file, module or entry point.
    """

    profiles: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    definitions: tuple[Mapping[str, Any], ...] = ()
    options: Options = DEFAULTS
    terminology: TerminologyService | None = None
    packs: tuple[str, ...] = ()

    def validator(self) -> Validator:
        """A validator so set up.

        Raises PackageNotFound and PackageError, and ConfigurationError for a profile that is here and cannot be used.
        """
        made = Validator(self.packages, self.definitions, self.options, terminology=self.terminology, packs=self.packs)
        for profile in self.profiles:
            if (fault := made.fault(profile)) is not None:
                raise ConfigurationError(f"The profile {profile} cannot be used: {fault}")
        return made

    def checker(self) -> Callable[[Item], Checked]:
        """What checks one document with a validator so set up. Raises as ``validator`` does."""
        made = self.validator()
        return lambda item: check(item, made, self.profiles)


def check(item: Item, validator: Validator, profiles: tuple[str, ...]) -> Checked:
    """Read one document and validate it; whatever is wrong with it, and with us, is an issue.

    Raises ConfigurationError: a wrong setting is no fault of the document.
    """
    if item.data is None:
        return Checked(item.source, None, None, _refused("reading.too-large", "too-long", TOO_LARGE))
    comments = validator.options.allow_comments
    document = read(item.data, validator.types, allow_comments=comments, first_line=item.line)
    try:
        outcome = validator.check_document(document, profiles, item.line)
    except Exception as error:  # one resource must not end the stream; the issue tells of the fault
        if isinstance(error, ConfigurationError):  # a setting, or a package: not the document
            raise
        text = f"The validator failed on this resource ({type(error).__name__}); please report it."
        outcome = _refused("validation.failed", "exception", text)
    resource = document.resource if isinstance(document.resource, dict) else {}
    kind, identity = _text(resource.get("resourceType")), _text(resource.get("id"))
    return Checked(item.source, kind, identity, outcome, kind is None and len(PRESCRIPTION & resource.keys()) > 1)


def _refused(rule: str, code: str, message: str) -> Outcome:
    return Outcome((Issue(rule, "fatal", code, message, expression="$this", profile=f"{BASE}Resource"),), ())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
