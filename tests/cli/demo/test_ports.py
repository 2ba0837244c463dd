"""Which ports the demo takes."""

import socket

import pytest

from footbridge.cli.demo import ports
from footbridge.cli.demo.ports import FREE, four_from, usual_ports


@pytest.fixture
def first(monkeypatch):
    """The usual ports, moved to where nothing listens."""
    while True:
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", 0))
            found = tried.getsockname()[1]
        if found < 65000 and all(map(ports._is_free, four_from(found))):
            monkeypatch.setattr(ports, "USUAL", found)
            return found


def test_the_usual_ones_when_they_are_free(first):
    assert usual_ports() == (first, first + 1, first + 2, first + 3)


@pytest.mark.parametrize("number", range(4))
def test_free_ones_when_somebody_listens_at_any_of_them(first, number):
    with socket.socket() as other:
        other.bind(("127.0.0.1", first + number))
        other.listen()
        assert usual_ports() == FREE
    assert usual_ports() != FREE


def test_a_port_that_is_asked_for_and_taken_is_one_line(run):
    for number in range(4):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            ran = run("demo", "--port", taken - number)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert ran.err.startswith("Error: Cannot listen at 127.0.0.1, port ")
