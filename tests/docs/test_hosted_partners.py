"""The page on hosted partners, word for word: a referral from an EMR to a service and back, over HTTP with curl."""

import shutil

import pytest
from docs.test_page_examples import served
from support.pages import blocks_of

PAGE = "docs/guides/hosted-partners.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_of_the_page_run_in_their_order(sandbox):
    assert sandbox.run("footbridge tenant add riverside --jurisdiction ca").returncode == 0
    with served(sandbox) as address:
        script = "\n".join(block.text for block in blocks_of(PAGE, "sh")).replace("http://127.0.0.1:8080", address)
        ran = sandbox.run(f"set -e\n{script}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"status":"accepted"' in (sandbox.home / "stored.json").read_text()
    assert "/open/" in ran.stdout
