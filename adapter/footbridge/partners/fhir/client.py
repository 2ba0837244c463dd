"""A FHIR R4 client: the interactions that Footbridge needs, one method each (https://hl7.org/fhir/R4/http.html).

A client belongs to one partner and may be shared between threads. What it hands back has been looked at: types and
ids have the form that FHIR gives them, so that they can go into a path. ``answers`` says which errors it raises.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode, urljoin

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir import remotes, responses, searching
from footbridge.partners.fhir.capabilities import Capabilities, read_capabilities
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.remotes import TYPE
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.server import Remote, Resource
from footbridge.partners.fhir.transaction import read_transaction
from footbridge.partners.fhir.transport import FHIR_JSON, Limits, Query, Transport
from footbridge.partners.ports import Token
from footbridge.store import exact_json
from footbridge.store.interactions.preconditions import ID

MAX_PAGES: Final = 500


class FhirClient:
    """One partner's FHIR server."""

    def __init__(
        self,
        base_url: str,
        *,
        token: Token | None = None,
        timeout: float = 30.0,
        allow_http: bool = False,
        partner: str = "",
    ) -> None:
        """Connect nothing yet.

        Args:
            base_url: of the server, from configuration; https, or http on loopback.
            token: gives the bearer token for each request.
            timeout: longest wait for one answer, in seconds.
            allow_http: take plain http to another host too, as inside a closed network.
            partner: its name in our configuration, for the log.

        Raises:
            ConfigurationError: the base URL is not fit for use.
        """
        limits = Limits(connect=min(5.0, timeout), total=timeout)
        self.partner = partner
        self._transport = Transport(base_url, token=token, limits=limits, allow_http=allow_http, partner=partner)
        self._capabilities: Capabilities | None = None
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """The server's base URL, with no slash at its end."""
        return self._transport.base_url

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def capabilities(self) -> Capabilities:
        """What the server declares; asked for once."""
        with self._lock:
            if self._capabilities is None:
                doing = "the question for its CapabilityStatement"
                answer = self._transport.send("GET", "metadata", route="metadata")
                responses.require_success(answer, doing)
                self._capabilities = read_capabilities(responses.resource(answer, doing, type_="CapabilityStatement"))
            return self._capabilities

    def read(self, type_: str, id_: str) -> Resource:
        """The current version. A resource that is missing or gone is a PartnerRefused with status 404 or 410."""
        return self._get(type_, id_, f"{type_}/{id_}", f"{type_}/{{id}}")

    def vread(self, type_: str, id_: str, version: str) -> Resource:
        """One version, current or past."""
        _require(ID, version)
        return self._get(type_, id_, f"{type_}/{id_}/_history/{version}", f"{type_}/{{id}}/_history/{{vid}}")

    def _get(self, type_: str, id_: str, path: str, route: str) -> Resource:
        _require(TYPE, type_)
        _require(ID, id_)
        answer = self._transport.send("GET", path, route=route)
        responses.require_success(answer, f"the read of a {type_}")
        return responses.resource(answer, f"the read of a {type_}", type_=type_)

    def create(self, resource: Resource, if_none_exist: str | None = None) -> Remote:
        """Create a resource, or find the one that the condition names (https://hl7.org/fhir/R4/http.html#ccreate).

        Raises PartnerRefused with status 412 when several resources meet the condition.
        """
        type_ = _require(TYPE, resource["resourceType"])
        doing = f"the create of a {type_}"
        headers = {"Content-Type": FHIR_JSON}
        if if_none_exist:
            headers["If-None-Exist"] = searching.header_value(if_none_exist)
        body = exact_json.dumps(resource).encode()
        answer = self._transport.send("POST", type_, route=type_, headers=headers, body=body)
        responses.require_success(answer, doing)
        remote = remotes.of_answer(answer, responses.optional_resource(answer, doing), type_)
        return remote or self._found_after(type_, if_none_exist, doing)

    def update(self, resource: Resource, if_match: str | None = None) -> Remote:
        """Replace a resource; with ``if_match``, only that version of it, else StaleVersion is raised."""
        type_, id_ = _require(TYPE, resource["resourceType"]), _require(ID, resource["id"])
        headers = {"Content-Type": FHIR_JSON}
        if if_match is not None:
            headers["If-Match"] = f'W/"{if_match}"'
        doing = f"the update of a {type_}"
        body = exact_json.dumps(resource).encode()
        answer = self._transport.send("PUT", f"{type_}/{id_}", route=f"{type_}/{{id}}", headers=headers, body=body)
        responses.require_success(answer, doing, if_match=if_match is not None)
        remote = remotes.of_answer(answer, responses.optional_resource(answer, doing), type_)
        return replace(remote, id=id_) if remote else Remote(type_, id_)

    def transaction(self, bundle: Resource) -> dict[str, Remote]:
        """Post a transaction Bundle; where each entry now lives, by its ``fullUrl``.

        A server that leaves out where an entry went is asked by the entry's ``ifNoneExist``.
        """
        doing = f"the transaction of {len(bundle['entry'])} entries"
        headers = {"Content-Type": FHIR_JSON}
        answer = self._transport.send("POST", "", route="", headers=headers, body=exact_json.dumps(bundle).encode())
        responses.require_success(answer, doing)
        found = read_transaction(bundle, responses.resource(answer, doing, type_="Bundle"))
        return {
            entry["fullUrl"]: remote
            or self._found_after(entry["resource"]["resourceType"], entry["request"].get("ifNoneExist"), doing)
            for entry, remote in zip(bundle["entry"], found, strict=True)
        }

    def search(self, type_: str, query: Query) -> Iterator[Resource]:
        """Every match and what it includes, page by page; OperationOutcomes are left out."""
        for page in self.pages(type_, query):
            yield from matches(page)

    def pages(self, type_: str, query: Query) -> Iterator[Resource]:
        """The searchset Bundles, as long as each names a next one.

        Raises PartnerRefused where the pages lead to another server, in a circle, or on and on.
        """
        doing = f"a search of {type_}"
        posted = searching.is_personal(type_, query)
        page = self._searchset(self._search(_require(TYPE, type_), query, posted=posted), doing)
        yield page
        seen: set[str] = set()
        while (url := next_link(page)) is not None:
            url = urljoin(f"{self.base_url}/", url)
            if not self._transport.same_server(url):
                raise PartnerRefused("The partner's next page is on another server: it is not followed.")
            if url in seen or len(seen) >= MAX_PAGES:
                raise PartnerRefused(f"The partner's pages of {doing} do not end.")
            seen.add(url)
            page = self._searchset(self._transport.send("GET", url, route=f"{type_}?page"), doing)
            yield page

    def post_search(self, type_: str, query: Query) -> Resource:
        """The first page of a search that goes by POST whatever it asks for: its parameters are in no URL.

        No further page is asked for, since its URL may repeat the parameters.
        """
        return self._searchset(self._search(_require(TYPE, type_), query, posted=True), f"a search of {type_}")

    def _search(self, type_: str, query: Query, *, posted: bool) -> Answer:
        if not posted:
            return self._transport.send("GET", type_, route=type_, query=query)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        route = f"{type_}/_search"
        return self._transport.send("POST", route, route=route, headers=headers, body=urlencode(query).encode())

    @staticmethod
    def _searchset(answer: Answer, doing: str) -> Resource:
        responses.require_success(answer, doing)
        return responses.resource(answer, doing, type_="Bundle")

    def find(self, type_: str, condition: str) -> Remote | None:
        """The one resource that meets an If-None-Exist condition, by search; None when there is none.

        A match by identifier is believed only when it bears the identifier, for a server may ignore the parameter.
        Raises PartnerRefused with status 412 when there are several.
        """
        query = searching.parse_condition(condition)
        wanted = [value for name, value in query if name == "identifier"]
        found = {
            str(resource["id"]): resource
            for resource in self.search(type_, query)
            if resource["resourceType"] == type_ and all(searching.bears(resource, token) for token in wanted)
        }
        if len(found) > 1:
            raise PartnerRefused(
                f"The partner has {len(found)} resources where one {type_} was looked for.", status=412
            )
        return next((remotes.of_resource(resource) for resource in found.values()), None)

    def _found_after(self, type_: str, condition: str | None, doing: str) -> Remote:
        """Look up what a write made, when the answer did not say where it is."""
        found = self.find(type_, condition) if condition else None
        if found is None:
            raise PartnerUnavailable(f"The partner answered {doing} without saying where the {type_} is.")
        return found


def matches(page: Resource) -> Iterator[Resource]:
    """The resources of a searchset; outcomes and entries of an unexpected shape are left out."""
    for entry in objects_in(page.get("entry")):
        found = object_in(entry.get("resource"))
        if found.get("resourceType") != "OperationOutcome" and remotes.is_identified(found):
            yield found


def next_link(page: Resource) -> str | None:
    """The URL of the page after this one, when the server names it."""
    links = (link for link in objects_in(page.get("link")) if link.get("relation") == "next")
    return next(filter(None, (text_in(link.get("url")) for link in links)), None)


def _require(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError("not a FHIR resource type or id")
    return text
