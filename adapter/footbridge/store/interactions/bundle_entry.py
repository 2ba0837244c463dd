"""Reads the entries of a batch or transaction Bundle (https://hl7.org/fhir/R4/bundle.html#transaction)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.fhir_dates import stamp
from footbridge.store.interaction_errors import InteractionError, InvalidRequest, NotSupported
from footbridge.store.interactions.preconditions import Written, checked, checked_id, require_id
from footbridge.store.resource_rows import Scope
from footbridge.store.search_parameters import parameters_of
from footbridge.store.stored import Stored

Method = Literal["DELETE", "POST", "PUT", "GET", "HEAD", "PATCH"]
"""https://hl7.org/fhir/R4/valueset-http-verb.html"""


_HISTORY = "_history"
"""Before a version in an address. HAPI's client writes the one that it read into the url of a PUT too, where it says
nothing: a condition is ``ifMatch`` (https://hl7.org/fhir/R4/http.html#concurrency)."""


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry: what to do, on what.

    Attributes:
        place: index of the entry in its Bundle.
        path: the parts of ``request.url`` before its query: type, id, ...
        query: the part after the question mark, still encoded; empty when there is none.
    """

    place: int
    method: Method
    path: tuple[str, ...]
    query: str
    resource: Mapping[str, Any]
    full_url: str
    if_match: str | None
    if_none_match: str | None
    if_modified_since: str | None
    if_none_exist: str | None

    @property
    def reads(self) -> bool:
        """Whether nothing is written."""
        return self.method in {"GET", "HEAD"}

    @property
    def type(self) -> str:
        """The resource type."""
        return self.path[0]

    @property
    def identity(self) -> str | None:
        """The id in the URL."""
        return self.path[1] if len(self.path) > 1 else None

    @property
    def criteria(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)


def read_entries(bundle: Mapping[str, Any], kind: Literal["batch", "transaction"]) -> list[Mapping[str, Any]]:
    """The entries of a Bundle of this type; raises InvalidRequest for anything else."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != kind:
        raise InvalidRequest(_("The body is not a Bundle of type {kind}.", kind=kind), expression="Bundle.type")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidRequest(_("Bundle.entry must be a list of objects."), expression="Bundle.entry")
    return entries


Admit = Callable[[BundleEntry], None]
"""Raises an InteractionError for an entry that the server does not offer."""
Fetch = Callable[[Scope, BundleEntry], dict[str, Any]]
"""The entry that answers one that reads, as the server answers a single request; raises an InteractionError."""


def read_entry(scope: Scope, place: int, entry: Mapping[str, Any], admit: Admit | None = None) -> BundleEntry:
    """One entry, checked; raises InvalidRequest or NotSupported, or what ``admit`` raises."""
    request = entry.get("request")
    if not isinstance(request, Mapping) or not isinstance(request.get("url"), str):
        raise InvalidRequest(_("An entry needs request.method and request.url."))
    path, _mark, query = request["url"].removeprefix(f"{scope.base_url}/").lstrip("/").partition("?")
    method, parts = _method(request), tuple(path.rstrip("/").split("/"))
    step = BundleEntry(
        place=place,
        method=method,
        path=parts[:2] if method == "PUT" and parts[2:3] == (_HISTORY,) else parts,
        query=query,
        resource=entry.get("resource", {}),
        full_url=str(entry.get("fullUrl", "")),
        if_match=_text(request, "ifMatch"),
        if_none_match=_text(request, "ifNoneMatch"),
        if_modified_since=_text(request, "ifModifiedSince"),
        if_none_exist=_text(request, "ifNoneExist"),
    )
    if admit is not None:
        admit(step)
    _check(step)
    return step


class at:  # noqa: N801 - read as a word: with at(place)
    """Say in an InteractionError which entry it comes from."""

    __slots__ = ("_place",)

    def __init__(self, place: int) -> None:
        self._place = place

    def __enter__(self) -> None:
        """Begin with an entry."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Add the place to what was raised."""
        if isinstance(error, InteractionError):
            error.expression = error.expression or f"Bundle.entry[{self._place}]"
            error.issues = tuple(_placed(issue, self._place) for issue in error.issues)


def answer_written(scope: Scope, written: Written) -> dict[str, Any]:
    """The entry of a response Bundle that tells of a write."""
    response: dict[str, Any] = {"status": status_line(written.status)}
    if written.stored is not None:
        base = f"{scope.base_url}/" if scope.base_url else ""
        if written.status != HTTPStatus.NO_CONTENT:
            response["location"] = f"{base}{written.location}"
        response |= {"etag": written.stored.etag, "lastModified": stamp(written.stored.last_updated)}
    if written.issues:
        response["outcome"] = operation_outcome(written.issues)
    return {"response": response}


def answer_read(found: Stored) -> dict[str, Any]:
    """The entry of a response Bundle that carries a resource."""
    response = {"status": "200 OK", "etag": found.etag, "lastModified": stamp(found.last_updated)}
    return {"resource": found.resource, "response": response}


def status_line(status: int) -> str:
    """An HTTP status as Bundle.entry.response.status writes it: ``201 Created``."""
    return f"{status} {HTTPStatus(status).phrase}"


def _placed(issue: Issue, place: int) -> Issue:
    """The issue of a resource, with its place in the Bundle: ``Task.status`` is ``Bundle.entry[2].resource.status``."""
    if (issue.expression or "").startswith("Bundle.entry["):  # of another entry: what this one refers to
        return issue
    _type, point, rest = (issue.expression or "").partition(".")
    inner = f".resource{point}{rest}" if issue.expression else ""
    return replace(issue, expression=f"Bundle.entry[{place}]{inner}")


def _method(request: Mapping[str, Any]) -> Method:
    for method in get_args(Method):
        if request.get("method") == method:
            found: Method = method
            return found
    raise InvalidRequest(_("request.method is one of {methods}.", methods=", ".join(get_args(Method))))


def _check(step: BundleEntry) -> None:
    if step.reads:
        return
    parameters_of(step.type)
    match step.method, len(step.path):
        case "POST", 1:
            checked(step.resource, step.type)
        case "PUT", 1 if step.query:
            checked(step.resource, step.type)
        case "PUT", 2:
            require_id(checked(step.resource, step.type), step.path[1])
        case "DELETE", 2:
            checked_id(step.identity)
        case "DELETE", 1:
            raise NotSupported(_("Conditional delete is not supported."))
        case _:
            raise NotSupported(_("This interaction is not supported."))


def _text(request: Mapping[str, Any], name: str) -> str | None:
    value = request.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(_("request.{name} must be text.", name=name))
    return value
