"""Opens the connection to each partner once, by the partner's network. ``MAKERS`` is where a new network is added."""

import threading
from collections.abc import Callable

from footbridge.errors import ConfigurationError
from footbridge.partners.credentials import token_source
from footbridge.partners.fhir.network import FhirNetwork, FhirPartner
from footbridge.partners.ports import Network
from footbridge.settings import settings
from footbridge.store.partners import Partner


def _fhir(partner: Partner) -> Network:
    how = FhirPartner(
        name=partner.name,
        base_url=partner.base_url,
        delivery=partner.delivery,
        timeout=settings().partner_timeout_seconds,
        allow_http=settings().allow_http,
    )
    return FhirNetwork(how, token=token_source(partner.credential))


MAKERS: dict[str, Callable[[Partner], Network]] = {"fhir": _fhir}


class Networks:
    """The partners' connections; safe to share between threads."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Partner], Network] = {}
        self._lock = threading.Lock()

    def of(self, tenant: str, partner: Partner) -> Network:
        """The connection to a partner; a partner whose entry changed gets a new one.

        Raises ConfigurationError for a network that is not built in, or a base URL that is not fit for use.
        """
        with self._lock:
            found = self._open.get((tenant, partner))
            if found is None:
                maker = MAKERS.get(partner.network)
                if maker is None:
                    raise ConfigurationError(f"Partner {partner.name} has an unknown network {partner.network!r}.")
                found = self._open[tenant, partner] = maker(partner)
            return found
