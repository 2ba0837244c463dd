"""Faults of JSON's shape: what is removed, repeated, renamed, emptied, or of another JSON type."""

from collections.abc import Iterator

from benchmarks.mutants import Edit, Fault, Json, Steps, at, places, putting, removing

WRONG_TYPES: dict[type, tuple[tuple[str, Json], ...]] = {
    str: (("number", 7), ("boolean", True), ("object", {"value": "x"}), ("list", ["x"]), ("empty", ""), ("null", None)),
    bool: (("string", "true"), ("number", 1), ("null", None)),
    int: (("string", "7"), ("fraction", 1.5), ("negative", -1), ("boolean", True)),
    float: (("string", "1.5"), ("object", {})),
    dict: (("string", "x"), ("list", [{}]), ("empty", {}), ("null", None)),
    list: (("single", {}), ("empty", []), ("string", "x"), ("null", None)),
}


def faults(resource: Json) -> Iterator[Fault]:
    """Every fault of shape that a resource can be given."""
    for steps, value in places(resource):
        if isinstance(value, dict):
            yield "unknown element", (*steps, "nonsense"), putting((*steps, "nonsense"), "x")
        if not steps:
            continue
        if isinstance(steps[-1], str) and steps[-1] != "resourceType":
            yield "remove element", steps, removing(steps)
            yield "rename element", steps, _renaming(steps)
        if isinstance(steps[-1], int):
            yield "remove item", steps, removing(steps)
            yield "repeat item", steps, _repeating(steps)
            yield "null item", steps, putting(steps, None)
        if isinstance(value, list):
            yield "unwrap list", steps, putting(steps, value[0] if value else {})
        for name, wrong in WRONG_TYPES.get(type(value), ()):
            yield f"wrong type: {name}", steps, putting(steps, wrong)
        if isinstance(value, dict) and isinstance(steps[-1], str):
            yield "wrap in list", steps, putting(steps, [value])


def _renaming(steps: Steps) -> Edit:
    """Give a key another ending, its place kept."""

    def edit(resource: Json) -> None:
        holder = at(resource, steps[:-1])
        kept = dict(holder)
        holder.clear()
        for key, value in kept.items():
            holder[f"{key}x" if key == steps[-1] else key] = value

    return edit


def _repeating(steps: Steps) -> Edit:
    def edit(resource: Json) -> None:
        rows = at(resource, steps[:-1])
        rows.insert(int(steps[-1]), rows[int(steps[-1])])

    return edit
