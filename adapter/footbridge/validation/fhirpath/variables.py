"""The %variables: FHIR's (https://hl7.org/fhir/R4/fhirpath.html#variables), then the context's own."""

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.runtime import Evaluate, Frame, node_of
from footbridge.validation.fhirpath.values import Items

CONSTANTS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
    "us-zip": "[0-9]{5}(-[0-9]{4}){0,1}",
}
PREFIXES = {"vs-": "http://hl7.org/fhir/ValueSet/", "ext-": "http://hl7.org/fhir/StructureDefinition/"}
OF_THE_RUN = frozenset({"context", "resource", "rootResource"})
RESERVED = OF_THE_RUN | CONSTANTS.keys()


def _context(frame: Frame) -> Items:
    focus = frame.run.context.focus
    if focus is None:
        return frame.run.focus
    return (focus if isinstance(focus, Node) else node_of(focus),)


def _resource(frame: Frame) -> Items:
    return frame.run.resource


def _root_resource(frame: Frame) -> Items:
    return frame.run.root


def _constant(name: str) -> str | None:
    """The text that FHIR gives to a name, None when it gives none."""
    for prefix, base in PREFIXES.items():
        if name.startswith(prefix):
            return base + name.removeprefix(prefix)
    return CONSTANTS.get(name)


def free_variables(expression: tree.Expression, bound: frozenset[str] = frozenset()) -> set[str]:
    """The names that an expression wants from its context: neither FHIR's nor made by defineVariable."""
    if isinstance(expression, tree.Variable):
        name = expression.name
        return set() if name in bound or name in RESERVED or _constant(name) is not None else {name}
    if not isinstance(expression, tree.Path):
        return {name for inner in tree.children(expression) for name in free_variables(inner, bound)}
    found = set() if expression.start is None else free_variables(expression.start, bound)
    for step in expression.steps:
        inside: tuple[tree.Expression, ...] = ()
        if isinstance(step, tree.Index):
            inside = (step.value,)
        elif isinstance(step, tree.Call):
            inside = step.arguments
        for inner in inside:
            found |= free_variables(inner, bound)
        if isinstance(step, tree.Call) and step.name == "defineVariable" and inside:
            first = inside[0]
            bound |= {str(first.value)} if isinstance(first, tree.Literal) else set()
    return found


def variable(name: str, position: int) -> Evaluate:
    """How a variable is read. One that neither FHIR nor the context has is an execution error when read."""
    known = {"context": _context, "resource": _resource, "rootResource": _root_resource}.get(name)
    if known is not None:
        return known
    text = _constant(name)
    if text is not None:
        constant = (text,)
        return lambda _: constant

    def read(frame: Frame) -> Items:
        variables = frame.run.context.variables
        if name not in variables:
            raise execution(f"There is no variable %{name}", position)
        value = variables[name]
        return [node_of(item) for item in (value if isinstance(value, list | tuple) else [value])]

    return read
