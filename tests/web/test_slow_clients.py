"""Clients that send slowly, read slowly, or send what is no request hold no thread, and are answered as all others."""

import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
import requests
from gunicorn.workers.gthread import TConn, ThreadWorker
from support.serving import LONG, read_all, serving

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.tenants import add_tenant, make_token
from footbridge.web import gunicorn_worker
from footbridge.web.gunicorn_worker import BufferedSocket, ReadingWorker

THREADS = 2
SLOW = {"FOOTBRIDGE_HEADER_SECONDS": "4", "FOOTBRIDGE_BODY_SECONDS": "5", "FOOTBRIDGE_MAX_BODY_BYTES": "100000"}
DOCUMENT = folder("examples").joinpath("02-bereavement-network.json").read_bytes()


@pytest.fixture(scope="module")
def server(_sqlite_template, tmp_path_factory):
    """A server with few threads and short deadlines, and a token."""
    with started(_sqlite_template, tmp_path_factory.mktemp("slow"), SLOW) as found:
        yield found


@pytest.fixture(scope="module")
def patient_server(_sqlite_template, tmp_path_factory):
    """As ``server``, with deadlines that do not end in a test."""
    patient = {"FOOTBRIDGE_HEADER_SECONDS": "600", "FOOTBRIDGE_BODY_SECONDS": "600"}
    with started(_sqlite_template, tmp_path_factory.mktemp("patient"), patient) as found:
        yield found


@contextmanager
def started(template, place, variables):
    from support.databases import START, _sqlite_copy

    with _sqlite_copy(template, place / "footbridge.sqlite3") as database:
        with database.write() as connection:
            add_tenant(connection, "north", "ca", START)
            token = make_token(connection, Principal("requester", None, name="emr", tenant="north"), START)
        url = database.engine.url.render_as_string(hide_password=False)
        with serving(url, place / "log", threads=THREADS, **variables) as served:
            yield served, token


