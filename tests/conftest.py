"""What every test may ask for."""

import logging
import os
import sys
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Properties look at new examples on every run but CI's, whose verdict must not depend on chance.
settings.register_profile(
    "footbridge",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("footbridge")

os.environ["LC_ALL"] = "C.UTF-8"  # commands speak the language of the locale, and tests read English

sys.path.insert(0, str(Path(__file__).parent))
pytest_plugins = ["support.databases", "support.crash", "support.faults", "support.queue_fixtures", "support.soak"]


@pytest.fixture(autouse=True)
def unconfigured_log() -> None:
    """Every test begins with the log of a process in which nobody has set one up, whatever ran before it."""
    structlog.reset_defaults()
    ours = logging.getLogger("footbridge")
    ours.propagate, ours.disabled = True, False
    ours.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with the official packages and samples, named by FOOTBRIDGE_TEST_DATA."""
    place = os.environ.get("FOOTBRIDGE_TEST_DATA")
    if not place:
        pytest.skip("FOOTBRIDGE_TEST_DATA is not set: the official packages and samples are not at hand")
    return Path(place).resolve()


class SkipsAreFailures:
    """Fails the run when a test was skipped: on CI every test has what it needs."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.write_line(f"{len(self.skipped)} tests were skipped, and FOOTBRIDGE_FAIL_ON_SKIP is set")


def pytest_configure(config: pytest.Config) -> None:
    """Register the hook on the process that sums up the run."""
    if os.environ.get("FOOTBRIDGE_FAIL_ON_SKIP") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipsAreFailures())
