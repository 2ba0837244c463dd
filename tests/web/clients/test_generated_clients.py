"""From docs/openapi.yaml generators make Python clients that submit and follow all twenty examples."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from support.serving import serving

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, make_token

HERE = Path(__file__).parent
DESCRIPTION = HERE.parents[2] / "docs" / "openapi.yaml"
JAR = "org.openapitools:openapi-generator-cli:7.17.0"
TENANTS = ("plain", "generated")
LONG = 300  # seconds; the first run fetches the generator
SENT = {"accept", "start", "complete", "reject", "route", "split", "answer", "prohibit-contact"}


def run(*command, **options):
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONG, **options)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="session")
def generator(tmp_path_factory):
    """The jar of openapi-generator, by Maven: from its cache where it was fetched before."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: openapi-generator cannot run")
    place = tmp_path_factory.mktemp("generator")
    copy = ["dependency:copy", f"-Dartifact={JAR}", f"-DoutputDirectory={place}", "-Dmdep.useBaseVersion=true"]
    run("mvn", "-q", "-B", *copy, cwd=place)
    return next(place.glob("*.jar"))


@pytest.fixture
def openapi_generator(generator, tmp_path):
    made = tmp_path / "client"
    options = ["-g", "python", "-i", str(DESCRIPTION), "-o", str(made), "--package-name", "footbridge_api"]
    run("java", "-jar", str(generator), "generate", *options)
    return made, HERE / "with_openapi_generator.py"


@pytest.fixture
def openapi_python_client(tmp_path):
    made = tmp_path / "client" / "footbridge_api"
    made.parent.mkdir()
    tool = Path(sys.executable).with_name("openapi-python-client")
    run(str(tool), "generate", "--path", str(DESCRIPTION), "--meta", "none", "--output-path", str(made))
    return made.parent, HERE / "with_openapi_python_client.py"


@pytest.fixture
def api(sqlite_database, tmp_path):
    """The API as it is served, and a navigator's token for each of two tenants."""
    now, tokens = datetime.now(UTC), {}
    with sqlite_database.write() as connection:
        for tenant in TENANTS:
            add_tenant(connection, tenant, "ca", now)
            for name in ("lakeside-services", "north-end-hub"):
                partner = Partner(name, "fhir", "recipient", name, f"https://{name}.test/fhir")
                add_partner(connection, tenant, partner, now)
            set_route(connection, tenant, "*", ["lakeside-services", "north-end-hub"])
            known = Principal("navigator", name="vendor", tenant=tenant)
            tokens[tenant] = make_token(connection, known, now)
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    with serving(url, tmp_path / "log") as served:
        yield served.base, tokens


def stored_as_sent(base, token):
    """What the API stores of each example that is sent as it stands."""
    session, stored = requests.Session(), {}
    session.headers["Authorization"] = f"Bearer {token}"
    for path in sorted(folder("examples").glob("[0-9]*.json")):
        document = json.loads(path.read_bytes())
        receipt = session.post(f"{base}/api/v1/prescriptions", json=document, timeout=60)
        assert receipt.status_code == 201, receipt.text
        state = session.get(base + receipt.headers["Location"], timeout=60).json()
        stored[path.stem] = state["prescription"]
    session.close()
    return stored


@pytest.mark.parametrize("client", ["openapi_generator", "openapi_python_client"])
def test_a_generated_client_submits_and_follows_every_example(request, api, client):
    made, driver = request.getfixturevalue(client)
    base, tokens = api
    output = run(sys.executable, str(driver), str(made), base, tokens["generated"], str(folder("examples")))
    done = json.loads(output)
    expected = stored_as_sent(base, tokens["plain"])
    assert len(expected) == 20
    for name, document in expected.items():
        assert done["read"][name] == document, name
    assert set(done["sent"]) == SENT
    assert done["listed"] == 20
    assert done["changes"] == done["events"] > 40
    assert done["missing"] == 404
