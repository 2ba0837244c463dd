"""The command as a whole: its help, its words for a mistake, its start."""

import importlib
import re
import subprocess
import sys

import click
import pytest

from footbridge.cli import main
from footbridge.cli.root import COMMANDS

HEAVY = ("sqlalchemy", "pydantic", "structlog", "rich", "flask", "requests", "orjson", "footbridge.mapping")


def walk(command: click.Command, words: tuple[str, ...] = ()):
    """Every command with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*words, name))


EVERY = dict(walk(main))


def test_every_command_of_the_issue_is_there():
    wanted = [
        "demo",
        "serve",
        "worker",
        "prescribe",
        "map",
        "read",
        "partner",
        "tenant",
        "route",
        "outbox",
        "terminology",
        "config",
    ]
    assert set(wanted) <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_list_has_its_module(name):
    command = importlib.import_module(f"footbridge.cli.{name}").command
    assert command.name == name
    assert COMMANDS[name].split()[0] == command.get_short_help_str().split()[0]  # both begin with what it does
    assert len(COMMANDS[name]) <= 66  # one line on a terminal of 80 columns


@pytest.mark.parametrize(
    "words", [words for words, one in EVERY.items() if not isinstance(one, click.Group)], ids=" ".join
)
def test_help_teaches_with_an_example(words, run):
    ran = run(*words, "--help")
    assert ran.code == 0
    assert ran.err == ""
    examples = re.split(r"Examples?:\n", ran.out, maxsplit=1)[1].split("\n\n", 1)[0]
    assert " ".join(("footbridge", *words)) in examples
    assert max(map(len, ran.out.splitlines())) <= 100


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_option_and_example_is_whole_on_a_narrow_terminal(words, run):
    ran = run(*words, "--help", env={"COLUMNS": "40"})
    assert ran.code == 0
    for parameter in EVERY[words].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in ran.out
            assert parameter.help or isinstance(parameter.type, click.Choice), (
                f"{parameter.name} says nothing of itself"
            )


@pytest.mark.parametrize("words", [(), ("map",), ("partner", "add"), ("serve",), ("config", "show")], ids=" ".join)
def test_help_imports_nothing_heavy(words, home):
    code = f"""
import sys
from footbridge.cli import main
main([*{words!r}, "--help"], standalone_mode=False)
heavy = sorted(name for name in {HEAVY!r} if name in sys.modules)
assert not heavy, heavy
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_mapping_imports_no_database(home, examples):
    code = f"""
import sys
from footbridge.cli import main
try:
    main(["map", {str(examples / "01-good-food-box.json")!r}])
except SystemExit as ended:
    assert ended.code == 0
assert "sqlalchemy" not in sys.modules and "structlog" not in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["prescirbe", "x.json"], "Did you mean 'prescribe'?"),
        (["outbox", "lst"], "Did you mean 'list'?"),
        (["map", "--jsn", "x.json"], "Did you mean '--json'?"),
        (["map", "--guide", "3.0", "x.json"], "'3.0.0', '2.3.0'"),
        (["--vers"], "--version"),
        (["frobnicate"], "No such command 'frobnicate'."),
        (["map"], "Missing argument 'FILE...'."),
    ],
)
def test_a_mistake_is_told_with_what_was_meant(words, hint, run):
    ran = run(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert hint in ran.err


def test_no_command_shows_the_help(run):
    ran = run()
    assert ran.code == 2
    assert "Commands:" in ran.err
    assert "prescribe" in ran.err


def test_version(run):
    assert run("--version").out.startswith("footbridge, version ")


def test_a_shell_completes_commands_and_options(shell):
    completes = {"_FOOTBRIDGE_COMPLETE": "bash_complete", "COMP_WORDS": "footbridge te", "COMP_CWORD": "1"}
    assert shell(env=completes).out.splitlines() == ["plain,tenant", "plain,terminology"]
    completes["COMP_WORDS"] = "footbridge --tr"
    assert shell(env=completes).out.splitlines() == ["plain,--traceback"]
