"""Every exception that Footbridge raises to its callers.

FootbridgeError
├── ConfigurationError      a setting, partner or data file is wrong; says how to mend it
├── PrescriptionError       a prescription has faults; carries every one as an Issue
├── MappingFault            our own mapping made something that does not conform; never the caller's fault
├── ForbiddenError          the principal's role may not do this
├── LifecycleError          a referral event that cannot be applied
├── NotFoundError           no such prescription, partner, resource
├── ConflictError           the same key or identifier with another content, or a stale version
└── PartnerError            a partner's system answered badly
    ├── PartnerUnavailable  try again later (5xx, 429, timeout, refused connection)
    └── PartnerRefused      trying again will not help (other 4xx, an answer that is not FHIR)
"""

from collections.abc import Sequence

from footbridge.model.issues import Issue


class FootbridgeError(Exception):
    """Root of the tree; its text is fit to show to a user and holds no personal data."""


class ConfigurationError(FootbridgeError):
    """A setting, a partner's entry or a data file is wrong."""


class PrescriptionError(FootbridgeError):
    """A prescription was refused whole; ``issues`` lists every fault with its JSON Pointer."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        count = len(self.issues)
        super().__init__(f"The prescription has {count} fault{'s' if count != 1 else ''}.")


class MappingFault(FootbridgeError):  # noqa: N818 - a fault of ours, not an error of the caller
    """Our mapping made resources that do not conform; ``issues`` says where."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        rules = ", ".join(sorted({issue.rule for issue in self.issues}))
        super().__init__(f"The mapping made resources that do not conform ({rules}).")


class LifecycleError(FootbridgeError):
    """The referral's state does not allow this event, or not from this actor; ``reason`` is its code."""

    def __init__(self, message: str, *, reason: str = "not-allowed") -> None:
        self.reason = reason
        super().__init__(message)


class ForbiddenError(FootbridgeError):
    """The principal's role may not do this."""


class NotFoundError(FootbridgeError):
    """The tenant has no such thing."""


class ConflictError(FootbridgeError):
    """The request contradicts what is stored. ``retry_after`` is in seconds, when waiting may help."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class PartnerError(FootbridgeError):
    """A partner's system answered badly. ``status`` is its HTTP status, None when there was no answer."""

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(message)


class PartnerUnavailable(PartnerError):  # noqa: N818 - reads as the state that it names
    """The partner cannot answer now; trying again later may help."""


class PartnerRefused(PartnerError):  # noqa: N818 - reads as the state that it names
    """The partner will not take this message; trying again unchanged will not help."""
