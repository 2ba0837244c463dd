"""A FHIR R4 client: the interactions that Footbridge needs, one method each (https://hl7.org/fhir/R4/http.html).

A client belongs to one partner and may be shared between threads. What it hands back has been looked at: types and
ids have the form that FHIR gives them, so that they can go into a path. ``answers`` says which errors it raises.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.fhir import remotes, responses, searching
from footbridge.partners.fhir.capabilities import Capabilities, read_capabilities
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.reading import VERSION, version_of, with_sound_meta
from footbridge.partners.fhir.remotes import TYPE
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.server import Remote, Resource
from footbridge.partners.fhir.transaction import read_transaction
from footbridge.partners.fhir.transport import FHIR_JSON, Limits, Query, Transport
from footbridge.partners.ports import Token
from footbridge.store import exact_json
from footbridge.store.interactions.preconditions import ID

MAX_PAGES: Final = 500
MAX_SEARCH_BYTES: Final = 200_000_000


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

    @property
    def base_url(self) -> str:
        """The server's base URL, with no slash at its end."""
        return self._transport.base_url

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def capabilities(self) -> Capabilities:
        """What the server declares; asked for once, or by several threads at a time: none waits for another."""
        found = self._capabilities
        if found is None:
            doing = _("the question for its CapabilityStatement")
            answer = self._transport.send("GET", "metadata", route="metadata")
            responses.require_success(answer, doing)
            found = read_capabilities(responses.resource(answer, doing, type_="CapabilityStatement"))
            self._capabilities = found
        return found

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
        doing = _("the read of a {type}", type=type_)
        responses.require_success(answer, doing)
        found = responses.resource(answer, doing, type_=type_)
        if not remotes.is_identified(found):
            return {**found, "id": id_}
        if found["id"] != id_:
            raise PartnerRefused(
                _("The partner answered {doing} with another {type}.", doing=doing, type=type_), status=answer.status
            )
        return found

    def create(self, resource: Resource, if_none_exist: str | None = None) -> Remote:
        """Create a resource, or find the one that the condition names (https://hl7.org/fhir/R4/http.html#ccreate).

        Raises PartnerRefused with status 412 when several resources meet the condition.
        """
        type_ = _require(TYPE, resource["resourceType"])
        doing = _("the create of a {type}", type=type_)
        headers = {"Content-Type": FHIR_JSON}
        if if_none_exist:
            headers["If-None-Exist"] = searching.header_value(if_none_exist)
        body = exact_json.dumps(resource).encode()
        answer = self._transport.send("POST", type_, route=type_, headers=headers, body=body)
        responses.require_success(answer, doing)
        return _written(answer, type_) or self._found_after(type_, if_none_exist, doing)

    def update(self, resource: Resource, if_match: str | None = None) -> Remote:
        """Replace a resource; with ``if_match``, only that version of it, else StaleVersion is raised."""
        type_, id_ = _require(TYPE, resource["resourceType"]), _require(ID, resource["id"])
        headers = {"Content-Type": FHIR_JSON}
        if if_match is not None and VERSION.fullmatch(if_match):
            headers["If-Match"] = f'W/"{if_match}"'
        doing = _("the update of a {type}", type=type_)
        body = exact_json.dumps(resource).encode()
        answer = self._transport.send("PUT", f"{type_}/{id_}", route=f"{type_}/{{id}}", headers=headers, body=body)
        responses.require_success(answer, doing, if_match=if_match is not None)
        remote = _written(answer, type_)
        return replace(remote, id=id_) if remote else Remote(type_, id_, version_of(answer.headers.get("ETag")))

    def transaction(self, bundle: Resource) -> dict[str, Remote]:
        """Post a transaction Bundle; where each entry now lives, by its ``fullUrl``.

        A server that leaves out where an entry went is asked by the entry's ``ifNoneExist``.
        """
        doing = _("the transaction of {entry} entries", entry=len(bundle["entry"]))
        headers = {"Content-Type": FHIR_JSON}
        answer = self._transport.send("POST", "", route="", headers=headers, body=exact_json.dumps(bundle).encode())
        responses.require_success(answer, doing)
        try:
            answered = responses.resource(answer, doing, type_="Bundle")
        except PartnerError:  # it succeeded, and an answer of another kind is no reason to send it again
            there = self._all_found(bundle)
            if there is None:
                raise
            return there
        found = read_transaction(bundle, answered)
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
        doing = _("a search of {type}", type=type_)
        posted = searching.is_personal(type_, query)
        answer = self._search(_require(TYPE, type_), query, posted=posted)
        size = len(answer.body)
        page = self._searchset(answer, doing)
        yield page
        seen: set[str] = set()
        while (link := next_link(page)) is not None:
            url = self._transport.onward(link, type_)
            if url is None:
                raise PartnerRefused(_("The partner's next page is on another server: it is not followed."))
            if url in seen or len(seen) >= MAX_PAGES:
                raise PartnerRefused(_("The partner's pages of {doing} do not end.", doing=doing))
            seen.add(url)
            answer = self._transport.send("GET", url, route=f"{type_}?page")
            size += len(answer.body)
            if size > MAX_SEARCH_BYTES:
                raise PartnerRefused(
                    _(
                        "The partner's pages of {doing} are larger than {max_search_bytes} bytes.",
                        doing=doing,
                        max_search_bytes=MAX_SEARCH_BYTES,
                    )
                )
            page = self._searchset(answer, doing)
            yield page

    def post_search(self, type_: str, query: Query) -> Resource:
        """The first page of a search that goes by POST whatever it asks for: its parameters are in no URL.

        No further page is asked for, since its URL may repeat the parameters.
        """
        return self._searchset(
            self._search(_require(TYPE, type_), query, posted=True), _("a search of {type}", type=type_)
        )

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
                _("The partner has {found} resources where one {type} was looked for.", found=len(found), type=type_),
                status=412,
            )
        return next((remotes.of_resource(resource) for resource in found.values()), None)

    def _all_found(self, bundle: Resource) -> dict[str, Remote] | None:
        """Where every entry lives, by search; None unless all are there."""
        found: dict[str, Remote] = {}
        for entry in bundle["entry"]:
            condition = entry["request"].get("ifNoneExist")
            remote = self.find(entry["resource"]["resourceType"], condition) if condition else None
            if remote is None:
                return None
            found[entry["fullUrl"]] = remote
        return found

    def _found_after(self, type_: str, condition: str | None, doing: str) -> Remote:
        """Look up what a write made, when the answer did not say where it is."""
        found = self.find(type_, condition) if condition else None
        if found is None:
            raise PartnerUnavailable(
                _("The partner answered {doing} without saying where the {type} is.", doing=doing, type=type_)
            )
        return found


