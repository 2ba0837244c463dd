"""An HSDS 3.x API, and the older Open Referral UK 1.0: version, services with all details, and what changed since.

https://docs.openreferral.org/en/3.1/hsds/api_reference.html. Objects are given as the API wrote them; the reader of
HSDS JSON makes records of them. A list is asked for with all details. Where an API does not know that, its list holds
one-to-one members only, and each service is read once more by its own address; where the first few have nothing more
there, the others are not asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from footbridge.directory.errors import DirectoryError
from footbridge.directory.records import Finding
from footbridge.i18n import _
from footbridge.partners.directories.answers import ABSENT, BEYOND, NOTHING, Answer
from footbridge.partners.directories.asking import Query
from footbridge.partners.directories.paging import Item, Page, Walk
from footbridge.partners.directories.transport import Transport

_REFUSED: Final = frozenset({400, 422})
_LESS: Final = (frozenset[str](), frozenset({"full"}), frozenset({"full", "per_page"}))
"""What is left out of the first request, until an API takes it."""

ENOUGH: Final = 5
"""How many services that have nothing more at their own address show that the list is whole."""

SEVERAL: Final = 3
"""How many lists in one service show that the API gives details, so that a service without any has none."""

_CONTENTS: Final = ("contents", "content", "items", "results", "data")
"""Members that hold the list: of HSDS 3, of ORUK 1.0, and of frameworks that page by themselves."""
_TOTALS: Final = ("total_items", "totalElements", "total", "count")
_NUMBERS: Final = ("page_number", "number")


@dataclass(slots=True)
class HsdsApi:
    """One API. ``findings`` hold what happened, once ``pages`` was read to the end."""

    transport: Transport
    per_page: int = 100
    ndjson: bool = True
    findings: list[Finding] = field(default_factory=list)
    _whole: bool = False  # the list was asked for with all details, and has them
    _alike: int = 0  # how many services of the list had nothing more at their own address

    def about(self) -> dict[str, Any]:
        """``version``, ``profile``, ``openapi_url`` as ``GET /`` says; empty where the API has no such page."""
        content = self.transport.probe("", route="GET /")
        return content if isinstance(content, dict) else {}

    def pages(
        self, modified_after: str | None = None, *, of: str = "services", optional: bool = False
    ) -> Iterator[Item]:
        """All objects of a list, each once, with details: ``services``, ``service_at_locations``, ``organizations``.

        Args:
            modified_after: ``YYYY-MM-DD`` or a date with time; None for all.
            of: the list.
            optional: one that the standard lets an API leave out, which then has nothing in it.

        Raises:
            DirectoryError: they cannot be read to the end; says what, where, and what to do.
        """
        filters: Query = [("modified_after", modified_after)] if modified_after else []
        whole = [*filters, ("full", "true")]
        streamed = False
        if self.ndjson:
            route = f"GET /{of}?format=ndjson"
            seen: set[str] = set()
            for item in self.transport.stream(of, [*whole, ("format", "ndjson")], route=route):
                streamed = True
                if (found := self._object(item, route)) and (key := _identity(found)) not in seen:
                    seen.add(key)
                    yield from self._detailed(found, of)
        if streamed:
            return
        walk = Walk(_Pages(self, of, whole, optional=optional), _identity, f"{self.transport.host}: GET /{of}")
        for item in walk.items():
            yield from self._detailed(item, of)
        self.findings += walk.findings

    def _detailed(self, item: Item, of: str) -> Iterator[Item]:
        """The object with its lists, from its own address where it came without."""
        lists = [name for name, content in item.items() if isinstance(content, list)]
        self._whole = self._whole or "service_at_locations" in lists or len(lists) >= SEVERAL
        if of != "services" or lists or self._whole or self._alike >= ENOUGH or not item.get("id"):
            yield item
            return
        answer = self.transport.get(f"{of}/{quote(str(item['id']), safe='')}", route=f"GET /{of}/{{id}}")
        if answer.status in NOTHING:
            place = f"{self.transport.host}: GET /{of}"
            self.findings.append(Finding("api.vanished", place, kind="service", native_id=str(item["id"])))
        elif found := self._object(answer.content, f"GET /{of}/{{id}}"):
            self._alike = self._alike + 1 if found.keys() <= item.keys() else -len(found)
            yield found

    def _object(self, found: Any, route: str) -> Item:  # noqa: ANN401 - any JSON
        if not isinstance(found, dict):
            raise DirectoryError(
                _("{host}: {route} gives something else than objects of HSDS.", host=self.transport.host, route=route)
            )
        return found


@dataclass(slots=True)
class _Pages:
    """Fetches the pages of one list: by number, or by the links that the API gives."""

    api: HsdsApi
    of: str
    query: Query
    optional: bool = False
    _first: int = 1  # what the API calls its first page
    _next: str | None = None
    _linked: bool = False  # a page has linked to the next one
    _bare: bool = False  # its pages are plain lists
    _asks: bool = False  # what it may be asked for is known
    _without: frozenset[str] = frozenset()  # parameters that it refuses

    def __call__(self, number: int) -> Page:
        """The page with a number from 0."""
        if number == 0:
            self._next = None
        answer = self._answer(number + self._first, number)
        if answer.content is None and answer.status in ABSENT | BEYOND:
            return self._nothing(answer, number)
        page = self._page(answer.content)
        if number == 0 and self._first == 1 and _is_second(answer.content):  # it counts from 0, as Spring does
            self._first = 0
            return self(0)
        return page

    def _answer(self, number: int, index: int) -> Answer:
        route = f"GET /{self.of} (page {index + 1})"
        if self._next is not None:
            answer = self.api.transport.get(self._next, route=route)
        else:
            nothing = ABSENT if self.optional and index == 0 else BEYOND if self._bare and index else NOTHING
            answer = self._asked(number, route, nothing)
        link = _next_link(answer)
        self._next = None if link is None else self.api.transport.onward(link, self.of)
        self._linked = self._linked or self._next is not None
        return answer

    def _asked(self, number: int, route: str, nothing: frozenset[int]) -> Answer:
        """A page by its number; an API that does not take details, or pages of our size, is asked without."""
        transport = self.api.transport
        paging = [("page", str(number)), ("per_page", str(self.api.per_page))]
        refused = frozenset() if self._asks else _REFUSED
        for left in range(len(_LESS)) if not self._asks else ():
            query = [pair for pair in (*self.query, *paging) if pair[0] not in _LESS[left]]
            answer = transport.get(self.of, query, route=route, nothing=nothing | refused)
            if answer.status not in refused - nothing:
                self._without, self._asks = _LESS[left], True
                return answer
        query = [pair for pair in (*self.query, *paging) if pair[0] not in self._without]
        return transport.get(self.of, query, route=route, nothing=nothing)

    def _nothing(self, answer: Answer, number: int) -> Page:
        filtered = any(name == "modified_after" for name, _ in self.query)
        if answer.status == 404 and number == 0 and not filtered and not self.optional:
            raise DirectoryError(
                _(
                    "{host} has no /{of} below the URL given. Give the URL before /{of}.",
                    host=self.api.transport.host,
                    of=self.of,
                )
            )
        return Page([], last=True)

    def _page(self, content: Any) -> Page:  # noqa: ANN401 - any JSON
        if isinstance(content, list):
            self._bare = True  # how long a page is, the API decides: only the page after the last one says
            return Page(_objects(content, self), last=not content or (self._linked and self._next is None))
        if not isinstance(content, dict):
            raise self._wrong()
        listed = next((content[name] for name in _CONTENTS if isinstance(content.get(name), list)), None)
        total = _number(content, _TOTALS)
        if listed is None:
            if content.get("empty") is True or total == 0:
                return Page([], total=0, last=True)
            raise self._wrong()
        if total is None and isinstance(content.get("meta"), dict):
            total = _number(content["meta"], _TOTALS)
        last = content.get("last_page", content.get("last"))
        return Page(_objects(listed, self), total, last is True and self._next is None)

    def _wrong(self) -> DirectoryError:
        host = self.api.transport.host
        return DirectoryError(
            _("{host}: GET /{of} gives no page of HSDS. Check that the URL is an HSDS API.", host=host, of=self.of)
        )


def _objects(listed: list[Any], pages: _Pages) -> list[Item]:
    return [pages.api._object(one, f"GET /{pages.of}") for one in listed]  # noqa: SLF001 - of this module


def _is_second(content: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether the page that was asked for as 1 says that it is not the first."""
    if not isinstance(content, dict):
        return False
    return content.get("first_page", content.get("first")) is False and _number(content, _NUMBERS) == 1


def _number(content: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        found = content.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        if isinstance(found, str) and found.isdecimal():
            return int(found)
    return None


def _next_link(answer: Answer) -> str | None:
    """The next page where the API links to it, https://www.rfc-editor.org/rfc/rfc8288."""
    for part in answer.headers.get("Link", "").split(","):
        target, _, rest = part.strip().partition(">")
        if target.startswith("<") and 'rel="next"' in rest.replace("'", '"'):
            return target[1:]
    return None


def _identity(item: Item) -> str:
    found = item.get("id")
    return str(found) if found else repr(sorted(item.items(), key=str))
