"""What a test looks at: folders, referrals, messages of both directions, mails; and what it sets."""

from datetime import datetime

from footbridge.simulators.ocean.faults import Faults
from footbridge.simulators.ocean.habits import Habits
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.state import Arrival, Mail, Message, Referral, Side


class Views:
    """The state of one simulated Ocean, to read."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def habits(self) -> Habits:
        """How it behaves where public documents are silent; may be changed while it runs."""
        return self._ledger.habits

    @property
    def faults(self) -> Faults:
        """What goes wrong; may be changed while it runs."""
        return self._ledger.faults

    @property
    def ledger(self) -> Ledger:
        """Its state, for the page and for what has no method here."""
        return self._ledger

    def now(self) -> datetime:
        """The time by its clock."""
        return self._ledger.clock.now()

    def referral(self, ref: str) -> Referral:
        """A referral with its history. Raises NotFoundError."""
        return self._ledger.referral(ref)

    def folder(self, ref: str, side: Side = "received") -> str:
        """The folder of a referral, as a side names it. Raises NotFoundError."""
        return self._ledger.referral(ref).folder_name(side)

    def folders(self, side: Side = "received", site: str | None = None) -> dict[str, list[str]]:
        """The refs in each folder that has any; of one receiving site, or of all."""
        return self._ledger.in_folders(side, site)

    def messages(self, ref: str | None = None) -> list[Message]:
        """The messages from Ocean, about one referral or all, in the order in which they were made."""
        with self._ledger.lock:
            ids = self._ledger.of_referral.get(ref, []) if ref is not None else list(self._ledger.messages)
            return [self._ledger.messages[id_] for id_ in ids]

    def arrivals(self, ref: str | None = None) -> list[Arrival]:
        """The messages to Ocean, about one referral or all, in the order of their arrival."""
        with self._ledger.lock:
            return [one for one in self._ledger.arrivals if ref is None or one.ref == ref]

    def mails(self) -> list[Mail]:
        """The mails to administrators."""
        with self._ledger.lock:
            return list(self._ledger.mails)
