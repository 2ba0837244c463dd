"""Runs every test that ``FOOTBRIDGE_SOAK=1`` enlarges, file after file: ``make soak``, hours.

``python scripts/soak.py [FILE...]`` runs these files only, so that a run that was stopped goes on with the rest. One
line for each file says how many tests and examples it ran. Exit code 1 where a test failed; what to run again is named.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
MARKER = "pytest.mark.soak"


@dataclass(frozen=True)
class Run:
    """What became of the tests of a file: how many there were, examples they ran, seconds, whether all passed."""

    tests: int
    examples: int
    seconds: float
    passed: bool

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        return f"{self.tests:6,} tests {self.examples:10,} examples {self.seconds:9,.0f} s  {verdict}"


def files() -> list[str]:
    """The files with tests that are larger in a soak run, below the root."""
    found = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(one.relative_to(ROOT)) for one in found if f"@{MARKER}" in one.read_text(encoding="utf-8")]


def run(file: str) -> Run:
    """Run what is marked in a file; the output of pytest is shown where a test failed."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="footbridge-soak-") as folder:
        report = Path(folder, "report.xml")
        options = ["-q", "-m", "soak", "-n", "auto", "--timeout", "0", "-o", "junit_family=xunit1"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, "--junitxml", str(report), file],
            cwd=ROOT,
            env={**os.environ, "FOOTBRIDGE_SOAK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    counts = [int(one.get("value", "0")) for case in cases for one in case.iter("property")]
    return Run(len(cases), sum(counts), time.monotonic() - began, done.returncode == 0)


def main(arguments: Sequence[str]) -> int:
    """Run the files that are named, or all; returns the exit code."""
    open_files = list(arguments) or files()
    width = max(map(len, open_files))
    failed = []
    try:
        while open_files:
            outcome = run(open_files[0])
            print(f"{open_files[0]:{width}} {outcome}", flush=True)
            failed += [] if outcome.passed else [open_files[0]]
            del open_files[0]
    except KeyboardInterrupt:
        print("Stopped.")
    if failed or open_files:
        print(f'To run what is left: make soak SOAK="{" ".join([*failed, *open_files])}"')
    return 1 if failed or open_files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
