"""Bundles: fullUrls, first entries, search entries (rules bundle.*; https://hl7.org/fhir/R4/bundle.html)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import fhir_type
from footbridge.validation.rules import json_shape
from footbridge.validation.rules.uri_value import is_absolute

SPEC = "bundle.html"
FREE = frozenset({"transaction", "transaction-response", "batch", "batch-response"})
FIRST = {"document": "Composition", "message": "MessageHeader"}
PAGING = frozenset({"first", "previous", "next", "last"})
_REST = re.compile(r"https?://.*/(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})\Z")
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BundleEntries:
    """The entries of a Bundle, each and together."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look at each entry as the Bundle's type asks."""
        bundle = spot.value
        told = bundle.get("type")
        kind = told if isinstance(told, str) else None
        rows = bundle.get("entry")
        entries = [row if row.__class__ is dict else {} for row in rows] if rows.__class__ is list else []
        found: list[Issue] = []
        if kind in FIRST:
            found += _first(entries, FIRST[kind], spot)
        for at, entry in enumerate(entries):
            where = spot.child("entry", at)
            found += _full_url(entry, kind, where)
            if entry.get("resource", {}).__class__ is dict and _is_bare(entry):
                found += json_shape.empty_entry(where)
            if kind == "searchset":
                found += _search(entry, where)
        found += _links(bundle, kind, spot)
        found += _stylesheets(bundle, entries, kind, spot)
        if kind == "searchset":
            found += _searched(bundle, entries, spot)
        return found


def _is_bare(entry: Entry) -> bool:
    """Whether an entry has a resource with nothing in it, and nothing else that bdl-5 takes in its place."""
    return list(entry.get("resource", ())) == ["resourceType"] and not entry.keys() & {"request", "response"}


def _first(entries: list[Entry], wanted: str, spot: Spot) -> Findings:
    if not entries:
        return finding(
            "bundle.first", spot, f"The first entry must be a {wanted}; there is none.", code="invalid", spec=SPEC
        )
    resource = entries[0].get("resource")
    if isinstance(resource, dict) and resource.get("resourceType") == wanted:
        return ()
    return finding(
        "bundle.first", spot.child("entry", 0), f"The first entry must be a {wanted}.", code="invalid", spec=SPEC
    )


def _full_url(entry: Entry, kind: str | None, where: str) -> Iterator[Issue]:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(url, str):
        if isinstance(resource, dict) and kind not in FREE and "_fullUrl" not in entry:
            yield from _told("bundle.full-url", where, "The entry needs a fullUrl, the identity of its resource.")
        return
    if not is_absolute(url):
        yield from _told("bundle.full-url", where, "The fullUrl must be an absolute URL.")
        return
    match = _REST.match(url)
    if match is None or not isinstance(resource, dict) or not _is_resource(match["type"]):
        return
    identity = resource.get("id")
    if identity is None:
        yield from _told("bundle.full-url-id", where, "The fullUrl is that of a server, but the resource has no id.")
    elif (match["type"], match["id"]) != (resource.get("resourceType"), identity):
        yield from _told("bundle.full-url-id", where, "The fullUrl does not end with the resource's type and id.")


def _is_resource(name: str) -> bool:
    kind = fhir_type(name)
    return kind is not None and kind.kind == "resource"


def _search(entry: Entry, where: str) -> Iterator[Issue]:
    resource = entry.get("resource")
    search = entry.get("search")
    told = search.get("mode") if isinstance(search, dict) else None
    mode = told if isinstance(told, str) else None
    if not isinstance(resource, dict):
        yield from _told("bundle.search", where, "An entry of a search result must have a resource.")
        return
    outcome = resource.get("resourceType") == "OperationOutcome"
    if mode == "outcome" and not outcome:
        yield from _told("bundle.search", where, "An entry with the search mode 'outcome' must be an OperationOutcome.")
    if mode in {"match", "include"} and not isinstance(resource.get("id"), str) and not outcome:
        yield from _told("bundle.search", where, "The resource of a search result must have an id.")


def _links(bundle: Entry, kind: str | None, spot: Spot) -> Iterator[Issue]:
    rows = bundle.get("link")
    names = [str(row.get("relation")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    before: set[str] = set()
    for at, name in enumerate(names):
        if name in PAGING and kind not in {"searchset", "history"} and kind is not None:
            yield from _told(
                "bundle.link", spot.child("link", at), "Links for paging belong in search results and histories."
            )
        elif (name in PAGING or name == "self") and name in before:
            yield from _told("bundle.link", spot.child("link", at), "There may be only one link with this relation.")
        before.add(name)


def _searched(bundle: Entry, entries: list[Entry], spot: Spot) -> Iterator[Issue]:
    """The types that the self link of a search names, against those that were found."""
    rows = bundle.get("link")
    links = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    own = next((str(row.get("url")) for row in links if row.get("relation") == "self"), None)
    if own is None:
        words = "The link to itself says what was searched; there is none."
        yield from _told("bundle.search", str(spot), words, "warning")
        return
    modes = [_mode(entry) for entry in entries]
    if None in modes and entries:
        yield from _told("bundle.search", str(spot), "Each entry of a search result should have a mode.", "warning")
    wanted = own.partition("?")[0].rstrip("/").rpartition("/")[2]
    if "?" not in own or not _is_resource(wanted):
        words = "The link to itself does not tell which type was searched."
        if not _is_resource(wanted):
            yield from _told("bundle.search", str(spot), words, "information")
        return
    for at, (entry, mode) in enumerate(zip(entries, modes, strict=True)):
        resource = entry.get("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else wanted
        if kind in (wanted, "OperationOutcome") or mode not in {None, "match"}:
            continue
        where = spot.child("entry", at)
        level: Severity = "error" if mode else "warning"
        yield from _told("bundle.search", where, f"A {wanted} was searched; the entry is another type.", level)


def _mode(entry: Entry) -> str | None:
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    return mode if isinstance(mode, str) else None


def _stylesheets(bundle: Entry, entries: list[Entry], kind: str | None, spot: Spot) -> Iterator[Issue]:
    """Links to style sheets: https://hl7.org/fhir/R4/documents.html#css."""
    rows = bundle.get("link")
    for at, row in enumerate(rows if isinstance(rows, list) and kind == "document" else ()):
        url = row.get("url") if isinstance(row, dict) and row.get("relation") == "stylesheet" else None
        if not isinstance(url, str) or url == "https://hl7.org/fhir/fhir.css":
            continue
        where = f"{spot}.link[{at}].url"
        if is_absolute(url):
            words = "" if url.startswith("https:") else " Its reference is not secure, or cannot be followed."
            words = f"A document should not depend on a style sheet from elsewhere.{words}"
            yield from _told("bundle.link", where, words, "warning")
        elif not any(str(entry.get("fullUrl")).endswith(f"/{url}") for entry in entries):
            yield from _told("bundle.link", where, "The style sheet is not in the Bundle.")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="invalid", spec=SPEC)
