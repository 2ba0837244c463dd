"""Clients of a directory API on loopback; waits are noted, and nobody waits."""

import pytest

from footbridge.partners.directories.asking import Limits
from footbridge.partners.directories.transport import Transport


@pytest.fixture
def waited():
    return []


@pytest.fixture
def connect(waited):
    made = []

    def make(api, *, key=None, **limits):
        transport = Transport(
            api.url, key=key, limits=Limits(**{"total": 5.0, "connect": 2.0, **limits}), wait=waited.append
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()