def matches(page: Resource) -> Iterator[Resource]:
    """The resources of a searchset; outcomes and entries of an unexpected shape are left out."""
    for entry in objects_in(page.get("entry")):
        found = object_in(entry.get("resource"))
        if found.get("resourceType") != "OperationOutcome" and _is_usable(found):
            yield with_sound_meta(found)


def _is_usable(resource: Resource) -> bool:
    """Whether it says its type and an id that may go into a path; ``..`` may not."""
    return remotes.is_identified(resource) and bool(resource["id"].strip("."))


def _written(answer: Answer, type_: str) -> Remote | None:
    """Where a write went: by its headers, else by its body; an odd body makes a success no failure."""
    body = responses.resource_if_any(answer, type_)
    places = [answer.headers[name] for name in ("Location", "Content-Location") if answer.headers.get(name)]
    at = (remotes.of_answer(replace(answer, headers={"Location": place}), None, type_) for place in places)
    remote = next((one for one in at if one is not None and one.id.strip(".")), None)
    if remote is None and body is not None and _is_usable(body):
        remote = replace(remotes.of_resource(body), created=answer.status == 201)
    return None if remote is None else replace(remote, version=_version(answer, remote, body or {}))


def _version(answer: Answer, remote: Remote, body: Resource) -> str | None:
    """The version that a write made: of the place, the ETag, the body; one that cannot be kept is left out."""
    of_body = text_in(object_in(body.get("meta")).get("versionId")) if body.get("id") == remote.id else None
    said = remote.version or version_of(answer.headers.get("ETag")) or of_body
    return said if said and VERSION.fullmatch(said) else None


def next_link(page: Resource) -> str | None:
    """The URL of the page after this one, when the server names it."""
    links = (link for link in objects_in(page.get("link")) if link.get("relation") == "next")
    return next(filter(None, (text_in(link.get("url")) for link in links)), None)


def _require(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text) or not text.strip("."):
        raise ValueError("not a FHIR resource type or id")
    return text
