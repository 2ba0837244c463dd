"""A simulated Ocean without its HTTP side: sites, listings, what clinics do, messages of both directions, the clock."""

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.model.clock import Clock, SystemClock
from footbridge.simulators.ocean import tables
from footbridge.simulators.ocean.acceptor import Acceptor, Answer
from footbridge.simulators.ocean.deliveries import Deliveries
from footbridge.simulators.ocean.draft import Draft
from footbridge.simulators.ocean.emitter import Emitter
from footbridge.simulators.ocean.faults import Faults
from footbridge.simulators.ocean.generator import ReferralGenerator
from footbridge.simulators.ocean.habits import Habits
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.listing_names import listing_reference
from footbridge.simulators.ocean.resources import Names
from footbridge.simulators.ocean.state import Arrival, Listing, Message, Post, Site, Version
from footbridge.simulators.ocean.tokens import Tokens
from footbridge.simulators.ocean.users import Users
from footbridge.simulators.ocean.views import Views

BASE: Final = "/svc/fhir/v1"
_IN_PROCESS: Final = "http://ocean.invalid"


class Ocean(Views):
    """One simulated Ocean, inside the process: ``process`` takes a message, a receiver is any function of a body."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        habits: Habits | None = None,
        notice: Callable[[Message | Arrival, int | None], None] | None = None,
    ) -> None:
        """Nothing has happened yet.

        Args:
            clock: by which everything happens; the machine's by default.
            seed: of referrals, ids and faults.
            habits: how it behaves where public documents are silent.
            notice: called with each message that was tried or came, and its HTTP status.
        """
        self._clock = clock or SystemClock()
        chance = random.Random(f"ocean keys {seed}")  # noqa: S311 - makes ids of examples
        super().__init__(Ledger(self._clock, Names(_IN_PROCESS + BASE), habits or Habits(), Faults(seed), chance))
        self.generator = ReferralGenerator(seed)
        self._deliveries = Deliveries(self._ledger, notice)
        self._emitter = Emitter(self._ledger, self._deliveries)
        self._acceptor = Acceptor(
            self._ledger, self._emitter, (lambda one: notice(one, one.status)) if notice else None
        )
        self.tokens = Tokens(self._ledger)
        self.users = Users(self._ledger, self._emitter)

    # Set-up

    def add_site(  # noqa: PLR0913 - what an administrator sets
        self,
        number: str,
        *,
        name: str | None = None,
        mail: str | None = None,
        receiver: Post | None = None,
        endpoint: str | None = None,
        version: Version = "0.11",
        client_id: str | None = None,
        client_secret: str = "site-secret",  # noqa: S107 - of a simulator
        informed: bool = False,
    ) -> Site:
        """Add a site, or change one: its settings are saved again, and what is queued is tried at once.

        Args:
            number: of the site.
            name: of its organization.
            mail: address of its clinical administrator.
            receiver: posts a body to the receiver; None: the site has no integration.
            endpoint: the Request URL that messages name; the receiver's ``url`` by default.
            version: of the messages.
            client_id: of the site's credentials; ``site-NUMBER`` by default.
            client_secret: as above.
            informed: whether it gets ``notify-add-service-request`` of referrals to others.
        """
        url = endpoint or getattr(receiver, "url", None) or "https://receiver.invalid/$process-message"
        site = Site(
            number, name or f"Site {number}", mail or f"admin@site-{number}.test", client_id or f"site-{number}",
            client_secret, receiver, str(url), version, informed,
        )  # fmt: skip
        with self._ledger.lock:
            self._ledger.sites[number] = site
        self._deliveries.retry_now(site)
        return site

    def add_listing(
        self,
        site: str,
        *,
        title: str = "Link Worker Program",
        external_service: str | None = None,
        reference: str | None = None,
        categories: Iterable[str] = ("385759002", "410223002", "49634009"),
    ) -> Listing:
        """Add a listing of a site. Raises NotFoundError for an unknown site.

        Args:
            site: its number.
            title: as clinics see it.
            external_service: its External Service ID.
            reference: a slug and eight digits; made from the title when left out.
            categories: SNOMED codes of the services that it offers.
        """
        ledger = self._ledger
        with ledger.lock:
            ledger.site(site)
            reference = reference or listing_reference(title, ledger.random)
            listing = Listing(reference, site, title, external_service, tuple(categories))
            ledger.listings[reference] = listing
        return listing

    # What happens

    def refer(self, draft: Draft | None = None, *, listing: str | None = None) -> str:
        """A clinic refers; the ref.

        Args:
            draft: what it writes; made by ``generator`` when left out.
            listing: reference of the listing; the first one when left out.

        Raises:
            ConfigurationError: there is no listing.
            NotFoundError: there is no such listing.
        """
        ledger = self._ledger
        with ledger.lock:
            if not ledger.listings:
                raise ConfigurationError(_("Add a site and a listing before a clinic refers."))
            found = ledger.listing(listing or next(iter(ledger.listings)))
            return self._emitter.refer(draft or self.generator.draft(), found).ref

    def process(self, site: str, body: bytes) -> Answer:
        """Take a message from a site, as ``POST $process-messages`` with its token does. Raises NotFoundError."""
        return self._acceptor.process(self._ledger.site(site), body)

    def emit(self, ref: str, event: str, *, to: str | None = None) -> Message | None:
        """Send any event about a referral, known or not, with the ServiceRequest in focus; None when nothing is sent.

        Args:
            ref: of the referral.
            event: code of the event.
            to: number of the site; the target's by default.
        """
        with self._ledger.lock:
            site = self._ledger.site(to) if to is not None else None
            reason = self.habits.shape.reason
            return self._emitter.send(self._ledger.referral(ref), event, (ref,), reason=reason, to=site)

    def resend(self, refs: Iterable[str], *, as_new: bool = False) -> int:
        """A bulk resend by an administrator: up to 1,000 referrals, as new or as update, one a second.

        Returns the number of messages queued. Raises ConfigurationError for more, NotFoundError for an unknown ref.
        """
        wanted = list(refs)
        plan = tables.schedule()
        if len(wanted) > plan.resend_maximum:
            raise ConfigurationError(_("Ocean resends at most {count} referrals at once.", count=plan.resend_maximum))
        with self._ledger.lock:
            found = [self._ledger.referral(ref) for ref in wanted]
            sent = [
                self._emitter.resend(one, as_new=as_new, after=plan.resend_pace * number)
                for number, one in enumerate(found)
            ]
        return sum(one is not None for one in sent)

    def run_due(self) -> int:
        """Deliver what is due now; the number of tries."""
        return self._deliveries.run_due()

    def advance(self, step: timedelta, *, between: Callable[[], object] | None = None) -> int:
        """Move the clock on, from one due delivery to the next; the number of tries.

        Args:
            step: how far.
            between: called after each stop, for instance to let the receiver work.

        Raises:
            ConfigurationError: the clock cannot be moved.
        """
        clock = self._clock
        move = getattr(clock, "advance", None)
        if move is None:
            raise ConfigurationError(_("The clock of this simulator cannot be moved."))
        end, tried = clock.now() + step, self.run_due()
        while True:
            due = self._deliveries.next_due()
            stop = min(max(due, clock.now()), end) if due is not None else end
            move(stop - clock.now())
            tried += self.run_due()
            if between is not None:
                between()
            if stop >= end:
                return tried

    def outage(self, length: timedelta) -> None:
        """Ocean is out for so long: it sends nothing, and answers 503."""
        with self._ledger.lock:
            self.faults.down_until = self._clock.now() + length

    @property
    def base_url(self) -> str:
        """Its origin, as its messages name it."""
        return self._ledger.names.fhir.removesuffix(BASE)
