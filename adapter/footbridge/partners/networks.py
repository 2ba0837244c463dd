"""The registry of networks: opens the connection to each partner once. ``MAKERS`` is where a network is added."""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from footbridge.errors import ConfigurationError
from footbridge.model.clock import Clock
from footbridge.partners.fhir.exchange import FhirExchange, Place
from footbridge.partners.fhir.hosted import HostedNetwork
from footbridge.partners.fhir.network import FhirNetwork, FhirPartner
from footbridge.partners.ports import LocalNetwork, Network
from footbridge.settings import settings
from footbridge.store.credentials import token_source
from footbridge.store.engine import Database
from footbridge.store.partners import Partner
from footbridge.validation import Validator


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a network may use of ours.

    Attributes:
        database: for what it keeps of its own.
        clock: the time that everything goes by.
        validator: for what partners send.
    """

    database: Database
    clock: Clock
    validator: Validator


Maker = Callable[[str, Partner, Surroundings], Network]
"""Makes the network of a tenant's partner. Raises ConfigurationError for an entry that no connection could use."""


def _fhir(tenant: str, partner: Partner, around: Surroundings) -> Network:
    how = FhirPartner(
        name=partner.name,
        base_url=partner.base_url,
        delivery=partner.delivery,
        timeout=settings().partner_timeout_seconds,
        allow_http=settings().allow_http,
    )
    server = FhirNetwork(how, token=token_source(partner.credential))
    return FhirExchange(Place(tenant, partner, around.database.read, around.clock, around.validator), server)


def _hosted(tenant: str, partner: Partner, around: Surroundings) -> Network:
    return HostedNetwork(tenant, partner, around.clock, around.validator)


MAKERS: dict[str, Maker] = {"fhir": _fhir, "hosted": _hosted}
LOCAL = frozenset({"hosted"})
"""Networks whose partners work in our own database."""


SKEW = timedelta(days=1)
"""How far the clock of a partner's server may be behind ours: its first poll starts so long ago."""


def first_cursor(network: str, now: datetime) -> str | None:
    """Where the first poll of a new partner starts; None: at the beginning.

    What a FHIR server held before is none of our Tasks, so that it is not read from the beginning of time.
    """
    return (now - SKEW).isoformat() if network == "fhir" else None


def register_network(name: str, maker: Maker) -> None:
    """Add a network: partners may be set to it from then on. Raises ConfigurationError where the name is taken."""
    if MAKERS.get(name, maker) is not maker:
        raise ConfigurationError(f"The network {name!r} exists already.")
    MAKERS[name] = maker


@functools.cache
def _validator() -> Validator:
    return Validator()


def local_network(tenant: str, partner: Partner, clock: Clock) -> LocalNetwork | None:
    """The network of a partner that works in our own database; None for every other partner."""
    return HostedNetwork(tenant, partner, clock, _validator()) if partner.network in LOCAL else None


class Networks:
    """The partners' networks; safe to share between threads."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._open: dict[tuple[str, Partner], Network] = {}
        self._lock = threading.Lock()

    def of(self, tenant: str, partner: Partner) -> Network:
        """The network of a partner; a partner whose entry changed gets a new one.

        Raises ConfigurationError for a network that is not built in, or a base URL that is not fit for use.
        """
        with self._lock:
            found = self._open.get((tenant, partner))
            if found is None:
                maker = MAKERS.get(partner.network)
                if maker is None:
                    raise ConfigurationError(
                        f"Partner {partner.name} has the network {partner.network!r}, which is not supported; "
                        f"supported: {', '.join(sorted(MAKERS))}."
                    )
                found = self._open[tenant, partner] = maker(tenant, partner, self._around)
            return found
