"""A pack: rules beyond the profiles, that a validation is given or not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from footbridge.validation.core.plan import Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot


def _nothing(_spot: Spot, _claims: Sequence[str], _scope: Scope) -> None:
    """No rule on a resource as a whole."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules under one name, which ``Options.packs`` switches on.

    type_rules      rules on every value of a type, by the type's name
    check_resource  (resource, the profiles that it is checked against, scope): reports what is wrong with a resource
    """

    name: str
    type_rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    check_resource: Callable[[Spot, Sequence[str], Scope], None] = _nothing
