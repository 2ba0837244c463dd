"""``_include`` and ``_revinclude``: what the matches refer to, and what refers to them.

One step only, but where ``:iterate`` is written: then what was included counts as the matches do
(https://hl7.org/fhir/R4/search.html#include).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import select

from footbridge.i18n import _
from footbridge.store.criteria import spellings
from footbridge.store.index_view import IndexView
from footbridge.store.indexing import references_of
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.resource_rows import CURRENT, Scope, currents, of_compartment
from footbridge.store.search_parameters import SearchParameter, parameters_of
from footbridge.store.search_query import Inclusion
from footbridge.store.stored import Stored
from footbridge.store.tables import resource

MOST_INCLUDED = 2000
"""Resources from which one more step of inclusion may start."""


def included(
    index: IndexView, matches: Sequence[Stored], include: Sequence[Inclusion], revinclude: Sequence[Inclusion]
) -> list[Stored]:
    """Resources beside the matches, each once, in the order of their references.

    Raises InvalidRequest where one more step would start from too many.
    """
    known = {one.reference for one in matches}
    found: list[Stored] = []
    latest = list(matches)
    while latest and (include or revinclude):
        if len(found) > MOST_INCLUDED:
            raise InvalidRequest(
                _("More than {most} resources are included: ask for fewer with _count.", most=MOST_INCLUDED)
            )
        wanted = {*_referred(index.scope, latest, include), *_referring(index, latest, revinclude)} - known
        known |= wanted
        latest = _present(index.scope, wanted)
        found += latest
        include = [one for one in include if one.again]
        revinclude = [one for one in revinclude if one.again]
    return sorted(found, key=lambda one: one.reference)


def _present(scope: Scope, references: Collection[str]) -> list[Stored]:
    """Those of these resources that are there, in the compartment or beside it."""
    found = currents(scope, references)
    if scope.beside is not None:
        found += scope.beside.get(scope, [one for one in references if scope.beside.holds(*one.split("/", 1))])
    return found


def _referred(scope: Scope, matches: Sequence[Stored], include: Sequence[Inclusion]) -> Iterator[str]:
    for one in matches:
        mine = [inclusion for inclusion in include if inclusion.source == one.type]
        if not mine:
            continue
        body = one.resource
        for inclusion in mine:
            for parameter in _parameters(inclusion):
                for reference in references_of(parameter, body, scope.base_url):
                    if _is_local(reference, inclusion.target):
                        yield reference


def _referring(index: IndexView, matches: Sequence[Stored], revinclude: Sequence[Inclusion]) -> Iterator[str]:
    scope = index.scope
    targets = [spelling for one in matches for spelling in spellings(one.reference, scope.base_url)]
    for inclusion in revinclude:
        referring = index.having(
            inclusion.source, parameter_names(inclusion), lambda columns: columns.value.in_(targets)
        )
        query = select(resource.c.id).where(*of_compartment(scope), resource.c.type == inclusion.source)
        query = query.where(CURRENT, ~resource.c.deleted, referring)
        for identity in scope.connection.scalars(query):
            yield f"{inclusion.source}/{identity}"
        if scope.beside is not None:
            yield from scope.beside.referring(scope, inclusion, [one.reference for one in matches])


def parameter_names(inclusion: Inclusion) -> list[str]:
    """The search parameters that an inclusion follows."""
    return [parameter.name for parameter in _parameters(inclusion)]


def _parameters(inclusion: Inclusion) -> Iterable[SearchParameter]:
    known = parameters_of(inclusion.source)
    if inclusion.param == "*":
        return [parameter for parameter in known.values() if parameter.kind == "reference"]
    return [known[inclusion.param]]


def _is_local(reference: str, target: str) -> bool:
    resource_type, slash, identity = reference.partition("/")
    return bool(slash) and "/" not in identity and target in {"", resource_type}
