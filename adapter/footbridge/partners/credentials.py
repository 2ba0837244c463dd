"""Bearer tokens from a partner's credential, which is kept by reference: ``env:NAME`` or ``file:PATH``."""

from footbridge.partners.ports import Token
from footbridge.store.credentials import check_reference, resolve_credential


def token_source(reference: str | None) -> Token | None:
    """A source of bearer tokens; None for a partner without a credential.

    The secret is read at each call, so that a changed variable or file is seen at once. Raises ConfigurationError
    for another kind of reference; the source itself raises it when there is no secret.
    """
    if not reference:
        return None
    check_reference(reference)
    return lambda: resolve_credential(reference)
