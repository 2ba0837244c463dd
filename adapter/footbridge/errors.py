"""Every exception that Footbridge raises to its callers; those of a layer stand in its own module, and here by name.

FootbridgeError
├── ConfigurationError        a setting, partner or data file is wrong; says how to correct it
│   └── PackageError          a FHIR package cannot be used (footbridge.validation.packages)
│       └── PackageNotFound   there is no such package here; says how to get it
├── PrescriptionError         a prescription has faults; carries every one as an Issue
├── MappingFault              our own mapping made something that does not conform; never the caller's fault
├── ForbiddenError            the principal's role may not do this
│   └── NotSignedIn           a sign-in ends without a session (footbridge.security.openid); a word says why
├── LifecycleError            a referral event that cannot be applied
│   └── OpenReferralError     a client's prescription has not ended (footbridge.referrals.client_data)
├── NotFoundError             no such prescription, partner, tenant
├── ConflictError             the same key or identifier with another content, or a stale version
│   └── LeaseLostError        another request has taken the key over (footbridge.store.idempotency)
├── PartnerError              a partner's system answered badly
│   ├── PartnerUnavailable    try again later (5xx, 429, timeout, refused connection)
│   └── PartnerRefused        trying again will not help (other 4xx, an answer that is not FHIR)
│       └── StaleVersion      it has another version than the update names (footbridge.partners.fhir)
├── InteractionError          a FHIR interaction was refused (footbridge.store.interaction_errors); its HTTP status:
│   ├── InvalidRequest        400   the request itself is wrong
│   ├── NotSupported          400   it asks for what the server cannot do
│   ├── Forbidden             403   the caller may not do this
│   ├── NotFound              404   no such resource, version or address
│   ├── MethodNotAllowed      405   the address takes other methods
│   ├── NotAcceptable         406   no form of the answer that the caller accepts
│   ├── Gone                  410   the resource was deleted
│   ├── PreconditionFailed    412   another version than the caller knows
│   │   └── MultipleMatches   412   criteria that match several resources
│   ├── UnsupportedMediaType  415   the body has a form that is not read
│   ├── UnprocessableEntity   422   the resource is refused; its issues say why
│   ├── NotOffered            501   an interaction of FHIR that the server does not have
│   └── Overloaded            503   too much of this runs at the moment
├── TokenError                a token endpoint refuses a request (footbridge.security.assertions); its RFC 6749 code
├── DirectoryError            a directory's source cannot be read (footbridge.directory)
├── UnreadableMessage         a message of Ocean can never be processed (footbridge.partners.ocean.message)
├── FHIRPathError             an expression was refused (footbridge.validation.fhirpath)
└── Undecided                 the result of an expression depends on what is unknown here
"""

from collections.abc import Sequence

from footbridge.i18n import _, _n
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
        super().__init__(_n("The prescription has {count} error.", "The prescription has {count} errors.", count))


class MappingFault(FootbridgeError):  # noqa: N818 - a fault of ours, not an error of the caller
    """Our mapping made resources that do not conform; ``issues`` says where."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        rules = ", ".join(sorted({issue.rule for issue in self.issues}))
        super().__init__(_("The mapping made resources that do not conform ({rules}).", rules=rules))


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
