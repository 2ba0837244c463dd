"""The command as its user calls it: with a database, a data folder and a terminal of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from footbridge.cli import main
from footbridge.cli.logs import stop_logging
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.settings import settings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def findings(self) -> list[Any]:
        """Lines of JSON on standard error."""
        return [json.loads(line) for line in self.err.splitlines()]


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty place for the database and the data folder; the settings name it."""
    for name in [name for name in os.environ if name.startswith("FOOTBRIDGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path / 'footbridge.sqlite3'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("COLUMNS", raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()
    stop_logging()


@pytest.fixture
def run(home: Path) -> Callable[..., Ran]:
    """Run a command in this process; a failure that is not told in lines fails the test."""

    def call(*words: object, input: bytes | str | None = None, env: dict[str, str] | None = None) -> Ran:  # noqa: A002
        settings.cache_clear()
        result = CliRunner().invoke(main, [str(word) for word in words], input=input, env=env, prog_name="footbridge")
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert "Traceback" not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def shell(home: Path) -> Callable[..., Ran]:
    """Run a command in a process of its own, as bytes come and go there."""

    def call(*words: object, env: dict[str, str] | None = None, **options: Any) -> Ran:
        command = [sys.executable, "-c", "from footbridge.cli import main; main(prog_name='footbridge')"]
        ran = subprocess.run(
            [*command, *map(str, words)],
            capture_output=True,
            env=dict(os.environ) | (env or {}),
            timeout=120,
            check=False,
            **options,
        )
        found = Ran(ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace"))
        assert "Traceback" not in found.err
        return found

    return call


@pytest.fixture
def tenant(run: Callable[..., Ran]) -> str:
    """The name of the only tenant."""
    assert run("tenant", "add", "riverside", "--jurisdiction", "ca").code == 0
    return "riverside"


@pytest.fixture
def server() -> Iterator[FhirSimulator]:
    """A partner's server on loopback."""
    with FhirSimulator(name="hub") as running:
        yield running


@pytest.fixture
def hub(run: Callable[..., Ran], tenant: str, server: FhirSimulator) -> FhirSimulator:
    """The server of the partner ``north-end-hub``, who takes every referral."""
    assert run("partner", "add", "north-end-hub", server.base_url).code == 0
    assert run("route", "set", "*", "north-end-hub").code == 0
    return server
