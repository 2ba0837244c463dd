"""A place where the commands of the pages run as they are written: files, a database, partners, a shell."""

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import text

from footbridge.jobs.queue import JobQueue
from footbridge.store.engine import open_database

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "01-good-food-box.json"
DIRECTORY = ROOT / "examples" / "directory" / "loon-bay.ndjson"
PLACES = "CA\tP3E\tSudbury\tOntario\tON\t\t\t\t\t46.47\t-81.00\t6\nCA\tP3E 5J1\tSudbury\tOntario\tON\t\t\t\t\t46.47\t-81.00\t6\n"
TASK = {"resourceType": "Task", "status": "requested", "intent": "order", "input": [
    {"type": {"coding": [{"system": "urn:footbridge:test", "code": "note"}]}, "valueString": "a note"}]}  # fmt: skip
BUNDLE = """<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><fullUrl value="urn:uuid:1"/><resource>
<Patient><name><given value="Ann"/></name></Patient></resource></entry></Bundle>"""
VALUE_SET = {"resourceType": "ValueSet", "url": "http://clinic.test/ValueSet/a", "status": "active",
             "compose": {"include": [{"system": "http://snomed.info/sct", "concept": [{"code": "733423003"}]}]}}  # fmt: skip
HUB_KEY = ECKey.generate_key("P-384", {"kid": "hub-1"})
HUB_JWKS = json.dumps({"keys": [HUB_KEY.as_dict(private=False)]})
SHIM = '#!/bin/sh\nexec "{python}" -c "from footbridge.cli import main; main(prog_name=\'footbridge\')" "$@"\n'


