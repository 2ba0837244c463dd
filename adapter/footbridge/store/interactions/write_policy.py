"""Who may write what, asked before anything is written: the hook of a ``ResourceStore``.

A policy is called for each write, single or of a transaction or batch, over the caller's connection and so in the
same database transaction: after references were resolved and If-Match was checked, before the write is stored. In a
transaction every create and update is judged before the first of them is stored. What it refuses leaves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

from footbridge.model.issues import Issue
from footbridge.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Write:
    """One write that is proposed.

    Attributes:
        resource: as it would be stored, with its final id and references; empty for a deletion.
        previous: the version that is current now, which may be a deletion; None when there never was one.
        if_match: the ETag that the caller named; it was compared already.
        place: index of the entry in its Bundle; None for a single write.
        together: every create and update of the same transaction, this one included.
        issues: warnings that the policy adds, for the OperationOutcome of the answer.
    """

    interaction: Literal["create", "update", "delete"]
    type: str
    id: str
    resource: Mapping[str, Any]
    previous: Stored | None = None
    if_match: str | None = None
    place: int | None = None
    together: Sequence["Write"] = ()
    issues: list[Issue] = field(default_factory=list)


class WritePolicy(Protocol):
    """Judges writes."""

    def judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        """The resource to store: the proposed one, or another of the same type and id. Ignored for a deletion.

        Raises an InteractionError, such as Forbidden or UnprocessableEntity, to refuse. The tenant is locked for
        writing. It must not write to the resources that are written together.
        """
