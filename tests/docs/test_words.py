"""Messages, help texts and pages are plain English: none has a word of ``words.json``.

A message is a text of the code that a person may read: every string with a blank in it that is not a docstring.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.pages import NAMES, ROOT, prose_of

from footbridge.cli import main

TABLE = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
WORDS = re.compile(r"\b(" + "|".join(row["word"] for row in TABLE["words"]) + r")\b", re.IGNORECASE)
PACKAGE = ROOT / "adapter" / "footbridge"
FINDINGS = sorted((ROOT / "mappings" / "directory" / "rules").glob("*.json"))
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def is_left_out(name: str) -> bool:
    return any(name.startswith(beginning) for beginning in TABLE["notYet"])


def messages_of(source: str) -> Iterator[str]:
    """The texts of a module; what is put into one while it runs is a gap."""
    tree = ast.parse(source)
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value


def found_in(text: str) -> list[str]:
    """Each word that is not to be used, with what stands around it."""
    plain = " ".join(text.split())
    for row in TABLE["exceptions"]:
        plain = plain.replace(row["text"], "…")
    return [plain[max(0, hit.start() - 30) : hit.end() + 30] for hit in WORDS.finditer(plain)]


def helps_of(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=path)
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from helps_of(below, f"{path} {name}")


@pytest.mark.parametrize("name", [name for name in SOURCES if not is_left_out(name)])
def test_messages(name):
    texts = [text for text in messages_of((PACKAGE / name).read_text(encoding="utf-8")) if " " in text.strip()]
    assert [hit for text in texts for hit in found_in(text)] == []


@pytest.mark.parametrize(("path", "help"), [pytest.param(*one, id=one[0]) for one in helps_of(main, "footbridge")])
def test_help_texts(path, help):  # noqa: A002
    assert found_in(help) == []


@pytest.mark.parametrize("name", [name for name in NAMES if not is_left_out(name)])
def test_pages(name):
    assert found_in(prose_of(name)) == []


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_what_the_report_of_a_directory_says(path):
    rules = json.loads(path.read_text(encoding="utf-8"))["rules"].values()
    texts = [said["en"] for rule in rules for said in (rule, rule.get("done", {})) if "en" in said]
    assert [hit for text in texts for hit in found_in(text)] == []


def test_every_exception_is_needed_and_has_its_reason():
    everything = "\n".join((PACKAGE / name).read_text(encoding="utf-8") for name in SOURCES)
    everything += "\n".join(prose_of(name) for name in NAMES)
    assert [row for row in TABLE["exceptions"] if not row["why"] or row["text"] not in everything] == []
    assert all(TABLE["notYet"].values())


def test_the_list_finds_what_it_is_for():
    assert found_in("What is owed is told anew.") != []
    assert found_in("There is no such prescription, and this is no category.") != []
    assert found_in("The partner is no longer there.") == []
