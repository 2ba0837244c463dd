"""As a library we write nothing to an integrator's output, and log where it has set up its log."""

import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "test-with-the-simulator.md"
EXAMPLE = GUIDE.read_text().partition("```python\n")[2].partition("```")[0]
STANDARD = "import logging, sys\nlogging.basicConfig(level=logging.DEBUG, stream=sys.stderr)\n"
STRUCTURED = "import structlog, sys\nstructlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))\n"


def ran(code):
    """What a program of an integrator writes, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_the_guides_example_prints_what_it_says_alone():
    done = ran(EXAMPLE)
    assert (done.stdout, done.stderr) == ("completed\nProcedure\n", "")


def test_what_goes_wrong_is_not_printed_either():
    failing = EXAMPLE.replace(
        "    network.deliver(",
        "    server.faults.next(status=503)\n    try: network.test()\n    except Exception: pass\n    network.deliver(",
    )
    assert failing != EXAMPLE
    done = ran(failing)
    assert (done.stdout, done.stderr) == ("completed\nProcedure\n", "")


@pytest.mark.parametrize("configured", [STANDARD, STRUCTURED])
def test_an_integrator_who_sets_up_a_log_sees_our_lines(configured):
    done = ran(configured + EXAMPLE)
    assert done.stdout == "completed\nProcedure\n"
    assert "partner.request" in done.stderr
    assert "good-neighbours" in done.stderr
