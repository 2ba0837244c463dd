"""``footbridge packages``."""

import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

PROFILE = {
    "resourceType": "StructureDefinition",
    "url": "https://clinic.test/StructureDefinition/x",
    "name": "X",
    "status": "active",
    "kind": "resource",
    "abstract": False,
    "type": "Task",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task",
    "derivation": "constraint",
    "differential": {"element": [{"id": "Task.description", "path": "Task.description", "min": 1}]},
}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A package, and a home without any."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    manifest = {"name": "clinic.test.guide", "version": "1.0.0", "fhirVersions": ["4.0.1"]}
    with tarfile.open(tmp_path / "guide.tgz", "w:gz") as made:
        for name, content in (("package.json", manifest), ("StructureDefinition-x.json", PROFILE)):
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return tmp_path / "guide.tgz"


def test_a_package_that_was_installed_is_listed_and_validated_with(run, archive, tmp_path):
    ran = run("packages", "install", archive, "--json")
    assert ran.json == [{"package": "clinic.test.guide", "version": "1.0.0", "from": "cache"}]
    listed = run("packages", "list", "--json").json
    assert ran.json[0] in listed
    assert {"package": "hl7.fhir.r4.core", "version": "4.0.1", "from": "embedded"} in listed
    (tmp_path / "task.json").write_text('{"resourceType": "Task", "status": "draft", "intent": "order"}')
    task = ("validate", tmp_path / "task.json", "--profile", PROFILE["url"])
    assert run(*task, "--package", "clinic.test.guide#1.0.0").code == 1
    assert "description" in run(*task, "--package", "clinic.test.guide").out


def test_without_a_registry_a_name_is_refused(run, archive):
    ran = run("packages", "install", "clinic.test.other#1.0.0")
    assert ran.code == 2
    assert "FOOTBRIDGE_PACKAGE_REGISTRY" in ran.err


@pytest.fixture
def registry(archive):
    """A registry on loopback that has the package; what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = self.path == "/clinic.test.guide/1.0.0"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(archive.read_bytes() if found else b"")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_registry_that_is_set_is_asked(run, registry):
    base, asked = registry
    ran = run("packages", "install", "clinic.test.guide#1.0.0", env={"FOOTBRIDGE_PACKAGE_REGISTRY": base})
    assert ran.code == 0
    assert asked == ["/clinic.test.guide/1.0.0"]
    ran = run("packages", "install", "clinic.test.other#1.0.0", env={"FOOTBRIDGE_PACKAGE_REGISTRY": base})
    assert ran.code == 2
    assert "clinic.test.other#1.0.0" in ran.err


def test_a_url_is_fetched_without_a_registry(run, registry):
    base, _ = registry
    assert run("packages", "install", f"{base}/clinic.test.guide/1.0.0").code == 0
    assert run("packages", "install", f"{base}/none").code == 2


def test_a_missing_dependency_is_a_warning_and_the_load_goes_on(run, archive, tmp_path):
    repack(archive, {"name": "clinic.test.guide", "version": "1.0.0", "dependencies": {"clinic.test.base": "2.0.0"}})
    (tmp_path / "task.json").write_text(json.dumps({"resourceType": "Task", "status": "requested", "intent": "order"}))
    ran = run("validate", tmp_path / "task.json", "--package", archive, "--profile", PROFILE["url"])
    assert ran.code == 1
    assert "description" in ran.out
    assert "clinic.test.guide#1.0.0 depends on clinic.test.base#2.0.0, which is not here" in ran.err
    assert "footbridge packages install clinic.test.base#2.0.0" in ran.err


def repack(path, manifest):
    """Write the package anew with another manifest."""
    with tarfile.open(path, "w:gz") as made:
        for name, content in (("package.json", manifest), ("StructureDefinition-x.json", PROFILE)):
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
