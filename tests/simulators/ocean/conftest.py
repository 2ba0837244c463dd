"""An Ocean whose site keeps what it receives."""

import json

import pytest
from support.ocean_answers import Box, ocean_with


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def ocean(box):
    return ocean_with(box)


@pytest.fixture(scope="session")
def facts(test_data):
    """A file of the reference's facts, parsed; and samples."""

    def read(*path):
        return json.loads(test_data.joinpath(*path).read_bytes())

    return read
