import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.raw_server import raw_server

from footbridge.partners.package_registry import RegistryClient
from footbridge.partners.package_registry import client as module
from footbridge.validation.packages import Coordinates, PackageError, PackageNotFound, install


def archive():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        data = json.dumps({"name": "test.guide", "version": "1.2.0"}).encode()
        info = tarfile.TarInfo("package/package.json")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.fixture
def base():
    pages = {
        "/test.guide": json.dumps({"dist-tags": {"latest": "1.2.0"}}).encode(),
        "/test.guide/1.2.0": archive(),
        "/odd": b"not json",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = pages.get(self.path)
            self.send_response(500 if self.path.startswith("/broken") else 200 if content else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_version_and_the_newest_are_fetched_and_install(base, tmp_path):
    client = RegistryClient(base + "/")
    assert client.archive(Coordinates("test.guide", "1.2.0")) == client.archive(Coordinates("test.guide"))
    assert [str(one) for one in install("test.guide", cache=tmp_path, source=client)] == ["test.guide#1.2.0"]


def test_a_url_is_fetched_without_a_registry(base, tmp_path):
    made = install(f"{base}/test.guide/1.2.0", cache=tmp_path, source=RegistryClient())
    assert [str(one) for one in made] == ["test.guide#1.2.0"]
    with pytest.raises(PackageNotFound):
        RegistryClient().archive(Coordinates("test.guide", "1.2.0"))


@pytest.mark.parametrize(
    ("name", "version", "error"),
    [("none", "1", PackageNotFound), ("broken", "1", PackageError), ("odd", None, PackageError)],
)
def test_faults_are_told(base, name, version, error):
    with pytest.raises(error):
        RegistryClient(base).archive(Coordinates(name, version))


def test_a_registry_that_is_away_is_told():
    with pytest.raises(PackageError, match="did not answer"):
        RegistryClient("http://127.0.0.1:9", timeout_seconds=2).archive(Coordinates("a", "1"))


def test_an_endless_answer_is_cut(base, monkeypatch):
    monkeypatch.setattr(module, "MAX_ARCHIVE_BYTES", 10)
    with pytest.raises(PackageError, match="larger"):
        RegistryClient(base).archive(Coordinates("test.guide", "1.2.0"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@evil.test/x",
        "https://169.254.169.254/x",
        "https://user:secret@x.test/x",
        "https://x.test/a b",
        "ftp://x.test/x",
        "file:///etc/passwd",
        "https://x.test/\n",
        "https://2852039166/x",
        "x.test/x",
    ],
)
def test_an_address_that_cannot_be_used_is_not_asked(url: str) -> None:
    with pytest.raises(PackageError) as refused:
        RegistryClient().download(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/x", "http://EVIL\\@OWN/x", "//user@EVIL/x", "gopher://EVIL/"]
)
def test_no_redirect_leads_to_such_an_address(location: str) -> None:
    with raw_server() as evil, raw_server() as own:
        said = location.replace("EVIL", f"127.0.0.1:{evil.port}").replace("OWN", f"127.0.0.1:{own.port}")
        answer = f"HTTP/1.1 302 Found\r\nLocation: {said}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
        own.say = lambda connection: connection.sendall(answer)
        with pytest.raises(PackageError):
            RegistryClient().download(f"http://127.0.0.1:{own.port}/x.tgz")
        assert (evil.seen, len(own.seen)) == ([], 1)


def test_a_redirect_to_another_host_is_followed_as_registries_do() -> None:
    with raw_server() as store, raw_server() as own:
        answer = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{store.port}/x.tgz\r\nContent-Length: 0\r\n\r\n"
        own.say = lambda connection: connection.sendall(answer.encode())
        assert RegistryClient().download(f"http://127.0.0.1:{own.port}/x.tgz").startswith(b"{")
        assert len(store.seen) == 1


def test_a_registry_that_drips_headers_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footbridge.partners.package_registry.client.TOTAL_SECONDS", 0.6)
    with raw_server() as own:
        own.say = lambda connection: own.drip(connection, first=b"HTTP/1.1 200 OK\r\n", piece=b"X-One: 1\r\n")
        with pytest.raises(PackageError):
            RegistryClient().download(f"http://127.0.0.1:{own.port}/x.tgz")
