"""Rules that hang on a type, whatever element holds it; and on a resource type."""

from footbridge.validation.engine.plan import Rule

TYPE_RULES: dict[str, tuple[Rule, ...]] = {}
RESOURCE_RULES: dict[str, tuple[Rule, ...]] = {}
EVERY_RESOURCE: tuple[Rule, ...] = ()


def of(name: str, kind: str) -> tuple[Rule, ...]:
    """The rules of a type by its name."""
    if kind == "resource":
        return EVERY_RESOURCE + RESOURCE_RULES.get(name, ())
    return TYPE_RULES.get(name, ())
