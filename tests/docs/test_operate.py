"""The files in ``deploy/`` do what the guide says: units, nginx, Caddy, container file, alarms."""

import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, make_url
from support.pages import ROOT, blocks_of, commands_of, section_of, text_of
from support.serving import serving

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.tenants import add_tenant, make_token

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
GUIDE = "docs/guides/operate.md"


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


# ---- systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_valid_and_closed(unit, tmp_path):
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/footbridge/bin/footbridge", "/bin/true"))
    ran = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (ran.returncode, [line for line in ran.stderr.splitlines() if unit.name in line]) == (0, [])
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=30", copy]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_exists(unit):
    from footbridge.cli import main

    text = unit.read_text()
    words = re.search(r"^ExecStart=/opt/footbridge/bin/footbridge (.*)$", text, re.MULTILINE)[1].split()
    command = main.get_command(None, words[0])
    command.make_context(words[0], words[1:])  # raises for an unknown option
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[1]) > 30  # web.server.GRACE
    assert "RestartPreventExitStatus=2" in text


def test_the_commands_that_install_a_unit(tmp_path):
    """In a root of their own, since they change the machine: users, files, and what starts at boot."""
    if os.geteuid() != 0:
        return  # they are for root
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow", "login.defs"):
        shutil.copy(f"/etc/{name}", tmp_path / "etc" / name)
    (tmp_path / "etc" / "systemd" / "system").mkdir(parents=True)
    section = section_of(GUIDE, "## systemd")
    lines = [line for block in blocks_of(GUIDE, "sh") if block.text in section for line in commands_of(block)]
    ran = []
    for line in lines:
        name, *words = shlex.split(line)
        if name == "useradd":
            words = ["--prefix", str(tmp_path), *words]
        elif name == "install":
            words = [f"{tmp_path}{word}" if word.startswith("/etc/") else word for word in words]
        elif words[:2] == ["enable", "--now"]:
            words = [f"--root={tmp_path}", "enable", *words[2:]]
        else:
            continue  # of the systemd that runs
        subprocess.run([name, *words], cwd=ROOT, check=True, capture_output=True)
        ran.append(name)
    assert ran == ["useradd", "install", "install", "systemctl"]
    assert re.search(
        r"^footbridge:.*:/var/lib/footbridge:/usr/sbin/nologin$", (tmp_path / "etc/passwd").read_text(), re.MULTILINE
    )
    assert (tmp_path / "etc/footbridge/footbridge.env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "etc/systemd/system/multi-user.target.wants/footbridge.service").is_symlink()


@pytest.mark.skipif(shutil.which("systemd-run") is None, reason="systemd is not installed")
def test_the_command_that_runs_a_command_as_the_service_does():
    line = re.search(r"`(systemd-run [^`]+)`", text_of(GUIDE))[1]
    options = [word.split("=")[0] for word in shlex.split(line)[1:] if word.startswith("--")]
    known = subprocess.run(["systemd-run", "--help"], capture_output=True, text=True, check=True).stdout
    assert [option for option in options if not re.search(rf"{option}\b", known)] == []
    unit = (DEPLOY / "footbridge.service").read_text()
    assert re.search(r"EnvironmentFile=(\S+)", line)[1] in unit
    assert re.search(r"--setenv=(\S+)", line)[1] in unit


# ---- proxies


class Nginx:
    """nginx with the file of the guide, in front of a server."""

    def __init__(self, place, upstream, port):
        self.place, self.port = place, port
        certificate, key = certificate_in(place)
        site = (DEPLOY / "nginx.conf").read_text()
        for said, here in (
            ("server 127.0.0.1:8080;", f"server {upstream};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
            ("/etc/ssl/care.example.pem", str(certificate)),
            ("/etc/ssl/care.example.key", str(key)),
        ):
            assert said in site
            site = site.replace(said, here)
        paths = "".join(
            f"{name}_temp_path {place}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.configuration = place / "nginx.conf"
        self.configuration.write_text(
            f"pid {place}/pid;\nerror_log {place}/error.log;\ndaemon off;\nmaster_process off;\n"
            f"events {{}}\nhttp {{\n{paths}{site}\n}}\n"
        )

    def command(self, check=False):
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        words = ["-t"] if check else []
        return [nginx, "-p", self.place, "-e", self.place / "error.log", "-c", self.configuration, *words]


class Caddy:
    """Caddy with the file of the guide, in front of a server."""

    def __init__(self, place, upstream, port):
        self.place, self.port = place, port
        certificate, key = certificate_in(place)
        site = (DEPLOY / "Caddyfile").read_text()
        for said, here in (
            ("care.example {\n", f"care.example:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}\n"),
            ("127.0.0.1:8080 {\n\t\t\theader", f"{upstream} {{\n\t\t\theader"),
        ):
            assert said in site
            site = site.replace(said, here)
        self.configuration = place / "Caddyfile"
        self.configuration.write_text(
            f"{{\n\tadmin off\n\tauto_https off\n\tdefault_sni care.example\n\tstorage file_system {place}\n}}\n{site}"
        )

    def command(self, check=False):
        return [
            shutil.which("caddy"),
            "validate" if check else "run",
            "--adapter",
            "caddyfile",
            "--config",
            self.configuration,
        ]


def certificate_in(place):
    certificate, key = place / "c.pem", place / "c.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-subj", "/CN=care.example", "-days", "1"], check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


PROXIES = [Nginx, *([Caddy] if shutil.which("caddy") else [])]  # few have Caddy: the next test reads its file


@dataclass
class Site:
    """What a client reaches through a proxy."""

    place: Path
    port: int

    def ask(self, path, token=None, body=None, **headers):
        context = ssl.create_default_context(cafile=str(self.place / "c.pem"))
        context.check_hostname = False
        given = {"Host": "care.example", **headers} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", body, given)
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read()


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not installed")
@pytest.mark.parametrize("kind", PROXIES)
def test_a_prescription_comes_through_the_proxy(kind, sqlite_database, clock, tmp_path):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
        token = make_token(connection, Principal("navigator", None, name="kit", tenant="north"), clock.now())
    url = sqlite_database.engine.url.render_as_string()
    place = tmp_path / "proxy"
    place.mkdir()
    more = {"FOOTBRIDGE_PUBLIC_URL": "https://care.example/footbridge", "FOOTBRIDGE_MAX_BODY_BYTES": "100000"}
    with serving(url, tmp_path / "log", **more) as server:
        made = kind(place, server.base.removeprefix("http://"), free_port())
        checked = subprocess.run(made.command(check=True), capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert kind is Caddy or "warn" not in checked.stderr
        with (place / "output").open("w") as output:
            running = subprocess.Popen(made.command(), stderr=output, env={**os.environ, "HOME": str(place)})
        try:
            proxy = Site(place, made.port)
            wait_for(proxy)
            body = folder("examples").joinpath("02-bereavement-network.json").read_bytes()
            json_sent = {"Content-Type": "application/json"}
            status, headers, _ = proxy.ask("/footbridge/api/v1/prescriptions", token, body, **json_sent)
            assert status == 201
            assert headers["Location"].startswith("/footbridge/api/v1/prescriptions/")
            status, headers, found = proxy.ask(headers["Location"], token)
            assert (status, json.loads(found)["status"]) == (200, "waiting")  # nobody is asked: there is no route
            identity = headers["X-Request-Id"].replace("-", "")
            assert proxy.ask("/footbridge/readyz")[0] == 200
            status, _, found = proxy.ask("/footbridge/api/v1/prescriptions", token, b"x" * 200_000, **json_sent)
            assert (status, json.loads(found)["status"]) == (413, 413)  # Footbridge's own answer
            status, _, found = proxy.ask("/footbridge/metrics", token)
            assert (status, b"footbridge_" in found) == (404, False)
            assert proxy.ask("/footbridge/footbridge/healthz")[0] == 404
        finally:
            running.terminate()
            running.wait(30)
    assert identity in (tmp_path / "log").read_text().replace("-", "")
    assert token not in (place / "output").read_text()
    assert not list(place.glob("access*"))


def wait_for(proxy):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if proxy.ask("/footbridge/healthz")[0] == 200:
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError([one.read_text() for one in proxy.place.glob("*") if one.name in {"error.log", "output"}])


def test_caddy_names_what_nginx_names():
    said = (DEPLOY / "Caddyfile").read_text()
    assert said.count("{") == said.count("}")
    for word in (
        "127.0.0.1:8080",
        "/footbridge/metrics",
        "X-Forwarded-Prefix /footbridge",
        "handle_path /footbridge/*",
    ):
        assert word in said


# ---- container


def instructions():
    joined = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text())
    return [line.split(maxsplit=1) for line in joined.splitlines() if line and not line.startswith("#")]


def test_the_container_file_copies_what_is_there_and_is_not_root():
    found = instructions()
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
             "ENTRYPOINT", "CMD"}  # fmt: skip
    assert {word for word, _ in found} <= known
    for word, rest in found:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert [one for one in sources if not (ROOT / one).exists()] == []
        if word == "FROM":
            image, _, tag = rest.split()[0].rpartition(":")
            assert (bool(image), tag != "latest") == (True, True)
        if word in {"ENTRYPOINT", "CMD"}:
            assert isinstance(json.loads(rest), list)
    last = [rest for word, rest in found if word == "USER"][-1]
    assert last == "10001:10001"
    assert ["CMD", '["serve"]'] in found


def test_the_container_file_is_linted():
    ran = subprocess.run(
        [Path(sys.executable).parent / "hadolint", DEPLOY / "Containerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "")


def test_the_container_has_a_python_that_is_supported():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    versions = {re.search(r"python:(\d+\.\d+)", rest)[1] for word, rest in instructions() if word == "FROM"}
    assert len(versions) == 1
    assert tuple(map(int, versions.pop().split("."))) >= tuple(map(int, wanted.removeprefix(">=").split(".")))


# ---- alarms


def test_every_metric_of_guide_and_alarms_exists(sqlite_database, clock):
    from footbridge import metrics
    from footbridge.web.api.metrics import queue

    with sqlite_database.read() as connection:
        known = {one.name for one in (*metrics.enable().registry.collect(), *queue(connection, clock.now()))}
    rules = [
        rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
    ]
    said = " ".join([text_of(GUIDE), *(rule["expr"] for rule in rules)])
    names = {re.sub(r"_(total|bucket|count|sum)$", "", one) for one in re.findall(r"footbridge_[a-z_]*[a-z]", said)}
    assert names - known - {"footbridge_fhir"} == set()
    described = re.findall(r"footbridge_[a-z_]*[a-z]", text_of(GUIDE))
    assert known - {one.removesuffix("_total") for one in described} == set()
    assert all(rule["annotations"]["action"] for rule in rules)


def test_the_guide_lists_every_alarm_with_its_threshold():
    rules = [one for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for one in group["rules"]]
    rows = re.findall(r"^\| `(Footbridge\w+)` \| (.*) \| (.*) \|$", text_of(GUIDE), re.MULTILINE)
    assert [name for name, _, _ in rows] == [rule["alert"] for rule in rules]
    for rule, (_, when, action) in zip(rules, rows, strict=True):
        for metric in re.findall(r"(?:footbridge_[a-z_]*[a-z]|\bup\b)", rule["expr"]):
            assert re.sub(r"_(total|bucket)$", "", metric) in when
        assert re.search(rf"\b{rule['for'].removesuffix('m')} min\b", when), rule["alert"]
        threshold = re.search(r"([<>]|==) ([0-9.]+)( and|$)", rule["expr"])[2]
        assert threshold in when or f"{float(threshold):.0%}".replace("%", " %") in when, rule["alert"]
        commands = re.findall(r"footbridge [a-z]+(?: [a-z]+)?", rule["annotations"]["action"])
        assert all(command in action for command in commands)


# ---- PostgreSQL


def test_the_role_of_the_guide_needs_no_other_right(postgresql_server):
    from footbridge.store.engine import open_database
    from footbridge.store.migrate import upgrade

    (block,) = blocks_of(GUIDE, "sql")
    name = f"footbridge_{uuid.uuid4().hex[:12]}"
    statements = [one.strip().replace("footbridge", name).replace("'...'", "'x'") for one in block.text.split(";")]
    engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in filter(None, statements):
            connection.exec_driver_sql(statement)
        url = make_url(postgresql_server).set(username=name, password="x", database=name)
        database = open_database(url.render_as_string(hide_password=False))
        try:
            upgrade(database)
            with database.write() as own:
                add_tenant(own, "north", "ca", datetime.now(UTC))
                assert (
                    own.exec_driver_sql(
                        "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
                    ).scalar()
                    is False
                )
        finally:
            database.dispose()
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            connection.exec_driver_sql(f"DROP ROLE {name}")
    engine.dispose()
