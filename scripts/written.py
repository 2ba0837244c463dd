"""What every script that makes a page does at its end: write the files, or with ``--check`` tell which are old.

if __name__ == "__main__":
from written import write_or_check

sys.exit(write_or_check({PAGE: page()}))
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_or_check(files: Mapping[Path, str], arguments: Sequence[str] | None = None) -> int:
    """Write each file that is not current; with ``--check`` only name it. The exit code: 1 where a check found one.

    Args:
        files: the text that each file should have.
        arguments: those of the script; of the command line when None.
    """
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    old = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in old:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        script = Path(sys.argv[0]).name
        print(f"{shown} is out of date: run python scripts/{script}" if check else f"wrote {shown}")
    return 1 if check and old else 0
