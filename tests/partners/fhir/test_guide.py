"""The guide for integrators says what is true: its first example runs."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "test-with-the-simulator.md"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(blocks[0], str(GUIDE), "exec"), {})
    printed = [line for line in capsys.readouterr().out.splitlines() if "partner.request" not in line]
    assert printed == ["completed", "Procedure"]
