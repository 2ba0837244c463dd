"""Runs every benchmark, one after the other: ``python -m benchmarks``. Each prints medians and a ratio."""

import subprocess
import sys
from pathlib import Path

NEEDS_ARGUMENTS = {"peer_suite", "differential"}


def main() -> int:
    """Run each file of this folder as a module; the number of those that failed."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    failed = 0
    for name in names:
        if name in NEEDS_ARGUMENTS:
            print(f"== {name}: run it by itself, see its --help", flush=True)
            continue
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
