"""Resources that every compartment of a tenant shows and none holds: read-only, kept elsewhere, as the directory.

A ``Beside`` is handed to a ``ResourceStore``. Its ids have a form of their own, so that none is ever another's: a write
under such an id is refused, whoever asks. A search has the compartment's own matches first, then those from beside;
what is included may come from either. Conditional interactions look at the compartment alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from footbridge.i18n import _
from footbridge.store.interaction_errors import Forbidden
from footbridge.store.stored import Stored

if TYPE_CHECKING:
    from footbridge.store.search_query import Criterion, Inclusion, SearchRequest


class ReadScope(Protocol):
    """Where is read: a transaction and its tenant."""

    @property
    def connection(self) -> Connection:
        """The transaction."""

    @property
    def tenant(self) -> str:
        """Its tenant."""

    @property
    def base_url(self) -> str:
        """That of our FHIR server, without a slash at its end; it may be empty."""


@dataclass(frozen=True, slots=True)
class BesidePage:
    """Some matches in their order; ``after`` is where to go on, None at the end."""

    matches: Sequence[Stored]
    after: list[str] | None


class Beside(Protocol):
    """Read in the transaction of the scope, for its tenant."""

    def holds(self, resource_type: str, identity: str) -> bool:
        """Whether an id has the form of those from beside, be there such a resource or not."""

    def get(self, scope: ReadScope, references: Iterable[str]) -> list[Stored]:
        """Those of these ``Type/id`` that there are, in no order."""

    def page(self, scope: ReadScope, request: "SearchRequest", after: Sequence[str], limit: int) -> BesidePage:
        """Up to so many matches after a position; the first position is empty.

        A page may have fewer though more follow: a search that is not narrowed looks at some of them at a time. Raises
        InvalidRequest for a position that is none.
        """

    def total(self, scope: ReadScope, request: "SearchRequest") -> int | None:
        """How many match; None where this is not known without looking at each of very many."""

    def find(self, scope: ReadScope, resource_type: str, criterion: "Criterion", limit: int) -> list[str]:
        """``Type/id`` of at most so many that meet one criterion."""

    def referring(self, scope: ReadScope, inclusion: "Inclusion", targets: Iterable[str]) -> list[str]:
        """``Type/id`` of those that refer to one of the targets, as ``_revinclude`` asks."""


def refuse_beside(beside: Beside | None, resource_type: str, identity: str) -> None:
    """Raise Forbidden for a write under an id that is from beside."""
    if beside is not None and beside.holds(resource_type, identity):
        raise Forbidden(_("This id is one of the directory, which is read-only here."))
