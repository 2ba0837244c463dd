"""Commands that go on until they are stopped, as a shell runs them."""

import signal
import subprocess
import threading
from pathlib import Path
from typing import Protocol

PATIENCE = 60  # seconds


class Place(Protocol):
    """Where a command runs."""

    home: Path
    environment: dict[str, str]


def assert_runs_until_stopped(place: Place, line: str) -> None:
    """Start a command, wait until it says where it listens, stop it: exit code 0, and no traceback."""
    child = subprocess.Popen(
        ["bash", "-c", f"exec {line}"],
        cwd=place.home, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    late = threading.Timer(PATIENCE, child.kill)
    late.start()
    try:
        assert child.stdout is not None
        said = [child.stdout.readline()]
        assert "listens at http://127.0.0.1:" in said[0], said[0] + child.stdout.read()
        child.send_signal(signal.SIGTERM)
        rest, _ = child.communicate()
    finally:
        late.cancel()
        child.kill()
    assert child.returncode == 0, said[0] + rest
    assert "Traceback" not in rest
