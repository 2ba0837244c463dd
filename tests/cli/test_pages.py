"""The reference pages say what commands and settings say; none is left out."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from footbridge.cli import main
from footbridge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["cli", "settings"])
def test_the_page_is_up_to_date(name):
    script = ROOT / "scripts" / f"{name}_page.py"
    ran = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_command_is_documented():
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    context = click.Context(main)
    for name in main.list_commands(context):
        assert f"\n## footbridge {name}\n" in text
        command = main.get_command(context, name)
        below = command.commands if isinstance(command, click.Group) else []
        assert [f"footbridge {name} {one}" for one in below if f"\n### footbridge {name} {one}\n" not in text] == []


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"| `FOOTBRIDGE_{name.upper()}` |" not in text] == []
