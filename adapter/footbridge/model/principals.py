"""Who makes something happen. Every channel (API, FHIR, portal, network, timer, command) acts as a Principal.

What a principal may see and do is for ``security.access`` (as conditions in SQL) and for the lifecycle's tables to
say; here is only who it is, whose behalf it acts on, and which way it came.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

Channel = Literal["api", "fhir", "portal", "network", "timer", "command", "outbox"]
"""The way that a principal came by: a request to us, a partner's own system (``network``), or our own work."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One party, in one role.

    Attributes:
        role: a role of ``mappings/lifecycle/actors.json``: ``requester``, ``recipient``, ``navigator``, ``person``,
            ``system`` or ``admin``.
        partner: name of the partner that it speaks for; None for the tenant's own users and timers.
        name: of the user, of the partner's organization, or of the timer; for the timeline.
        tenant: whose data it works on; empty where the transaction says it.
        channel: the way that it came by.
        scopes: SMART scopes that limit what it may do (``security.scopes``); None: nothing but its role does.
    """

    role: str
    partner: str | None = None
    name: str = ""
    tenant: str = ""
    channel: Channel = "api"
    scopes: tuple[str, ...] | None = None

    @property
    def source(self) -> str:
        """What the timeline shows as the source: the partner whose system said it, else the channel."""
        return self.partner or self.channel if self.channel == "network" else self.channel

    @property
    def reporter(self) -> str:
        """The key under which the time order of its reports is kept."""
        return f"own/{self.role}" if self.partner is None else f"partner/{self.partner}"

    @property
    def origin(self) -> str | None:
        """The partner whose own copy already shows what this principal did; None when every partner must be sent it."""
        return self.partner if self.channel == "network" else None

    def by(self, channel: Channel) -> Self:
        """The same principal, come another way."""
        return replace(self, channel=channel)


TIMER = Principal("system", name="timer", channel="timer")
"""Our own clock and routing."""
