"""Modules do not import each other in a circle; what only annotations need does not count."""

import ast
from collections.abc import Container
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ADAPTER = Path(__file__).parents[2] / "adapter"


class _Imports(ast.NodeVisitor):
    """The modules that one imports when it runs, at its head or in a function."""

    def __init__(self, modules: Container[str]) -> None:
        self.found: set[str] = set()
        self._modules = modules

    def visit_If(self, node: ast.If) -> None:
        for_annotations = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for part in node.orelse if for_annotations else [*node.body, *node.orelse]:
            self.visit(part)

    def visit_Import(self, node: ast.Import) -> None:
        self.found.update(one.name for one in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            inner = f"{node.module}.{one.name}"
            self.found.add(inner if inner in self._modules else node.module or "")


def _module_of(path: Path) -> str:
    parts = path.relative_to(ADAPTER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_module_leads_back_to_itself() -> None:
    modules = {_module_of(path): path for path in ADAPTER.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        imports = _Imports(modules)
        imports.visit(ast.parse(path.read_text(encoding="utf-8")))
        graph[name] = (imports.found & modules.keys()) - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
