"""Delivers Ocean's messages: at least once, several tries in the first hour, then hourly, abort after 96 hours.

Each message is tried on its own, so an older one that failed arrives after a newer one. At the first failure the
site's administrator gets mail, then once a day until a message is delivered or the settings are saved again.
Source: https://support.cognisantmd.com/hc/en-us/articles/17766051775501.
"""

import heapq
import threading
from collections.abc import Callable
from datetime import datetime

import orjson

from footbridge.simulators.ocean import tables
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.state import Mail, Message, Site, Try, pack


class Deliveries:
    """The queue of a ledger's messages, in the order in which they are due."""

    def __init__(self, ledger: Ledger, notice: Callable[[Message, int | None], None] | None = None) -> None:
        """``notice`` is called with each message that was tried, and the HTTP status."""
        self._ledger = ledger
        self._notice = notice
        self._heap: list[tuple[datetime, int, str]] = []
        self._count = 0
        self._running = threading.Lock()
        self._runs_in: int | None = None

    def add(self, message: Message | None) -> None:
        """Take a message into the queue; nothing for None."""
        if message is not None and message.due is not None:
            self._count += 1
            heapq.heappush(self._heap, (message.due, self._count, message.id))

    def next_due(self) -> datetime | None:
        """When something falls due next: a try, or a mail; None when nothing will."""
        with self._ledger.lock:
            times = [self._heap[0][0]] if self._heap else []
            times += [
                one.mailed + tables.schedule().mail for one in self._ledger.sites.values() if one.mailed and one.alert
            ]
            down = self._ledger.faults.down_until
            soonest = min(times, default=None)
            return max(soonest, down) if soonest and down and self._ledger.faults.is_down(soonest) else soonest

    def run_due(self) -> int:
        """Try what is due; the number of tries.

        A call from another thread waits its turn; one from inside a receiver returns 0, for the outer one goes on.
        """
        if self._runs_in == threading.get_ident():
            return 0
        with self._running:
            self._runs_in = threading.get_ident()
            try:
                return self._run()
            finally:
                self._runs_in = None

    def _run(self) -> int:
        tried = 0
        while (message := self._take()) is not None:
            self._try(message)
            tried += 1
        self._mail_daily()
        return tried

    def retry_now(self, site: Site) -> None:
        """The settings of a site were saved again: its alert ends, and what is queued is tried at once."""
        with self._ledger.lock:
            site.alert = site.mailed = None
            now = self._ledger.clock.now()
            waiting = {one.id: one for one in self._ledger.messages.values() if one.site == site.number}
            self._heap = [(now if id_ in waiting else due, count, id_) for due, count, id_ in self._heap]
            heapq.heapify(self._heap)

    def _take(self) -> Message | None:
        ledger = self._ledger
        with ledger.lock:
            now = ledger.clock.now()
            if not self._heap or self._heap[0][0] > now or ledger.faults.is_down(now):
                return None
            _due, _count, id_ = heapq.heappop(self._heap)
            return ledger.messages[id_]

    def _try(self, message: Message) -> None:
        ledger, rates = self._ledger, self._ledger.faults.rates
        site = ledger.sites[message.site]
        with ledger.lock:
            dropped, lost = ledger.faults.strikes(rates.drop), ledger.faults.strikes(rates.lose)
            body = self._body(message)
        status = site.post(body) if site.post is not None and not dropped else None
        status = None if lost else status
        with ledger.lock:
            self._record(message, site, status)
        if self._notice is not None:
            self._notice(message, status)

    def _body(self, message: Message) -> bytes:
        """As it was queued; under new ids when it is tried again and that is Ocean's habit."""
        if not message.tries or self._ledger.habits.retry_ids == "same":
            return message.body
        bundle, header = orjson.loads(message.body), self._ledger.new_key()
        bundle["id"] = self._ledger.new_key()
        first = bundle["entry"][0]
        first["resource"]["id"] = header
        if "fullUrl" in first:
            first["fullUrl"] = header
        message.packed = pack(bundle)
        return message.body

    def _record(self, message: Message, site: Site, status: int | None) -> None:
        plan, now = tables.schedule(), self._ledger.clock.now()
        message.tries.append(Try(now, status))
        first, last = plan.successes
        if status is not None and first <= status <= last:
            site.alert = site.mailed = None
            again, message.again = message.again and message.state != "delivered", False
            message.state, message.due = "delivered", now + self._ledger.faults.wait() if again else None
            self.add(message)
            return
        if message.state == "delivered":  # the second delivery of a duplicate need not arrive
            message.due = None
            return
        begun = message.tries[0].time
        message.due = next((begun + wait for wait in plan.tries if begun + wait > now), None)
        message.state = "queued" if message.due else "aborted"
        self.add(message)
        if site.alert is None:
            site.alert = now
            self._mail(site, "first")

    def _mail_daily(self) -> None:
        with self._ledger.lock:
            for site in self._ledger.sites.values():
                if site.alert and site.mailed and self._ledger.clock.now() >= site.mailed + tables.schedule().mail:
                    self._mail(site, "daily")

    def _mail(self, site: Site, kind: str) -> None:
        now = self._ledger.clock.now()
        queued = sum(1 for one in self._ledger.messages.values() if one.site == site.number and one.state == "queued")
        text = f"Ocean cannot deliver messages to the integration of site {site.number}; {queued} queued."
        site.mailed = now
        self._ledger.mails.append(Mail(now, site.mail, site.number, "first" if kind == "first" else "daily", text))
