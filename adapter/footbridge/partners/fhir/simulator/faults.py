"""What may go wrong at a simulated server: faults that strike single requests, and quirks that it always has."""

import random
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. Without a status the request takes effect, and it is its answer that suffers.

    Attributes:
        status: answer with this status and do nothing.
        retry_after: the Retry-After header with it: seconds, or an HTTP date.
        delay: wait so many seconds before anything else.
        truncate: cut the answer's JSON in half.
        drop: close the connection in place of an answer.
        method: strike requests of this method alone.
        route: strike this route alone, as ``FhirSimulator.requests`` names it: ``Task/{id}``.
    """

    status: int | None = None
    retry_after: int | str | None = None
    delay: float = 0.0
    truncate: bool = False
    drop: bool = False
    method: str | None = None
    route: str | None = None

    def strikes(self, method: str, route: str) -> bool:
        """Whether a request is of the kind that this fault is for."""
        return self.method in {None, method} and self.route in {None, route}


class Faults:
    """The faults to come; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._chance = 0.0
        self._random = random.Random(0)  # noqa: S311 - plays misfortune, guards nothing
        self._by_chance = Fault(status=503)

    def next(  # noqa: PLR0913 - the attributes of a Fault
        self,
        *,
        status: int | None = None,
        retry_after: int | str | None = None,
        delay: float = 0.0,
        truncate: bool = False,
        drop: bool = False,
        method: str | None = None,
        route: str | None = None,
        times: int = 1,
    ) -> None:
        """Let the next request that it is for meet this fault; ``times`` requests, one after the other."""
        fault = Fault(status, retry_after, delay, truncate, drop, method, route)
        with self._lock:
            self._planned += [fault] * times

    def sometimes(self, chance: float, fault: Fault | None = None, *, seed: int = 0) -> None:
        """Let each request meet a fault (503, unless another is given) with this chance from 0 to 1, till ``clear``."""
        with self._lock:
            self._chance, self._random = chance, random.Random(seed)  # noqa: S311 - as above
            self._by_chance = fault or Fault(status=503)

    def clear(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._planned.clear()
            self._chance = 0.0

    def take(self, method: str, route: str) -> Fault | None:
        """The fault that strikes this request, used up; None for a request that goes well."""
        with self._lock:
            fault = next((planned for planned in self._planned if planned.strikes(method, route)), None)
            if fault is not None:
                self._planned.remove(fault)
            elif self._by_chance.strikes(method, route) and self._random.random() < self._chance:
                fault = self._by_chance
            return fault


@dataclass(slots=True)
class Quirks:
    """How a simulated server differs from the standard, or from its kind; change it at any time.

    Attributes:
        token: the bearer token that it requires; None: it asks for none.
        stale_status: the answer to an If-Match that is out of date: 412, or 409 as some servers give.
        conditional_create: whether it obeys If-None-Exist, and declares so.
        rollback: whether a transaction that fails leaves nothing behind; otherwise it goes on after a failure, and
            answers 200 with the failure in its entry.
        locations: whether the answer to a transaction says where its entries went.
        paging: whether it links to the next page of a search.
        sorting: whether it obeys ``_sort``; otherwise newest first.
        whole_seconds: show ``meta.lastUpdated`` in whole seconds.
    """

    token: str | None = field(default=None, repr=False)
    stale_status: int = 412
    conditional_create: bool = True
    rollback: bool = True
    locations: bool = True
    paging: bool = True
    sorting: bool = True
    whole_seconds: bool = False
