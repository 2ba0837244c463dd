"""Reads all pages of a list, and notices when it pages for ever or changes meanwhile.

Where a record is missing, an import would take it as deleted. So when the total moved, a record came twice or fewer
came than the API counts, all pages are read again for what was missed, until a pass is quiet. A list that never is
quiet, or that ends too early each time, is an error; one that ends as it says but counts otherwise is a finding.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.records import Finding
from footbridge.i18n import _

MOST_PAGES: Final = 20_000
MOST_UNCOUNTED: Final = 2_000  # pages of a list that does not say how many objects it has
MOST_EXTRA: Final = 1_000  # objects beyond twice the total
MOST_PASSES: Final = 4
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its objects, how many there are in all (None: not said), and whether it is the last."""

    items: list[Item]
    total: int | None = None
    last: bool = False


Fetch = Callable[[int], Page]
"""The page with a number, from 0."""


@dataclass(slots=True)
class Walk:
    """Reads one list; ``findings`` are complete when it was read to the end."""

    fetch: Fetch
    identity: Callable[[Item], str]
    name: str  # of the list, for messages
    findings: list[Finding] = field(default_factory=list)
    _given: set[str] = field(default_factory=set)

    def items(self) -> Iterator[Item]:
        """Each object once. Raises DirectoryError."""
        known: set[str] | None = None
        for _again in range(MOST_PASSES):
            once = _Pass()
            for item in self._pass(once):
                if (key := self.identity(item)) not in self._given:
                    self._given.add(key)
                    yield item
            complete = once.total is None or len(once.seen) >= once.total
            if complete and not once.moved and not once.repeated:
                self._settle(once)
                return
            if (
                once.seen == known and not once.moved and not once.cut
            ):  # the same again: it counts otherwise than it gives
                self._settle(once)
                self.findings.append(Finding("api.total-differs", self.name, found=f"{once.total} / {len(once.seen)}"))
                return
            known = once.seen
        raise DirectoryError(
            _(
                "{name}: the list changed, or ended too early, each of the {most_passes} times that it "
                "was read, so records may be missing. Try again when nobody edits the directory.",
                name=self.name,
                most_passes=MOST_PASSES,
            )
        )

    def _settle(self, once: "_Pass") -> None:
        if gone := self._given - once.seen:
            self.findings.append(Finding("api.changed-while-read", self.name, found=f"{len(gone)}"))

    def _pass(self, once: "_Pass") -> Iterator[Item]:
        before: set[bytes] = set()
        ended = False  # a page said that it is the last, before all came that the list counts
        for number in range(MOST_PAGES):
            page = self.fetch(number)
            once.counted(page.total)
            if not page.items:
                once.cut = once.total is not None and len(once.seen) < once.total and not ended
                return
            mark = hashlib.blake2b(orjson.dumps(page.items, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
            if mark in before:
                if ended or (page.total is None and number == 1):  # the API does not page at all
                    return
                raise DirectoryError(
                    _(
                        "{name}: page {number} repeats an earlier page, so the list has no end. The API "
                        "does not page as it says; report it to who runs it.",
                        name=self.name,
                        number=number + 1,
                    )
                )
            before.add(mark)
            for item in page.items:
                once.saw(self.identity(item))
                yield item
            if once.total is not None and len(once.seen) > 2 * once.total + MOST_EXTRA:
                raise DirectoryError(
                    _("{name}: the list counts {total} and goes on without an end.", name=self.name, total=once.total)
                )
            if page.last and (once.total is None or len(once.seen) >= once.total):
                return
            ended = ended or page.last
            if once.total is None and number + 1 >= MOST_UNCOUNTED:
                raise DirectoryError(
                    _(
                        "{name}: the list has more than {most_pages} pages and does not say how many objects it has, "
                        "so it may have no end. Report it to who runs the API: an HSDS page has total_items.",
                        name=self.name,
                        most_pages=MOST_UNCOUNTED,
                    )
                )
        raise DirectoryError(
            _("{name}: the list has more than {most_pages} pages.", name=self.name, most_pages=MOST_PAGES)
        )


@dataclass(slots=True)
class _Pass:
    seen: set[str] = field(default_factory=set)
    total: int | None = None
    moved: bool = False
    cut: bool = False  # it ended before its total, and did not say that this was the last page
    repeated: bool = False

    def counted(self, total: int | None) -> None:
        self.moved = self.moved or (self.total is not None and total is not None and total != self.total)
        self.total = self.total if total is None else total

    def saw(self, key: str) -> None:
        self.repeated = self.repeated or key in self.seen
        self.seen.add(key)
