"""The network ``letter``: what is asked goes out as a letter; the answer comes by the link in it, or by phone.

A letter says the whole referral. When something of it changes for a service that has it (a need, a person who must not
be contacted any more), another letter replaces it; when the referral is called off, a letter without a person says so.
Each letter is a row before it leaves, and marked when it has left, so that a repeat of the job sends it once.
"""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Final

from footbridge.directory.asking import Asker
from footbridge.errors import ConfigurationError
from footbridge.i18n import _, speaking
from footbridge.letters import words
from footbridge.letters.pdf import must_be_available, pdf_of
from footbridge.letters.service_letter import public_sender
from footbridge.letters.values import Letter, Reply
from footbridge.model.clock import Clock
from footbridge.partners.letter.ways import Folder, reply_address, way_of
from footbridge.partners.letter.writing import fingerprint, language_for, write
from footbridge.partners.ports import Capability, Connection, Inbound, Outcome, Outgoing, OutgoingMessage, Poll, Sent
from footbridge.settings import settings
from footbridge.store import letters
from footbridge.store.engine import Database
from footbridge.store.letters import Kind, LetterSetting
from footbridge.store.partners import Partner

_CALLED_OFF: Final = frozenset({"cancelled", "entered-in-error"})


class LetterNetwork:
    """One service; safe to share between threads."""

    carries: frozenset[Capability] = frozenset(
        {"referral", "status", "reason", "client", "output", "message", "cancellation"}
    )
    polls = False

    def __init__(self, tenant: str, partner: Partner, database: Database, clock: Clock) -> None:
        """Sends nothing yet. Raises ConfigurationError for an entry that no letter could use."""
        if partner.role != "recipient":
            raise ConfigurationError(_("Letters go to services: a partner of the network letter is a recipient."))
        must_be_available()
        self._way = way_of(partner.base_url)
        self._tenant = tenant
        self._partner = partner
        self._database = database
        self._clock = clock

    def deliver(self, outgoing: Outgoing) -> Sent:
        """Send the letter, once."""
        there = self._newest(outgoing) is not None
        if not there and not outgoing.ended:
            self._send(outgoing, "referral")
        return Sent(arrived=there or not outgoing.ended)

    def update(self, outgoing: Outgoing) -> Sent:
        """Send another letter where the service has one that is no longer true."""
        newest = self._newest(outgoing)
        if newest is None:
            return Sent()
        if outgoing.ended:
            if outgoing.referral.status in _CALLED_OFF and newest.kind != "withdrawn":
                self._send(outgoing, "withdrawn")
        elif newest.fingerprint != self._fingerprint(outgoing):
            self._send(outgoing, "changed")
        return Sent()

    def send(self, message: OutgoingMessage) -> Sent:
        """Send a message as a letter, once; a document cannot go with it."""
        about = message.about
        with self._database.read() as connection:
            done = letters.is_message_sent(connection, self._tenant, about.prescription, message.id)
        if not done:
            self._send(about, "message", text=message.text, message=message.id)
        return Sent()

    def poll(self, cursor: str | None) -> Poll:  # noqa: ARG002 - answers come by the link
        """Nothing: an answer comes by itself."""
        return Poll()

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:  # noqa: ARG002 - the port's signature
        """Nothing: there is nobody to ask."""
        return ()

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """Nothing: the page says it."""

    def test(self) -> Connection:
        """Whether the folder can be written to; an address of e-mail cannot be tested without sending."""
        if isinstance(self._way, Folder):
            problem = self._way.problem()
            return Connection(problem is None, problem)
        with self._database.read() as connection:
            setting = letters.setting_of(connection, self._tenant, self._partner.name)
        known = {str(_("code for all letters")): setting.code is not None, str(_("PDF attached")): setting.attach}
        return Connection(reachable=True, supports=known)

    def _newest(self, outgoing: Outgoing) -> letters.Letter | None:
        """The newest letter that says the referral; messages do not count."""
        with self._database.read() as connection:
            found = letters.letters_of(connection, self._tenant, outgoing.prescription, outgoing.referral.id)
        return next((one for one in found if one.kind != "message" and one.partner == self._partner.name), None)

    def _fingerprint(self, outgoing: Outgoing) -> str:
        with self._database.read() as connection:
            setting = letters.setting_of(connection, self._tenant, self._partner.name)
        return fingerprint(outgoing, language_for(outgoing, setting.language), self._zone())

    def _send(self, outgoing: Outgoing, kind: Kind, *, text: str = "", message: str | None = None) -> None:
        """Write the row, send the letter, mark the row; no transaction is open while the letter is on its way."""
        now = self._clock.now()
        secret, own = letters.new_code(12), letters.new_code()
        expires = now + timedelta(days=settings().reply_link_days)
        zone = self._zone()
        with self._database.write() as connection:
            setting = letters.setting_of(connection, self._tenant, self._partner.name)
            language = language_for(outgoing, setting.language)
            code = own if setting.code is None or isinstance(self._way, Folder) else None
            made = letters.Letter(
                tenant=self._tenant,
                digest=letters.digest_of_link(secret),
                partner=self._partner.name,
                prescription=outgoing.prescription,
                referral=outgoing.referral.id,
                kind=kind,
                fingerprint=fingerprint(outgoing, language, zone),
                code=None if code is None else letters.digest_of_code(code),
                tries=0,
                expires=expires,
                sent=None,
            )
            letters.put_letter(connection, made, now, about=message)
        letter = write(outgoing, kind, language, at=now, zone=zone, text=text)
        with speaking(language):
            until = words.day(expires, zone)
        reply = None if kind in {"withdrawn", "message"} else Reply(reply_address(secret), code, until)
        with speaking(language):
            sender = public_sender(outgoing.document)
        self._bring(letter, reply, reply_address(secret), setting, sender)
        with self._database.write() as connection:
            letters.mark_sent(connection, self._tenant, made.digest, now)

    def _zone(self) -> tzinfo:
        return Asker(self._database, self._clock).zone_of_people(self._tenant)

    def _bring(
        self, letter: Letter, reply: Reply | None, link: str, setting: LetterSetting, sender: Sequence[str]
    ) -> None:
        if isinstance(self._way, Folder):
            self._way.put(pdf_of(letter, reply))
            return
        apart = None if reply is None else Reply(reply.address, None, reply.until)  # the code comes another way
        attached = pdf_of(letter, apart) if setting.attach else None
        own = setting.code is None
        self._way.announce(link, letter.language, sender=sender, attachment=attached, own_code=own)
