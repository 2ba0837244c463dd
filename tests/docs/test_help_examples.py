"""Every example in the help of a command runs as it is written, in a shell, and ends with exit code 0.

Those that go on for ever, need another system or take minutes are read only: their options must exist. The table says
which, and which test runs them.
"""

import shlex

import click
import pytest
from support.pages import examples_of
from support.shell import assert_runs_until_stopped

from footbridge.cli import main
from footbridge.partners.fhir.simulator import FhirSimulator

READ_ONLY = {
    "footbridge partner add shelter https://shelter.test/fhir --delivery task-only": "needs FOOTBRIDGE_PUBLIC_URL; "
    "tests/cli/test_hosted_partners.py runs it",
    "footbridge client erase --identifier - --cancel-open --yes < identifier.txt": "needs partners; "
    "tests/cli/test_client.py runs it",
    'footbridge client erase --person 4f1c8f0e-6a3b-4d0a-9f57-0c2f5a1f7a11 --reason "Request 14"': "as above",
    "footbridge demo": "tests/e2e/test_demo.py runs it",
    "footbridge demo --keep": "goes on until it is stopped; tests/e2e/test_demo_output.py runs it",
    "footbridge demo --keep --port 9000": "as above",
    "footbridge demo --network ocean": "takes half a minute; tests/cli/test_ocean.py runs it",
    "footbridge directory import https://api.211.test/hsds --source state-211 --key env:API_KEY": "needs an API; "
    "tests/partners/directories/ has some",
    "footbridge event RX-1 confirm-consent --how verbal --scope contact --scope needs": "needs a prescription on hold; "
    "tests/cli/test_event.py has one",
    "footbridge event RX-2 confirm-needs --need 0=housing-instability": "as above",
    "footbridge event RX-4 confirm-records --client client.json": "as above",
    "footbridge event RX-3 route --partner food-bank": "as above",
    "footbridge event RX-6 answer --happened partly --goal 0=improving --barrier economic": "as above",
    'footbridge event RX-7 forward --partner pantry --reason "Shorter way"': "as above",
    'footbridge event RX-5 replace --partner food-bank --reason "The evenings were too late"': "as above",
    "footbridge partner letter food-bank --new-code --language fr": "needs a service with letters; "
    "tests/cli/test_partner_letter.py has one",
    "footbridge partner letter food-bank": "as above",
    "footbridge partner set annex --consent-basis express": "needs a hosted requester; "
    "tests/cli/test_hosted_partners.py has one",
    "footbridge packages install hl7.fhir.us.core#6.1.0": "needs a registry; tests/cli/test_packages.py has one",
    "footbridge serve": "goes on until it is stopped; tests/cli/test_serve.py and test_page_examples.py run it",
    "footbridge serve --host 0.0.0.0 --port 9000 --workers 8": "as above, on every address of the machine",
    "footbridge validate resources/ --changed origin/main": "needs a repository; tests/cli/test_validate_changed.py has "
    "one",
    "footbridge validate resources/ --watch": "goes on until it is stopped; tests/cli/test_validate_watch.py runs it",
    "footbridge worker --threads 8": "goes on until it is stopped; tests/cli/test_serve.py runs it",
}
PARTNERS_ARE_ADDED = ("footbridge partner add",)
EMPTY = ("footbridge tenant add", "TOKEN=$(footbridge tenant add")
EXAMPLES = sorted(set(examples_of(main)))


def parse(line: str) -> None:
    """Read the words of a command without running it; raises click.UsageError for what it does not know."""
    words = shlex.split(line.partition(" < ")[0])[1:]
    command, context = main, click.Context(main, info_name="footbridge")
    while isinstance(command, click.Group):
        name, *words = words
        below = command.get_command(context, name)
        assert below is not None, name
        command, context = below, click.Context(below, info_name=name, parent=context)
    command.parse_args(context, words)


def test_every_command_has_an_example():
    with_examples = {path for path, _ in EXAMPLES}
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        below = command.list_commands(context) if isinstance(command, click.Group) else []
        assert [one for one in [f"footbridge {name}", *(f"footbridge {name} {one}" for one in below)]
                if one not in with_examples] == []  # fmt: skip


def test_the_table_of_what_is_read_only_is_current():
    assert {line for _, line in EXAMPLES} >= READ_ONLY.keys()


@pytest.mark.parametrize("line", sorted(READ_ONLY))
def test_what_is_not_run_is_read(line):
    parse(line)


SIMULATE = "footbridge simulate"


@pytest.mark.parametrize("line", sorted({line for _, line in EXAMPLES if line.startswith(SIMULATE)}))
def test_a_simulator_runs_until_it_is_stopped(line, sandbox):
    assert_runs_until_stopped(sandbox, f"{line} --port 0")  # the port of the line may be in use


@pytest.mark.parametrize(
    "line", sorted({line for _, line in EXAMPLES if not line.startswith(SIMULATE)} - READ_ONLY.keys())
)
def test_an_example_runs(line, request, sandbox):
    if not line.startswith(EMPTY):
        request.getfixturevalue("clinic")
    prepare(line, sandbox)
    with FhirSimulator(name="emr") as server:
        if line == "footbridge partner test emr":
            assert sandbox.run(f"footbridge partner set emr --base-url {server.base_url}").returncode == 0
        ran = sandbox.run(line)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def prepare(line, sandbox):
    """What the example takes for granted."""
    if line.startswith("footbridge outbox"):
        sandbox.fail_messages()
    if "footbridge client export" in line:
        assert sandbox.run("footbridge prescribe prescription.json").returncode == 0
        system = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"
        (sandbox.home / "identifier.txt").write_text(f"{system}|9000000101\n", encoding="utf-8")
    if line.startswith("footbridge tenant revoke"):
        sandbox.leak_tokens()
    if line.startswith(("footbridge user role", "footbridge user remove")):
        added = sandbox.run('footbridge user add kit@riverside.example --name "Kit Moreau" --role navigator')
        assert added.returncode == 0, added.stderr
    if line.startswith("footbridge user set"):
        added = sandbox.run('footbridge user add pat@riverside.example --name "Pat Moreau" --role prescriber')
        assert added.returncode == 0, added.stderr
    if line.startswith("footbridge restore"):
        assert sandbox.run("footbridge backup footbridge.backup").returncode == 0
    if line.startswith(PARTNERS_ARE_ADDED):
        name = line.split()[3]
        if f'"{name}"' in sandbox.run("footbridge partner list --json").stdout:
            assert sandbox.run(f"footbridge partner remove {name} --yes").returncode == 0
    if "clinic.test.guide" in line:
        assert sandbox.run("footbridge packages install guide.tgz").returncode == 0
