"""All that one simulated Ocean knows, behind one lock, and how to find it."""

import random
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.simulators.ocean.faults import Faults
from footbridge.simulators.ocean.habits import Habits
from footbridge.simulators.ocean.resources import Names
from footbridge.simulators.ocean.state import Arrival, Listing, Mail, Message, Referral, Side, Site, Step

_One = TypeVar("_One")
_INSTANT = timedelta(milliseconds=1)


@dataclass(slots=True)
class Ledger:
    """The state. ``lock`` guards it; it is not held while a message is posted to a receiver.

    ``attachments`` has for the key of each the ref of its referral, and which of its attachments it is.
    """

    clock: Clock
    names: Names
    habits: Habits
    faults: Faults
    random: random.Random
    lock: threading.RLock = field(default_factory=threading.RLock)
    sites: dict[str, Site] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    referrals: dict[str, Referral] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    of_referral: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    arrivals: list[Arrival] = field(default_factory=list)
    arrived_ids: set[str] = field(default_factory=set)
    mails: list[Mail] = field(default_factory=list)
    attachments: dict[str, tuple[str, int]] = field(default_factory=dict)

    def new_key(self) -> str:
        """A UUID of the seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def site(self, number: str) -> Site:
        """A site. Raises NotFoundError."""
        return _found(self.sites, number, _("Ocean has no site {name}.", name=number))

    def listing(self, reference: str) -> Listing:
        """A listing. Raises NotFoundError."""
        return _found(self.listings, reference, _("Ocean has no listing {name}.", name=reference))

    def referral(self, ref: str) -> Referral:
        """A referral. Raises NotFoundError."""
        return _found(self.referrals, ref, _("Ocean has no referral {name}.", name=ref))

    def target(self, referral: Referral) -> Site:
        """The site that has the referral now."""
        return self.sites[self.listings[referral.listing].site]

    def in_folders(self, side: Side, site: str | None = None) -> dict[str, list[str]]:
        """Refs by folder, as a side names it; of one receiving site, or of all."""
        with self.lock:
            made: dict[str, list[str]] = {}
            for one in self.referrals.values():
                if site is None or self.listings[one.listing].site == site:
                    made.setdefault(one.folder_name(side), []).append(one.ref)
            return made

    def stamp(self, referral: Referral) -> datetime:
        """The time of the referral's next message: now, and later than its last by a millisecond or more."""
        now = self.clock.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if referral.stamped is not None and now <= referral.stamped:
            now = referral.stamped + _INSTANT
        referral.stamped = now
        return now

    def note(self, referral: Referral, actor: str, event: str, before: str, note: str = "") -> None:
        """Add a line to the history; the folder after is the one that the referral is in."""
        step = Step(self.clock.now(), actor, event, before, referral.folder.received, note)
        referral.history.append(step)

    def queue(self, message: Message) -> None:
        """Add a message from Ocean, due as it says."""
        self.messages[message.id] = message
        self.of_referral[message.ref].append(message.id)


def _found(place: dict[str, _One], name: str, text: str) -> _One:
    if name not in place:
        raise NotFoundError(text)
    return place[name]
