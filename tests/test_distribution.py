"""The wheel: its name is free on PyPI, it holds all that the command reads, and it runs from another folder."""

import os
import re
import subprocess
import sys
import zipfile

import pytest
from support.pages import NAMES, ROOT, text_of

NAME = "footbridge-fhir"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built as ``pip wheel .`` builds it, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir"]
    ran = subprocess.run([*command, folder, ROOT], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that the wheel is installed in; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_the_name_is_ours(wheel):
    assert wheel.name.startswith("footbridge_fhir-")
    with zipfile.ZipFile(wheel) as opened:
        (metadata,) = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        assert re.search(r"^Name: (.*)$", opened.read(metadata).decode(), re.MULTILINE)[1] == NAME
        (scripts,) = [name for name in opened.namelist() if name.endswith(".dist-info/entry_points.txt")]
        assert "footbridge = footbridge.cli:main" in opened.read(scripts).decode()
        assert {name.split("/")[0] for name in opened.namelist()} == {"footbridge", metadata.split("/")[0]}


def test_it_runs_from_another_folder(installed, tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")},
        "PYTHONPATH": str(installed),
        "FOOTBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'a.sqlite3'}",
    }

    def run(*words):
        return subprocess.run(
            [installed / "bin" / "footbridge", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    example = installed / "footbridge" / "_data" / "examples" / "01-good-food-box.json"
    made = run("map", example)
    assert made.returncode == 0, made.stderr
    (tmp_path / "bundle.json").write_text(made.stdout)
    assert run("validate", "bundle.json").returncode == 0
    added = run("tenant", "add", "riverside")
    assert added.returncode == 0, added.stderr
    assert run("--version").stdout.startswith("footbridge, version ")


@pytest.mark.parametrize("page", NAMES)
def test_no_page_installs_what_is_somebody_elses(page):
    for line in re.findall(r"^.*\bpip3? (?:install|download|wheel) .*$", text_of(page), re.MULTILINE):
        assert re.findall(r"(?<![\w./-])footbridge(?![\w/-])(?=[\[\s\"'=<>~]|$)", line.partition("#")[0]) == [], line
