"""Every command and every program in the pages runs as it is written, but for those that the tables name."""

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.pages import NAMES, ROOT, blocks_of, commands_of, section_of
from support.shell import assert_runs_until_stopped

from footbridge.validation import Validator
from footbridge.validation.packs import files, guide_intent

BY_HAND = section_of("README.md", "## For EMR vendors: prescribe through the API")
"""Its blocks belong together: test_by_hand.py runs them."""
IN_ORDER = {"docs/guides/hosted-partners.md", "docs/tutorials/first-referral.md"}
"""Their blocks belong together too: test_hosted_partners.py runs them."""
SHELL = [
    block for page in NAMES if page not in IN_ORDER for block in blocks_of(page, "sh") if block.text not in BY_HAND
]
SIMULATE = "footbridge simulate "
INSTALLS = "it would fetch, or change the machine; tests/test_distribution.py installs the wheel"
OF_SYSTEMD = "it changes the machine; test_operate.py runs it in a root of its own"
OF_CONTAINERS = "needs a container engine; test_operate.py lints the file"
NOT_RUN = {
    "make demo": "tests/e2e/test_demo.py runs the demo",
    "make test": "it is this",
    'pip install "footbridge-fhir[dask]"': "it would fetch; pyproject.toml declares the extra",
    "pip install .": "it would fetch; tests/test_distribution.py installs the wheel",
    "pip wheel --no-deps --wheel-dir dist .": "tests/test_distribution.py builds it",
    "pip install dist/footbridge_fhir-*.whl": "as above",
    "python3 -m venv /opt/footbridge": INSTALLS,
    "/opt/footbridge/bin/pip install --require-hashes -r requirements/run.txt": INSTALLS,
    "/opt/footbridge/bin/pip install --no-deps dist/footbridge_fhir-*.whl": INSTALLS,
    '/opt/footbridge/bin/pip install "opentelemetry-sdk==1.45.2" "opentelemetry-exporter-otlp-proto-http==1.45.2"': INSTALLS,
    "useradd --system --home-dir /var/lib/footbridge --shell /usr/sbin/nologin footbridge": OF_SYSTEMD,
    "install -D -m 0600 /dev/null /etc/footbridge/footbridge.env": OF_SYSTEMD,
    "install -m 0644 deploy/footbridge.service /etc/systemd/system/": OF_SYSTEMD,
    "systemctl daemon-reload": OF_SYSTEMD,
    "systemctl enable --now footbridge": OF_SYSTEMD,
    "podman build -f deploy/Containerfile -t footbridge .": OF_CONTAINERS,
    "podman run -d --name footbridge -p 127.0.0.1:8080:8080 -v footbridge:/var/lib/footbridge footbridge": OF_CONTAINERS,
    "podman exec footbridge footbridge tenant add riverside": OF_CONTAINERS,
    "footbridge directory import https://api.211.test/hsds --source state-211 --key env:API_KEY": "needs an API; "
    "tests/partners/directories/ has some",
    "footbridge directory import examples/directory/loon-bay.ndjson --source north-211 --strict --schemas "
    "specification/schema --dry-run": "needs files of another licence; tests/directory/readers/test_strict.py has some",
    "footbridge packages install hl7.fhir.us.core#6.1.0": "needs a registry; tests/cli/test_packages.py has one",
    "export FOOTBRIDGE_TEST_DATA=...": "a place on the reader's machine",
}
READ_ONLY = ("curl ", "python -m benchmarks.", SIMULATE)  # run, or read, by tests of their own below
PROGRAMS = {
    "docs/guides/validate-on-a-cluster.md": "a cluster; tests/validation/bulk runs the same on Dask here",
}
SERVED = {"docs/guides/directory.md", "docs/guides/smart-backend-services.md", "docs/guides/use-the-api.md"}
"""Pages whose programs speak to a server."""
INSIDE = {"docs/guides/test-with-the-simulator.md"}
"""Pages whose later programs stand in the ``with`` of the first one."""


def of_kind(*beginnings):
    lines = [line for block in SHELL for line in commands_of(block)]
    return sorted({line for line in lines if line.startswith(beginnings)})


