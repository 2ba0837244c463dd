"""The 211 National Data Platform, v2: search for organizations, then the export of each.

https://apiportal.211.org/apis. The key goes in the header ``Api-Key``. Nothing found is 204 or 404. Public clients
disagree whether ``skip``, ``size``, ``dataOwners`` and ``locationMode`` are parameters or headers, so both are sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.ndp_records import records
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _
from footbridge.partners.directories.answers import NOTHING
from footbridge.partners.directories.asking import Key
from footbridge.partners.directories.paging import Item, Page, Walk
from footbridge.partners.directories.transport import Transport

BASE: Final = "https://api.211.org/resources/v2"
ALL: Final[Mapping[str, str]] = {"keywords": "*"}
"""What finds everything."""
OURS: Final = frozenset({"skip", "size", "Api-Key", "Ocp-Apim-Subscription-Key", "subscription-key"})
"""Parameters that are not the user's to give: pages, and keys, which belong into no URL."""

_RESULTS: Final = ("results", "value", "items", "data", "records")


def key(reference: str) -> Key:
    """How the platform wants a key; ``reference`` is ``env:NAME`` or ``file:PATH``."""
    return Key(reference, header="Api-Key", prefix="")


@dataclass(slots=True)
class NationalDataPlatform:
    """One subscription. ``search`` holds further parameters of ``search/keyword`` (``keywords``, ``location`` ...)."""

    transport: Transport
    data_owners: Sequence[str] = ()
    search: Mapping[str, str] = field(default_factory=lambda: dict(ALL))
    size: int = 100

    def read(self, organizations: Sequence[str] = ()) -> Iterator[Record | Finding]:
        """Records of the organizations with these ids, or of all that the search finds; raises DirectoryError."""
        tally = Tally(f"{self.transport.host}: GET /export/organizations")
        walk: Walk | None = None
        wanted: Iterator[str] = iter(dict.fromkeys(organizations))
        if not organizations:
            walk = Walk(self._page, _identity, f"{self.transport.host}: GET /search/keyword")
            wanted = self._found(walk)
        for native in wanted:
            yield from self._organization(native, tally)
        yield from walk.findings if walk else ()
        yield from tally.counted()

    def _found(self, walk: Walk) -> Iterator[str]:
        seen: set[str] = set()
        for item in walk.items():
            native = _organization_id(item)
            if native is None:
                raise DirectoryError(
                    _("{name}: a result names no organization. The API has changed; report this.", name=walk.name)
                )
            if native not in seen:
                seen.add(native)
                yield native

    def _page(self, number: int) -> Page:
        paging = {"skip": str(number * self.size), "size": str(self.size)}
        owners = {"dataOwners": ",".join(self.data_owners)} if self.data_owners else {}
        query = [*self.search.items(), *paging.items(), *owners.items()]
        modes = {name: self.search[name] for name in ("locationMode", "distance") if name in self.search}
        route = f"GET /search/keyword (page {number + 1})"
        answer = self.transport.get("search/keyword", query, route=route, headers={**paging, **owners, **modes})
        if answer.status in NOTHING or answer.content is None:
            return Page([], last=True)
        content = answer.content
        listed = content if isinstance(content, list) else _listed(content)
        if listed is None or not all(isinstance(one, dict) for one in listed):
            raise DirectoryError(
                _("{host}: {route} gives no list of results. Check the URL.", host=self.transport.host, route=route)
            )
        total = content.get("count") if isinstance(content, dict) else None
        return Page(listed, total if isinstance(total, int) else None, last=len(listed) == 0)

    def _organization(self, native: str, tally: Tally) -> Iterator[Record | Finding]:
        route = "GET /export/organizations/{id}"
        owners = {"dataOwners": ",".join(self.data_owners)} if self.data_owners else {}
        answer = self.transport.get(f"export/organizations/{quote(native, safe='')}", route=route, headers=owners)
        if answer.status in NOTHING or answer.content is None:
            yield Finding("api.vanished", f"{self.transport.host}: {route}", kind="organization", native_id=native)
            return
        content: Any = answer.content
        listed = content if isinstance(content, list) else _listed(content) or [content]
        for one in listed:
            if not isinstance(one, dict):
                raise DirectoryError(
                    _(
                        "{host}: {route} gives something else than an organization.",
                        host=self.transport.host,
                        route=route,
                    )
                )
            yield from records(one, f"{self.transport.host}: /export/organizations", tally)


def _listed(content: Any) -> list[Any] | None:  # noqa: ANN401 - any JSON
    if not isinstance(content, dict):
        return None
    return next((content[name] for name in _RESULTS if isinstance(content.get(name), list)), None)


def _organization_id(item: Item) -> str | None:
    organization = item.get("organization")
    inner = organization.get("id") if isinstance(organization, dict) else None
    found = next((item[name] for name in ("idOrganization", "organizationId") if item.get(name)), inner)
    return str(found) if found else None


def _identity(item: Item) -> str:
    own = next((item[name] for name in ("id", "idServiceAtLocation") if item.get(name)), None)
    return str(own) if own else repr(sorted(item.items(), key=str))
