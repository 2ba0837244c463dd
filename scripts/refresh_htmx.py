"""Fetches htmx from npm into the portal's static files, with its licence.

Run ``python scripts/refresh_htmx.py VERSION`` (it needs npm); the tests of the portal say whether the new version works
under its content security policy. htmx is under the Zero-Clause BSD licence: https://github.com/bigskysoftware/htmx.
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "adapter" / "footbridge" / "web" / "portal" / "static"


def main(version: str) -> None:
    """Replace the files of the version before."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed")
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([npm, "pack", f"htmx.org@{version}", "--silent"], cwd=place, check=True)
        with tarfile.open(next(Path(place).glob("*.tgz"))) as packed:
            packed.extractall(place, filter="data")
        package = Path(place) / "package"
        shutil.copyfile(package / "dist" / "htmx.min.js", STATIC / "htmx.min.js")
        shutil.copyfile(package / "LICENSE", STATIC / "htmx.LICENSE.txt")
    print(f"htmx {version} is in {STATIC}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else sys.exit("Name the version: python scripts/refresh_htmx.py 4.0.1"))