@pytest.mark.parametrize("block", SHELL, ids=lambda block: f"{block.page}:{block.text.split()[0]}")
def test_the_commands_of_a_block_run(block, sandbox, request):
    lines = [line for line in commands_of(block) if line not in NOT_RUN and not line.startswith(READ_ONLY)]
    if not any("tenant add" in line for line in lines):
        request.getfixturevalue("clinic")
    if "bundle.json" in block.text and "> bundle.json" not in block.text:
        assert sandbox.run("footbridge map prescription.json > bundle.json").returncode == 0
    for line in lines:
        if line.startswith("export "):
            name, value = line.removeprefix("export ").split("=", 1)
            sandbox.environment[name] = value
            continue
        ran = sandbox.run(line)
        assert ran.returncode == 0, line + "\n" + ran.stdout + ran.stderr


def test_the_tables_are_current():
    lines = {line for block in SHELL for line in commands_of(block)}
    assert lines >= NOT_RUN.keys()
    assert set(NAMES) >= PROGRAMS.keys()


@pytest.mark.parametrize("line", of_kind("python -m benchmarks."))
def test_the_options_of_a_benchmark_exist(line):
    words = shlex.split(line)
    ran = subprocess.run(
        [sys.executable, *words[1:3], "--help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert [word for word in words[3:] if word.startswith("--") and word not in ran.stdout] == []


@pytest.mark.parametrize("line", of_kind(SIMULATE))
def test_a_simulator_runs_until_it_is_stopped(line, sandbox):
    assert_runs_until_stopped(sandbox, f"{line} --port 0")  # the port of the line may be in use


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_requests_run_against_the_server(clinic):
    with served(clinic) as address:
        for line in of_kind("curl "):
            ran = clinic.run(
                line.replace("http://127.0.0.1:8080", address).replace("curl ", "curl -sS -w '\\n%{http_code}' ")
            )
            body, code = ran.stdout.rsplit("\n", 1)
            assert code in {"200", "201"}, line + "\n" + ran.stdout + ran.stderr
            assert isinstance(json.loads(body), dict)


@contextlib.contextmanager
def served(clinic):
    """The server as the pages start it, and the token of an EMR in the environment."""
    token = clinic.run("footbridge tenant token riverside --actor emr --role requester").stdout.strip()
    clinic.environment["TOKEN"] = clinic.environment["API_TOKEN"] = token
    clinic.environment["FOOTBRIDGE_PORT"] = "0"
    command = [clinic.home / ".venv" / "bin" / "footbridge", "serve", "--workers", "1"]
    log = clinic.home / "serve.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, cwd=clinic.home, env=clinic.environment, stdout=file, stderr=file)
    try:
        clinic.environment["API_URL"] = wait_for_address(log)
        yield clinic.environment["API_URL"]
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture
def address(clinic):
    return served(clinic)


def wait_for_address(log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text()):
            try:
                urllib.request.urlopen(f"{found[0]}/healthz", timeout=5).close()
            except urllib.error.HTTPError:
                return found[0]
            except OSError:
                continue
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("page", [page for page in NAMES if blocks_of(page, "python")])
def test_the_programs_of_a_page_run_in_their_order(page, sandbox, request):
    first, *later = [block.text for block in blocks_of(page, "python")]
    program = "\n".join([first, *(textwrap.indent(one, " " * 4 if page in INSIDE else "") for one in later)])
    compile(program, page, "exec")
    if page in PROGRAMS:
        return
    with request.getfixturevalue("address") if page in SERVED else contextlib.nullcontext():
        ran = sandbox.python(program)
    assert ran.returncode == 0, ran.stderr
    said = re.search(r"It prints `([^`]+)`", (ROOT / page).read_text())
    assert said is None or ran.stdout.splitlines()[-1] == said[1]


def test_the_rule_of_the_guide_is_a_rule(tmp_path, monkeypatch):
    (rule,) = blocks_of("docs/guides/add-a-rule.md", "json")
    profiles = tmp_path / "profiles"
    shutil.copytree(ROOT / "profiles" / "packs", profiles / "packs")
    (profiles / "packs" / "guide-intent" / "order-reason.json").write_text(rule.text)
    monkeypatch.setattr(files, "folder", lambda _: profiles)
    guide_intent._rules.cache_clear()
    guide_intent._rules_on.cache_clear()
    try:
        order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order"}
        profile = json.loads(rule.text)["profiles"][0]
        assert "guide-intent.order-reason" in rules_of(order, profile)
        assert "guide-intent.order-reason" not in rules_of(order | {"reasonCode": [{"text": "rent"}]}, profile)
    finally:
        guide_intent._rules.cache_clear()
        guide_intent._rules_on.cache_clear()


def rules_of(resource, profile):
    return {issue.rule for issue in Validator().check(resource, [profile]).issues}
