"""What every test may ask for."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with the official packages and samples, named by FOOTBRIDGE_TEST_DATA."""
    place = os.environ.get("FOOTBRIDGE_TEST_DATA")
    if not place:
        pytest.skip("FOOTBRIDGE_TEST_DATA is not set: the official packages and samples are not at hand")
    return Path(place).resolve()
