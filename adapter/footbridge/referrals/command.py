"""One thing that a user of ours asks for besides writing a prescription: an event, with what goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from footbridge.model.prescription import Client, Consent
from footbridge.partners.ports import Output
from footbridge.referrals.follow_ups import FollowUpSaid
from footbridge.referrals.report_back import Reported

Which = Literal["main", "follow-up"]


@dataclass(frozen=True, slots=True)
class NewPart:
    """One part of a split: what is wanted, in which SDOH category, from whom (None: by the routes)."""

    description: str
    category: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a user asks for.

    Attributes:
        event: ``route``, ``split``, ``answer``, a decision (``decisions.ACTIONS``), or an event of the lifecycle's
            tables.
        referral: the referral meant; the newest try of the whole when None.
        at: when it happened; now when None. Never in the future.
        reason: why, where the tables ask for it.
        which: the referral's own Task or the practice's follow-up.
        partner: for ``route``, ``forward``, ``replace``.
        parts: for ``split``.
        happened: for ``answer``: yes, no or partly.
        goal: for ``answer``: a goal-achievement code for every goal.
        goals: for ``answer``: (index into the prescription's goals, code).
        consent: for ``confirm-consent``.
        needs: for ``confirm-needs``: (index into the prescription's needs, right category) of each wrong guess.
        client: for ``confirm-records``: who the client is.
        to: for ``forward``: the place, as the requester's directory names it; else ``partner`` is who gets it.
        outputs: for ``complete``: what was done, in words and codes.
        said: for ``answer``: what the person said besides.
        description: for ``replace``: what is asked for instead; ``partner`` whom.
        listed: for ``route``, ``forward``: the id of the service of the directory that the partner is asked for.
        reported: for ``report-back``: what became of each need, and what was found.
    """

    event: str
    referral: str | None = None
    at: datetime | None = None
    reason: str | None = None
    which: Which = "main"
    partner: str | None = None
    parts: Sequence[NewPart] = ()
    happened: str | None = None
    goal: str | None = None
    goals: Sequence[tuple[int, str]] = ()
    consent: Consent | None = None
    needs: Sequence[tuple[int, str]] = ()
    client: Client | None = None
    to: str = ""
    outputs: Sequence[Output] = ()
    said: FollowUpSaid | None = None
    description: str | None = None
    reported: Reported | None = None
    listed: str | None = None