@dataclass
class Sandbox:
    """One folder that a reader of the pages stands in."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.home / 'footbridge.sqlite3'}"

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """A command as the shell runs it; a question is answered with yes."""
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.home, env=self.environment, input="y\n", capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        program = self.home / "program.py"
        program.write_text(code, encoding="utf-8")
        return subprocess.run(
            [sys.executable, program],
            cwd=self.home, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def fail_messages(self) -> None:
        """Make two messages that failed: 17 to the hub, 18 to the closed service."""
        database = open_database(self.database_url)
        with database.write() as connection:
            for number, partner in ((17, "north-end-hub"), (18, "closed-service")):
                JobQueue(connection).enqueue(
                    tenant="riverside", kind="update", partner=partner, key=f"{partner}/x", payload={},
                    dedupe=str(number), due=datetime.now(UTC),
                )  # fmt: skip
                made = {"number": number, "dedupe": str(number)}
                connection.execute(text("UPDATE job SET id = :number, state = 'failed' WHERE dedupe = :dedupe"), made)
        database.dispose()

    def leak_tokens(self) -> None:
        """Make two tokens: one whose digest begins as in the help, one in the file ``leaked-token``."""
        database = open_database(self.database_url)
        with database.write() as connection:
            connection.execute(text("UPDATE token SET digest = '3f9a2c71b0de' || substr(digest, 13)"))
        database.dispose()
        made = self.run("footbridge tenant token riverside --actor leak --role navigator > leaked-token")
        assert made.returncode == 0, made.stderr


def _write_files(home: Path) -> None:
    (home / "prescription.json").write_bytes(EXAMPLE.read_bytes())
    (home / "prescriptions").mkdir()
    (home / "resources").mkdir()
    shutil.copytree(ROOT / "examples", home / "examples")
    for name in ("01-good-food-box.json", "02-bereavement-network.json"):
        (home / "prescriptions" / name).write_bytes((ROOT / "examples" / name).read_bytes())
    task = json.dumps(TASK)
    for place in ("task.json", "resources/task.json"):
        (home / place).write_text(task)
    for place in ("my-value-sets.json", "vsac-download.json"):
        (home / place).write_text(json.dumps(VALUE_SET | {"url": f"http://clinic.test/ValueSet/{place}"}))
    (home / "hub-private.json").write_text(json.dumps(HUB_KEY.as_dict(private=True)))
    (home / "hub-jwks.json").write_text(HUB_JWKS)
    (home / "footbridge-jwks.json").write_text(HUB_JWKS)
    (home / "bundle.xml").write_text(BUNDLE)
    (home / "export.ndjson").write_text(f"{task}\n{task}\n")
    (home / "export.ndjson.gz").write_bytes(gzip.compress(f"{task}\n{task}\n".encode()))
    with zipfile.ZipFile(home / "export.zip", "w") as made:
        made.write(DIRECTORY, DIRECTORY.name)
    (home / "CA_full.txt").write_text(PLACES, encoding="utf-8")
    _pack(home / "guide.tgz", "clinic.test.guide")
    _pack(home / "my-codes.tgz", "clinic.test.codes")


def _pack(path: Path, name: str) -> None:
    """A FHIR package with a value set."""
    manifest = {"name": name, "version": "1.0.0", "fhirVersions": ["4.0.1"]}
    value_set = VALUE_SET | {"url": f"http://clinic.test/ValueSet/{name}"}
    with tarfile.open(path, "w:gz") as made:
        for file, content in (("package.json", manifest), ("ValueSet-a.json", value_set)):
            data = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"package/{file}")
            entry.size = len(data)
            made.addfile(entry, io.BytesIO(data))


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """Files and no database."""
    home = tmp_path / "reader"
    shims = home / ".venv" / "bin"
    shims.mkdir(parents=True)
    shim = shims / "footbridge"
    shim.write_text(SHIM.format(python=sys.executable))
    shim.chmod(0o755)
    _write_files(home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")}
    environment = kept | {
        "PATH": f"{shims}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "EMR_TOKEN": "secret",
        "COLUMNS": "200",
    }
    made = Sandbox(home, environment)
    environment["FOOTBRIDGE_DATABASE_URL"] = made.database_url
    return made


@pytest.fixture(scope="session")
def clinic_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with the tenant, the partners and the directory that the pages speak of."""
    from footbridge.model.clock import SystemClock
    from footbridge.model.principals import Principal
    from footbridge.referrals.onboarding import register_partner
    from footbridge.store.migrate import upgrade
    from footbridge.store.partners import Partner
    from footbridge.store.smart_clients import set_smart_client
    from footbridge.store.tenants import add_tenant, make_token

    path = tmp_path_factory.mktemp("clinic") / "footbridge.sqlite3"
    database, now = open_database(f"sqlite:///{path}"), SystemClock().now()
    upgrade(database)
    with database.write() as connection:
        add_tenant(connection, "riverside", "ca", now)
        for name in ("emr", "second-emr", "north-end-hub", "lakeside-services", "closed-service"):
            role = "requester" if name.endswith("emr") else "recipient"
            partner = Partner(name, "fhir", role, name.title(), f"https://{name}.test/fhir")
            register_partner(connection, "riverside", partner, now)
        set_smart_client(connection, "riverside", "north-end-hub", (HUB_JWKS, None), now)
        for name, role in (("food-bank", "recipient"), ("clinic", "requester")):
            register_partner(connection, "riverside", Partner(name, "hosted", role, name.title(), ""), now)
        make_token(connection, Principal("navigator", name="kit", tenant="riverside"), now)
        _add_site(connection, now)
    _import_directory(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path.read_bytes()


def _add_site(connection, now) -> None:
    """A site of Ocean with a listing; its messages 17 and 18 failed."""
    from footbridge.partners.ocean.listing import Listing
    from footbridge.referrals.onboarding import register_partner
    from footbridge.store import ocean_messages
    from footbridge.store.ocean_sites import put_listing, set_site
    from footbridge.store.partners import Partner

    base = "https://ocean.test/svc/fhir/v1"
    register_partner(connection, "riverside", Partner("clinic-ocean", "ocean", "requester", "Clinic", base), now)
    set_site(connection, "riverside", "clinic-ocean", "1234", now)
    entry = Listing.decode({"target": "food_bank12345678"}).encode()
    put_listing(connection, "riverside", "clinic-ocean", "food_bank12345678", entry)
    for _number in range(18):
        ocean_messages.add(connection, "riverside", "clinic-ocean", b"<Bundle/>", now)
    for number in (17, 18):
        ocean_messages.settle(connection, number, "failed", "xml")


def _import_directory(database_url: str) -> None:
    """The example directory, under the name of the source that the helps have."""
    words = ["directory", "import", str(DIRECTORY), "--source", "north-211", "--country", "CA"]
    environment = os.environ | {
        "FOOTBRIDGE_DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    subprocess.run(
        [sys.executable, "-m", "footbridge", *words, "--timezone", "America/Toronto"],
        env=environment, capture_output=True, timeout=120, check=True,
    )  # fmt: skip


@pytest.fixture
def clinic(sandbox: Sandbox, clinic_database: bytes) -> Sandbox:
    """Files, and that database."""
    (sandbox.home / "footbridge.sqlite3").write_bytes(clinic_database)
    return sandbox
