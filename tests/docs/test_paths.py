"""What the pages name is there: files, folders, links, sections, commands, settings."""

import re
from pathlib import Path

import click
import pytest
from support.pages import NAMES, ROOT, prose_of, text_of

from footbridge.cli import main
from footbridge.settings import Settings, variables

PLACES = (ROOT, ROOT / "adapter" / "footbridge", ROOT / "tests", ROOT / "examples")
ENDINGS = (".py", ".json", ".md", ".toml", ".csv", ".yaml", ".svg", "/")
NOT_HERE = {
    "profiles/packs/guide-intent/order-reason.json": "the file that the guide makes",
    "my-profiles/": "the reader's own",
    "goal/": "the beginning of a role of the mapping",
}


def paths_of(page):
    """What stands between backticks and looks like a path."""
    for said in re.findall(r"`([^`\s]+)`", prose_of(page)):
        if said.endswith(ENDINGS) and "/" in said and "://" not in said and not said.startswith(("/", "http", "-")):
            yield said.removeprefix("footbridge/")


@pytest.mark.parametrize("page", NAMES)
def test_every_path_exists(page):
    missing = [
        path
        for path in paths_of(page)
        if path not in NOT_HERE and "NAME" not in path and not any((place / path).exists() for place in PLACES)
    ]
    assert missing == []


@pytest.mark.parametrize("page", NAMES)
def test_every_link_leads_somewhere(page):
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, section = target.partition("#")
        place = (ROOT / page).parent / file if file else ROOT / page
        if not place.exists() or (section and section not in sections_of(place)):
            missing.append(target)
    assert missing == []


def sections_of(path: Path) -> set[str]:
    """The anchors that a code host makes of headings."""
    found = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found]
    named = re.findall(r"<a (?:id|name)=\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    return {*plain, *named}


@pytest.mark.parametrize("page", NAMES)
def test_every_command_between_backticks_exists(page):
    for said in re.findall(r"`footbridge ([^`]+)`", prose_of(page)):
        words = [word for word in said.split() if not word.startswith("-")]
        command = main
        while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
            below = command.get_command(click.Context(command), words.pop(0))
            assert below is not None, said
            command = below
        options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {
            "--help",
            "--version",
            "--traceback",
        }
        if words and words[0] == "COMMAND":
            continue
        assert [word for word in said.split() if word.startswith("--") and word not in options] == [], said


@pytest.mark.parametrize("page", NAMES)
def test_every_setting_exists(page):
    known = {variable for name in Settings.model_fields for variable in variables(name)}
    of_tests = "TEST_DATA TEST_DATABASE_URL FAIL_ON_SKIP COMPLETE SOAK SOAK_EXAMPLES"
    others = {f"FOOTBRIDGE_{name}" for name in of_tests.split()}
    named = set(re.findall(r"FOOTBRIDGE_[A-Z_]*[A-Z]", text_of(page)))
    assert named - known - others == set()


def test_the_rooms_of_the_architecture_are_those_of_the_package():
    rows = re.findall(r"^\| `(\w+)/` \|", text_of("docs/explanation/architecture.md"), re.MULTILINE)
    package = ROOT / "adapter" / "footbridge"
    assert set(rows) == {one.name for one in package.iterdir() if (one / "__init__.py").exists()}
