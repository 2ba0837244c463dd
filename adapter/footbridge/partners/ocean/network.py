"""The network ``ocean``: a site of Ocean, which brings referrals by message and gets the answers by message.

A requester only: no public way into Ocean for a new referral is documented. What comes in was posted to us and stored
(``web.ocean``); a poll reads it from there. What goes out is posted to Ocean by the jobs of the outbox.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from footbridge.errors import ConfigurationError, NotFoundError, PartnerError, PartnerRefused
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.partners.inbound import Inbound, Outcome, Poll
from footbridge.partners.ocean import answering
from footbridge.partners.ocean.answering import Sender
from footbridge.partners.ocean.client import OceanClient
from footbridge.partners.ocean.documents import want_documents
from footbridge.partners.ocean.inbox import OceanInbox
from footbridge.partners.ocean.listing import listing_for
from footbridge.partners.ocean.message import OceanMessage, read_message
from footbridge.partners.ocean.own_forms import own_forms
from footbridge.partners.ocean.site import OceanSite
from footbridge.partners.ocean.told import Told
from footbridge.partners.ocean.translate.answers import Answer, communication, forward, what_to_send
from footbridge.partners.ocean.values import is_revoked
from footbridge.partners.outgoing import Outgoing, OutgoingMessage, Sent
from footbridge.partners.ports import Capability, Connection
from footbridge.settings import settings
from footbridge.store import ocean_messages
from footbridge.store.engine import Database
from footbridge.store.holds import holds_of
from footbridge.store.ocean_sites import get_site
from footbridge.store.partners import Partner

_FINISHED: Final = frozenset({"applied", "known"})


class OceanNetwork:
    """One site; safe to share between threads."""

    carries: frozenset[Capability] = frozenset(
        {"referral", "status", "reason", "client", "output", "appointment", "message", "cancellation", "forward"}
    )
    polls = True

    def __init__(self, tenant: str, partner: Partner, client: OceanClient, database: Database, clock: Clock) -> None:
        """Connects nothing yet. Raises ConfigurationError for a partner that is no requester."""
        if partner.role != "requester":
            raise ConfigurationError(_("An Ocean site must be a requester: nothing can be referred into Ocean."))
        self._site = OceanSite(tenant, partner)
        self._client = client
        self._database = database
        self._clock = clock
        self._inbox = OceanInbox(database, self._site, clock)

    def deliver(self, outgoing: Outgoing) -> Sent:
        """Tell Ocean how the referral is; it has the referral itself already."""
        return self._answer(outgoing)

    def update(self, outgoing: Outgoing) -> Sent:
        """Tell Ocean how the referral is now."""
        return self._answer(outgoing)

    def send(self, message: OutgoingMessage) -> Sent:
        """Bring a message in words to the clinic."""
        received = self._newest(message.about)
        if received is None or not self._is_ours(received):
            return Sent(arrived=False)
        told = Told.read(message.about.context)
        if message.id in told.others:
            return Sent()
        answer = communication(message.text, message.id)
        by = replace(message.about, by=message.sender)
        return Sent(context=self._post([answer], received, by, told)[0].write())

    def forward(self, outgoing: Outgoing, to: str, reason: str | None) -> Sent:
        """Pass the referral on to another listing; what follows is no business of ours any more."""
        told, received = Told.read(outgoing.context), self._newest(outgoing)
        if told.forwarded is not None:
            return Sent()
        if received is None or not self._is_ours(received):
            raise PartnerRefused(_("In Ocean the referral is with another service now: it cannot be forwarded."))
        about = self._about(outgoing)
        request, task = answering.name_of(about, "request", to), answering.name_of(about, "task", to)
        answer = forward(to, request_id=request, task=task, reason=reason)
        return Sent(context=answering.forwarded(self._post([answer], received, outgoing, told)[0], to).write())

    def poll(self, cursor: str | None) -> Poll:  # noqa: ARG002 - the table knows what was processed
        """What the site posted and nobody has processed."""
        return self._inbox.poll()

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:  # noqa: ARG002 - the port's signature
        """Nothing: a message does not change."""
        return ()

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """Write what became of a message, and which documents of it are to be fetched."""
        if outcome.code in _FINISHED:  # before the message is settled, since nothing comes after that
            want_documents(self._database, self._site, int(inbound.cursor or 0), self._clock.now())
        self._inbox.acknowledge(inbound, outcome)

    def test(self) -> Connection:
        """Get a token, ask Ocean for its NamingSystem of site numbers, look at the site's listings and own forms."""
        try:
            own_forms()
            with self._database.read() as connection:
                now = self._site.at(connection)
        except (NotFoundError, ConfigurationError) as error:
            return Connection(reachable=False, problem=str(error))
        try:
            self._client.ping()
        except PartnerError as error:
            return Connection(reachable=error.status is not None, problem=str(error))
        known = {str(_("site {number}", number=now.number)): True, str(_("listings")): bool(now.listings)}
        problem = None if now.listings else _("The site has no listing: `footbridge partner listing add` adds one.")
        return Connection(reachable=True, problem=problem, software="Ocean", supports=known)

    def _answer(self, outgoing: Outgoing) -> Sent:
        told, received = Told.read(outgoing.context), self._newest(outgoing)
        if received is None:
            return Sent(arrived=False)  # it never came from Ocean: nothing is sent
        if told.forwarded is not None:
            return Sent()
        revoked = is_revoked(received, told)
        if not revoked and not self._is_ours(received):
            return Sent(arrived=False)
        with self._database.read() as connection:
            categories = answering.put_right(holds_of(connection, outgoing.tenant, outgoing.prescription))
        now = answering.state_of(outgoing, told, revoked=revoked, categories=categories)
        answers = what_to_send(told.state, now)
        after, refused = self._post(answers, received, outgoing, told)
        lost = [one.lossy for one in answers if one.lossy] + [one.for_person for one in answers if one.for_person]
        lost += refused
        return Sent(context=replace(after, state=now).write(), lost=tuple(map(str, lost)))

    def _post(
        self, answers: Sequence[Answer], received: OceanMessage, outgoing: Outgoing, told: Told
    ) -> tuple[Told, list[str]]:
        """Send the messages; returns what Ocean was told then, and what it did not take, in sentences."""
        at, by, lost = self._clock.now(), answering.acting(outgoing), list[str]()
        sender = Sender(self._endpoint(), self._client.base_url, self._about(outgoing))
        for said in answers:
            answer = answering.in_words_of(said, received.version)
            if said.event is not None and answer is None:
                lost.append(_("Ocean v0.10.0 has no message for corrections: inform the clinic of what changed."))
            if answer is None or answer.event is None:
                continue
            try:
                self._client.post(answering.message_for(answer, received, sender, told, by=by, at=at))
            except PartnerRefused as refused:
                if not answering.may_be_refused(answer, refused.status):
                    raise
                lost.append(_("Ocean did not take a correction: inform the clinic of what changed."))
            told = answering.after(told, answer, at)
        return told, lost

    def _about(self, outgoing: Outgoing) -> str:
        return f"{outgoing.tenant}/{self._site.partner.name}/{outgoing.document.identifier.value}"

    def _endpoint(self) -> str:
        """Where the site's messages come in, as the outside names it."""
        with self._database.read() as connection:
            number = get_site(connection, self._site.tenant, self._site.partner.name).number
        return f"{settings().own_url}/ocean/{number}/$process-message"

    def _newest(self, outgoing: Outgoing) -> OceanMessage | None:
        with self._database.read() as connection:
            return self._inbox.newest(connection, outgoing.document.identifier.value)

    def _is_ours(self, received: OceanMessage) -> bool:
        """Whether the referral is at one of the site's listings."""
        with self._database.read() as connection:
            return listing_for(received, self._site.at(connection).listings) is not None


def read_stored(database: Database, tenant: str, number: int) -> OceanMessage:
    """A stored message. Raises NotFoundError, UnreadableMessage."""
    with database.read() as connection:
        received = ocean_messages.get_message(connection, tenant, number)
    return read_message(received.body, limit=settings().ocean_message_bytes)
