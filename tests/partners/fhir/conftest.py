"""A simulated partner with a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.simulator import FhirSimulator


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def server(clock: ManualClock) -> Iterator[FhirSimulator]:
    with FhirSimulator(clock=clock) as server:
        yield server


@pytest.fixture
def client(server: FhirSimulator) -> Iterator[FhirClient]:
    client = FhirClient(server.base_url, timeout=5)
    yield client
    client.close()
