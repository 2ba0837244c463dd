"""Writes docs/reference/rules.md from the validation's code and rule files.

Run ``python scripts/rules_page.py`` after a rule has changed; ``--check`` only says whether the page is up to date
(exit code 1 when not). A rule's id is the first argument of the call that makes its issue , or
a value of a module's table ``RULES``, or the ``id`` of its file.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from footbridge.validation.core.options import PACKS
from footbridge.validation.packs.files import rules_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "rules.md"
CODE = ROOT / "adapter" / "footbridge" / "validation"
R4 = "https://hl7.org/fhir/R4/"
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
_SEVERITIES = {"fatal", "error", "warning", "information"}

INTRO = """# Rules of the validation

This page is made from the code by `scripts/rules_page.py`; change it there.

Every issue names its rule. One search for the id finds its code. Only an invariant's id goes on with what its
definition says, its key: `invariant.SDOH-Task-1`. What a rule could not decide is listed as unchecked, under the same
id.

Severities are the usual ones; an invariant has that of its definition. The packs at the end only warn, and
`footbridge validate --without PACK` leaves one out.
"""


@dataclass(frozen=True, order=True)
class Row:
    """One rule: its id, its severities, the page of its text, the file of its code."""

    id: str
    severity: str
    spec: str
    file: str


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRO, "## The standard and the profiles\n\n" + _table(_of_code())]
    parts += [f"## Pack {pack}\n\n" + _pack(pack) for pack in PACKS]
    return "\n".join(parts)


def _table(rows: list[Row]) -> str:
    lines = ["| rule | severity | text | code |", "|---|---|---|---|"]
    lines += [f"| `{row.id}` | {row.severity} | {_link(row.spec)} | `{row.file}` |" for row in rows]
    return "\n".join(lines) + "\n"


def _pack(pack: str) -> str:
    lines = ["| rule | what it says | text |", "|---|---|---|"]
    lines += [f"| `{row['id']}` | {row['message']} | {_link(row['spec'])} |" for row in rules_of(pack)]
    return "\n".join(lines) + "\n"


def _link(spec: str) -> str:
    return f"[{spec.rpartition('/')[2] or spec}]({spec})" if spec else ""


def _of_code() -> list[Row]:
    """The rules of the code, one row an id and file."""
    found: dict[tuple[str, str], list[Row]] = {}
    for path in sorted(CODE.rglob("*.py")):
        if "packs" not in path.parts:
            for row in _of_file(path):
                found.setdefault((row.id, row.file), []).append(row)
    merged = []
    for (rule, file), rows in found.items():
        severities = ", ".join(sorted({word for row in rows for word in row.severity.split(", ")}))
        merged.append(Row(rule, severities, max(row.spec for row in rows), file))
    return sorted(merged)


def _of_file(path: Path) -> Iterator[Row]:
    tree = ast.parse(path.read_text())
    names = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    file = path.relative_to(CODE.parent).as_posix()
    tables = _tables(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            for rule in _ids(node.args[0], tables):
                yield Row(rule, _severity(node), _spec(node, names), file)
        if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant) and node.left.value == "invariant.":
            yield Row("invariant.*", "as defined", f"{R4}{names['SPEC']}", file)


def _tables(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """The module's table of rules, if it has one."""
    return {
        target.id: node.value.values
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == "RULES"
    }


def _ids(argument: ast.expr, tables: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The ids that a call's first argument may be: one, either of two, or one of a table."""
    if isinstance(argument, ast.IfExp):
        yield from _ids(argument.body, tables)
        yield from _ids(argument.orelse, tables)
    elif isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name):
        for row in tables.get(argument.value.id, ()):
            yield from _ids(row, tables)
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str) and _is_id(argument.value):
        yield argument.value


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and not text.endswith((".json", ".py"))


def _severity(call: ast.Call) -> str:
    given = [word.value for word in call.keywords if word.arg == "severity"]
    if not given and len(call.args) > 1:
        given = [call.args[1]]
    for value in given:
        if isinstance(value, ast.Constant) and value.value in _SEVERITIES:
            return str(value.value)
        if isinstance(value, ast.IfExp):
            return "error, warning"
    return "as defined" if any(word.arg == "severity" for word in call.keywords) else "error"


def _spec(call: ast.Call, names: dict[str, object]) -> str:
    for word in call.keywords:
        if word.arg == "spec":
            value = word.value
            text = value.value if isinstance(value, ast.Constant) else names.get(getattr(value, "id", ""))
            if isinstance(text, str):
                return text if "://" in text else R4 + text
    text = names.get("SPEC")
    return (text if "://" in text else R4 + text) if isinstance(text, str) else ""


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
