"""What a server offers, as data: interactions by resource type, those of the whole system, and operations.

The simulator, a server that validates and nothing else, and a partner's view of ``/fhir`` are each an ``Offer``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from footbridge.fhirserver.message import Request

Interaction = Literal[
    "capabilities",
    "transaction",
    "batch",
    "operation",
    "search-type",
    "create",
    "conditional-create",
    "read",
    "vread",
    "update",
    "conditional-update",
    "delete",
    "history-instance",
]
"""Codes of FHIR, and those that it has as flags: conditional-create is a create with If-None-Exist."""

ALL_OF_TYPE: Final[frozenset[Interaction]] = frozenset(
    {
        "search-type",
        "create",
        "conditional-create",
        "read",
        "vread",
        "update",
        "conditional-update",
        "delete",
        "history-instance",
    }
)
"""Every interaction of a resource type."""
ALL_OF_SYSTEM: Final[frozenset[Interaction]] = frozenset({"capabilities", "transaction", "batch"})
"""Every interaction of the whole server."""


SYSTEM: Final = ""
"""In place of a type: the whole server."""


@dataclass(frozen=True, slots=True)
class OperationCall:
    """A call of an operation: the request, and the type of its address, None for the whole system."""

    request: Request
    type: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation (https://hl7.org/fhir/R4/operations.html), called by POST.

    Attributes:
        name: without the $.
        definition: canonical URL of its OperationDefinition.
        run: does it, and returns the resource that is the answer; raises InteractionErrors.
        levels: where it may be called.
        types: the resource types it may be called on; None: ``run`` knows, and raises NotFound for others.
    """

    name: str
    definition: str
    run: Callable[[OperationCall], dict[str, Any]]
    levels: frozenset[Literal["system", "type"]] = frozenset({"system", "type"})
    types: frozenset[str] | None = None

    def on(self, type_name: str | None) -> bool:
        """Whether it may be called on this type, or, with None, on the whole system."""
        if type_name is None:
            return "system" in self.levels
        return "type" in self.levels and (self.types is None or type_name in self.types)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one server offers.

    Attributes:
        types: interactions by resource type; a type that is not named does not exist here.
        if_match: the types whose updates must name the version that they follow.
        denied: interactions by resource type, or ``SYSTEM``, that exist here, and that this caller may not do: 403,
            where it would be 405 for what nobody may.
        denial: why they are denied, as a sentence.
        instantiates: canonical URLs of the CapabilityStatements that this server implements.
        profiles: canonical URLs of the profiles that are supported, by resource type.
        notes: what the CapabilityStatement says of a resource type in words.
    """

    types: Mapping[str, frozenset[Interaction]] = field(default_factory=dict)
    system: frozenset[Interaction] = frozenset()
    operations: tuple[Operation, ...] = ()
    if_match: frozenset[str] = frozenset()
    denied: Mapping[str, frozenset[Interaction]] = field(default_factory=dict)
    denial: str = ""
    instantiates: tuple[str, ...] = ()
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def has(self, type_name: str, interaction: Interaction) -> bool:
        """Whether this is offered for this type."""
        return interaction in self.types.get(type_name, ())

    def operation(self, name: str, type_name: str | None) -> Operation | None:
        """The operation of this name on this type, or on the whole system."""
        return next((one for one in self.operations if one.name == name and one.on(type_name)), None)


def everything(types: Iterable[str], *, without: Iterable[Interaction] = ()) -> Offer:
    """An offer of all that there is for these types, less some interactions."""
    left_out = frozenset(without)
    return Offer(dict.fromkeys(types, ALL_OF_TYPE - left_out), ALL_OF_SYSTEM - left_out)