def post(token, *, path="/api/v1/prescriptions", **headers):
    """The head of a POST."""
    known = {
        "Host": "x",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in known.items()), "", ""]
    return "\r\n".join(lines).encode()


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def numbered(number):
    document = json.loads(DOCUMENT)
    document["identifier"]["value"] = f"SLOW-{number}"
    return json.dumps(document).encode()


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def check_problem(answer, status):
    """A refusal in our form, with our headers."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status_of(answer) == status, answer
    told = json.loads(body)
    if "resourceType" in told:
        assert (told["resourceType"], header(head, b"content-type")) == ("OperationOutcome", b"application/fhir+json")
        assert header(head, b"x-request-id")
        assert told["issue"][0]["severity"] == "error"
    else:
        assert (told["status"], told["request"].encode()) == (status, header(head, b"x-request-id"))
        assert told["type"].startswith("urn:")
        assert header(head, b"content-type") == b"application/problem+json"
    assert header(head, b"cache-control") == b"no-store"
    assert header(head, b"content-security-policy")
    assert b"gunicorn" not in head.lower()


def header(head, name):
    found = [line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(name + b":")]
    return found[0] if found else None


KINDS = {
    "nothing": lambda _token: b"",
    "half a request line": lambda _token: b"GET /heal",
    "half the headers": lambda _token: b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n",
    "half a body": lambda token: post(token, Content_Length="1000") + b'{"a":',
    "half a chunk": lambda token: post(token, Transfer_Encoding="chunked") + b"64\r\n{",
    "half a trailer": lambda token: post(token, Transfer_Encoding="chunked") + b"2\r\n{}\r\n0\r\nX-A: 1\r\n",
    "kept alive": lambda _token: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_keep_nobody_waiting(patient_server, kind):
    served, token = patient_server
    with ExitStack() as stack:
        slow = [stack.enter_context(served.connect(KINDS[kind](token))) for _ in range(4 * THREADS)]
        for _ in range(2):
            assert requests.get(f"{served.base}/healthz", timeout=LONG).status_code == 200
        assert kind == "kept alive" or all(map(is_waited_for, slow))


def is_waited_for(connection):
    """Whether the server has neither answered nor closed a connection."""
    connection.settimeout(0)
    try:
        return connection.recv(1) is None
    except BlockingIOError:
        return True


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"nothing", "kept alive"}])
def test_a_slow_request_is_answered_when_its_time_is_over(server, kind):
    served, token = server
    began = time.monotonic()
    check_problem(served.exchange(KINDS[kind](token)), 408)
    assert time.monotonic() - began < 15


def test_dripping_bytes_win_no_time(server):
    served, token = server
    began = time.monotonic()
    with served.connect(post(token, Content_Length="1000")) as connection:
        stop = threading.Event()

        def drip():
            while not stop.wait(0.1):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        answer = read_all(connection)
        stop.set()
        dripping.join()
    check_problem(answer, 408)
    assert 4 < time.monotonic() - began < 15


def test_a_client_that_reads_nothing_holds_no_thread_for_ever(monkeypatch):
    monkeypatch.setattr(gunicorn_worker, "SEND_SECONDS", 0.5)
    ours, theirs = socket.socketpair()
    with theirs, BufferedSocket(ours.detach()) as sending:
        sending.setblocking(True)  # noqa: FBT003 - as gunicorn calls it
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            sending.sendall(b"x" * 50_000_000)
    assert time.monotonic() - began < 3


def test_requests_in_pieces_and_one_after_the_other_are_answered(server):
    served, token = server
    whole = post(token, Content_Length=str(len(numbered(1)))) + numbered(1)
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with served.connect() as connection:
        for start in range(0, len(whole), 400):
            connection.sendall(whole[start : start + 400])
            time.sleep(0.01)
        connection.sendall(post(token, Transfer_Encoding="chunked") + chunked(numbered(2)[:10], numbered(2)[10:]))
        connection.sendall(get + get + last)
        answers = read_all(connection)
    statuses = [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [201, 201, 200, 200, 200]


def test_a_client_that_waits_for_100_gets_it(server):
    served, token = server
    body = numbered(3)
    with served.connect(post(token, Content_Length=str(len(body)), Expect="100-continue")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        answer = b""
        while b"HTTP/1.1 201 " not in answer:
            answer += connection.recv(1000)


@pytest.mark.parametrize("path", ["/api/v1/prescriptions", "/fhir/$validate"])
@pytest.mark.parametrize("length", [100_001, 3_000_000])
@pytest.mark.parametrize("chunk", [None, 1, 1000, 5_000_000])
def test_a_body_over_the_limit_is_413_however_it_is_sent(server, path, length, chunk):
    served, token = server
    if chunk == 1:
        length = 100_001
    kind = {"Content_Type": "application/fhir+json"} if path.startswith("/fhir") else {}
    body = b"{}" + b" " * (length - 3) + b"x"
    if chunk is None:
        head = post(token, path=path, Content_Length=str(length), Connection="close", **kind)
    else:
        head = post(token, path=path, Transfer_Encoding="chunked", Connection="close", **kind)
        body = chunked(*(body[start : start + chunk] for start in range(0, length, chunk)))
    with served.connect(head) as connection:
        with suppress(OSError):  # it was refused before all was sent
            connection.sendall(body)
        assert status_of(read_all(connection)) == 413


def test_a_body_at_the_limit_is_read_whole(server):
    served, token = server
    for head, send in (
        (
            post(token, Transfer_Encoding="chunked", Connection="close"),
            lambda body: chunked(body[:70_000], body[70_000:]),
        ),
        (post(token, Content_Length="100000", Connection="close"), lambda body: body),
    ):
        body = numbered(4).ljust(99_999)
        assert status_of(served.exchange(head, send(body + b"x"))) == 400
        assert status_of(served.exchange(head, send(body + b" "))) in {200, 201}


BAD_CHUNKS = {
    "a bad size": b"zz\r\n{}\r\n0\r\n\r\n",
    "a negative size": b"-2\r\n{}\r\n0\r\n\r\n",
    "no size": b"\r\n{}\r\n0\r\n\r\n",
    "a huge size": b"fffffffffffffffffff\r\n{}",
    "an endless size": b"0" * 5000,
    "a huge extension": b"2;" + b"x" * 1_000_000,
    "a long extension": b"2;x=" + b"y" * 5000 + b"\r\n{}\r\n0\r\n\r\n",
    "a bad extension": b"2;\x00\r\n{}\r\n0\r\n\r\n",
    "no end of line": b"2\r\n{}xx0\r\n\r\n",
    "an endless trailer": b"2\r\n{}\r\n0\r\n" + b"X-A: b\r\n" * 20_000,
}


@pytest.mark.parametrize("path", ["/api/v1/prescriptions", "/fhir/$validate", "/nowhere"])
@pytest.mark.parametrize("chunks", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_bad_chunks_are_400(server, path, chunks):
    served, token = server
    with served.connect(post(token, path=path, Transfer_Encoding="chunked", Connection="close")) as connection:
        with suppress(OSError):
            connection.sendall(chunks)
            connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert status_of(answer) in ({400} if path != "/nowhere" else {400, 404, 405}), answer
    assert answer.count(b"HTTP/1.1 ") == 1


ODD = {
    "no host": (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400),
    "an odd host": (b"GET /healthz HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n", 400),
    "an old client": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "two slashes": (b"GET //api/v1/changes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "three slashes": (b"GET ///healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "an encoded slash": (b"GET /%2Fhealthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "two slashes after a host": (b"GET http://x//healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "no protocol": (b"GET /healthz\r\n\r\n", 400),
    "another protocol": (b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    "an odd header": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400),
    "a long line": (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a long search": (b"GET /fhir/Patient?_id=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a FHIR request that is no request": (b"GET /fhir/Patient HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    "huge headers under a prefix": (b"GET /open/seg/fhir/Task HTTP/1.1\r\nA: " + b"b" * 100_000 + b"\r\n\r\n", 431),
    "many headers": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n", 431),
    "a huge header": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 1_000_000 + b"\r\n\r\n", 431),
    "two lengths": (b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "length and chunks": (
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "a signed length": (b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde", 400),
    "another encoding": (b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabcde", 400),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_request_is_refused_in_our_form(server, name):
    served, _token = server
    text, status = ODD[name]
    with served.connect() as connection:
        with suppress(OSError):  # it was refused before all was sent
            connection.sendall(text)
        answer = read_all(connection)
    if status == 200:
        assert status_of(answer) == 200
        assert b"gunicorn" not in answer.lower()
    else:
        check_problem(answer, status)
        assert (b"OperationOutcome" in answer) == (b"/fhir/" in text[:200])


def test_a_search_by_two_hundred_ids_is_no_long_line(server):
    served, _token = server
    ids = ",".join(["0a0a2ce4-74d6-4c9a-8f4c-000000000001"] * 200)
    text = f"GET /fhir/Task?_id={ids} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = served.exchange(text.encode())
    assert status_of(answer) == 401, answer  # it came to where a token is asked for


def test_what_follows_a_refused_body_is_no_request(server):
    served, token = server
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = served.exchange(post("wrong", Content_Length=str(len(hidden))) + hidden + hidden, timeout=LONG)
    assert answer.count(b"HTTP/1.1 401 ") == 1
    assert answer.count(b"HTTP/1.1 200 ") <= 1
    large = served.exchange(post(token, Content_Length="10000000") + hidden * 2)
    assert status_of(large) == 413
    assert b"HTTP/1.1 200 " not in large


def test_the_worker_is_built_on_what_gunicorn_has():
    """Of gunicorn's worker these names are used or replaced; where one is gone, slow clients would be back."""
    for name in ("enqueue_req", "finish_request", "murder_pending", "handle_error", "accept", "run"):
        assert callable(getattr(ThreadWorker, name)), name
    for name in ("enqueue_req", "finish_request", "murder_pending", "handle_error"):
        assert getattr(ReadingWorker, name) is not getattr(ThreadWorker, name)
    assert {"data_ready", "sock", "timeout"} <= set(TConn.__init__.__code__.co_names)
    assert {"poller", "nr_conns", "keepalived_conns"} <= set(ThreadWorker.__init__.__code__.co_names)
