"""Our log: quiet in an integrator's process, with ids that are allowed, where somebody listens."""

import io
import json
import logging

import pytest
import structlog

from footbridge import logs
from footbridge.cli.logs import log_to_stderr, stop_logging
from footbridge.logs import bound, get_logger


@pytest.fixture(autouse=True)
def _unconfigured():
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    stop_logging()


@pytest.fixture
def heard():
    """What a plain handler of an integrator gets, from INFO up."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("footbridge")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def test_nothing_is_written_unless_somebody_listens(capfd):
    get_logger("footbridge.x").error("thing.failed", partner="hub")
    assert capfd.readouterr() == ("", "")


def test_a_plain_handler_gets_a_readable_line(heard):
    get_logger("footbridge.x").info("thing.done", partner="hub", status=200)
    get_logger("footbridge.x").debug("thing.detail")
    assert heard.getvalue() == "event='thing.done' partner='hub' status=200\n"


def test_ids_are_bound_for_a_block_and_a_fact_of_the_line_wins(heard):
    log = get_logger("footbridge.x")
    with bound(request="r-1", tenant=None), bound(message_id="m-1"):
        log.info("inside")
        log.info("inside", request="r-2")
    log.info("outside")
    lines = heard.getvalue().splitlines()
    assert [set(line.split()) for line in lines] == [
        {"event='inside'", "request='r-1'", "message_id='m-1'"},
        {"event='inside'", "request='r-2'", "message_id='m-1'"},
        {"event='outside'"},
    ]


@pytest.mark.parametrize("name", ["patient", "name", "identifier"])
def test_only_ids_that_are_allowed_may_be_bound(name):
    with pytest.raises(ValueError, match=f"{name} may not be bound"), bound(**{name: "Arne Lindqvist"}):
        pass
    with pytest.raises(ValueError, match=name):
        logs.bind(**{name: "Arne Lindqvist"})
    assert structlog.contextvars.get_contextvars() == {}


def test_a_command_writes_json_to_standard_error(capsys, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_LOG_FORMAT", "json")
    log_to_stderr()
    log_to_stderr()
    with bound(tenant="north"):
        get_logger("footbridge.x").warning("thing.odd", count=3)
    get_logger("footbridge.x").debug("thing.detail")
    out, err = capsys.readouterr()
    (line,) = [json.loads(one) for one in err.splitlines()]
    assert out == ""
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "thing.odd", "level": "warning", "count": 3, "tenant": "north"}


def test_structlog_of_an_integrator_gets_the_lines():
    stream = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(stream)
    )
    with bound(tenant="north"):
        get_logger("footbridge.x").info("thing.done", status=200)
    assert json.loads(stream.getvalue()) == {"event": "thing.done", "status": 200, "tenant": "north"}
