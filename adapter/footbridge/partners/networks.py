"""The registry of networks: opens the connection to each partner once. ``MAKERS`` is where a network is added."""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.jobs.job import Handler
from footbridge.model.clock import Clock
from footbridge.partners.fhir.direct import TASK_ONLY, DirectServer
from footbridge.partners.fhir.exchange import FhirExchange, Place
from footbridge.partners.fhir.hosted import HostedNetwork
from footbridge.partners.fhir.hosted_server import Hosting
from footbridge.partners.fhir.network import FhirNetwork, FhirPartner
from footbridge.partners.fhir.oauth import AccessTokens
from footbridge.partners.fhir.oauth_clients import OAuthClient, client_of, read_client
from footbridge.partners.fhir.transport import Limits, Transport
from footbridge.partners.letter.network import LetterNetwork
from footbridge.partners.ocean.client import OceanClient
from footbridge.partners.ocean.documents import KIND as OCEAN_DOCUMENT
from footbridge.partners.ocean.documents import OceanDocuments
from footbridge.partners.ocean.network import OceanNetwork
from footbridge.partners.ports import LocalNetwork, Network, Token
from footbridge.security.own_keys import Signer, signer
from footbridge.settings import settings
from footbridge.store.credentials import SMART, oauth_file, token_source
from footbridge.store.engine import Database
from footbridge.store.partners import Partner
from footbridge.store.smart_servers import get_smart_server
from footbridge.validation import Validator

__all__ = [
    "LOCAL",
    "MAKERS",
    "UNPOLLED",
    "Hosting",
    "Networks",
    "Surroundings",
    "first_cursor",
    "has_compartment",
    "local_network",
    "register_network",
]


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
    is_direct = partner.delivery == TASK_ONLY
    how = FhirPartner(
        name=partner.name,
        base_url=partner.base_url,
        delivery="resources" if is_direct else partner.delivery,
        timeout=settings().partner_timeout_seconds,
        allow_http=settings().allow_http,
    )
    server = FhirNetwork(how, token=_token(tenant, partner, how, around))
    place = Place(tenant, partner, around.database.read, around.clock, around.validator)
    if not is_direct:
        return FhirExchange(place, server)
    ours = _our_fhir(partner)
    direct = DirectServer(server, ours, around.database, tenant, partner.name, around.clock)
    return FhirExchange(place, direct, ours=ours)


def _our_fhir(partner: Partner) -> str:
    """The base URL of our ``/fhir``, to which references of a Task lead. Raises ConfigurationError."""
    public = settings().public_url
    if public is None:
        raise ConfigurationError(
            _("{name} gets Tasks whose references lead to our /fhir: set FOOTBRIDGE_PUBLIC_URL.", name=partner.name)
        )
    return f"{public.rstrip('/')}/fhir"


def _token(tenant: str, partner: Partner, how: FhirPartner, around: Surroundings) -> Token | None:
    path = oauth_file(partner.credential)
    if path is None and partner.credential != SMART:
        return token_source(partner.credential)
    limits = Limits(connect=min(5.0, how.timeout), total=how.timeout)

    def sign(algorithm: str | None) -> Signer:
        return signer(around.database, around.clock.now(), algorithm)

    def client() -> OAuthClient:
        if path is not None:
            return read_client(path)
        with around.database.read() as connection:
            return client_of(get_smart_server(connection, tenant, partner.name), sign)

    return AccessTokens(how.base_url, client, limits, allow_http=how.allow_http, partner=how.name)


def _hosted(tenant: str, partner: Partner, around: Surroundings) -> Network:
    return HostedNetwork(tenant, partner, around.clock, around.validator)


def _ocean_client(_tenant: str, partner: Partner) -> OceanClient:
    """The site's Ocean: the credential is oauth:PATH, the token endpoint that of Ocean unless the file names one."""
    known = settings()
    limits = Limits(connect=min(5.0, known.partner_timeout_seconds), total=known.partner_timeout_seconds)
    path = oauth_file(partner.credential)
    token: Token | None = token_source(partner.credential) if path is None else None
    if path is not None:
        token = AccessTokens(
            partner.base_url,
            functools.partial(read_client, path),
            limits,
            allow_http=known.allow_http,
            partner=partner.name,
            in_body=True,
            endpoint=f"{partner.base_url.removesuffix('/fhir/v1')}/oauth2/token",
        )
    return OceanClient(
        Transport(partner.base_url, token=token, limits=limits, allow_http=known.allow_http, partner=partner.name)
    )


def _ocean(tenant: str, partner: Partner, around: Surroundings) -> Network:
    return OceanNetwork(tenant, partner, _ocean_client(tenant, partner), around.database, around.clock)


def _letter(tenant: str, partner: Partner, around: Surroundings) -> Network:
    return LetterNetwork(tenant, partner, around.database, around.clock)


MAKERS: dict[str, Maker] = {"fhir": _fhir, "hosted": _hosted, "letter": _letter, "ocean": _ocean}
FORWARDING = frozenset({"ocean"})
"""Networks of requesters that can pass a referral on to another place of their own directory."""

LOCAL = frozenset({"hosted"})
"""Networks whose partners work in our own database."""

UNPOLLED = LOCAL | {"letter"}
"""Networks from which all comes by itself."""


def has_compartment(partner: Partner) -> bool:
    """Whether a partner reads what it was given on our ``/fhir``: a hosted one, and one that gets the Task only."""
    return partner.network in LOCAL or partner.delivery == TASK_ONLY


SKEW = timedelta(days=1)
"""How far the clock of a partner's server may be behind ours: its first poll starts so long ago."""


def first_cursor(network: str, now: datetime) -> str | None:
    """Where the first poll of a new partner starts; None: at the beginning.

    What a FHIR server held before is none of our Tasks, so that it is not read from the beginning of time.
    """
    return (now - SKEW).isoformat() if network == "fhir" else None


def jobs_of_networks(around: Surroundings) -> dict[str, Handler]:
    """The kinds of jobs that networks bring with them, and their handlers."""
    return {OCEAN_DOCUMENT: OceanDocuments(around.database, around.clock, functools.cache(_ocean_client)).fetch}


def register_network(name: str, maker: Maker) -> None:
    """Add a network: partners may be set to it from then on. Raises ConfigurationError where the name is taken."""
    if MAKERS.get(name, maker) is not maker:
        raise ConfigurationError(_("The network {name!r} exists already.", name=name))
    MAKERS[name] = maker


@functools.cache
def _validator() -> Validator:
    return Validator()


def local_network(tenant: str, partner: Partner, clock: Clock) -> LocalNetwork | None:
    """The network of a partner that has a compartment, to take back what is there; None for every other partner."""
    return HostedNetwork(tenant, partner, clock, _validator()) if has_compartment(partner) else None


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
                        _(
                            "Partner {name} has the network {network!r}, which is not supported; supported: {makers}.",
                            name=partner.name,
                            network=partner.network,
                            makers=", ".join(sorted(MAKERS)),
                        )
                    )
                found = self._open[tenant, partner] = maker(tenant, partner, self._around)
            return found
