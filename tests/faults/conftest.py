"""A canteen behind the real server, on the engine a test asks for."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.faults.real_server import Canteen, Server, open_canteen


@pytest.fixture
def canteen(make_app: Callable[..., Flask]) -> Canteen:
    """A canteen with diners and a device; days of the tests count as near."""
    return open_canteen(make_app(SCAN_MAX_AGE_DAYS=4000, CLOCK_SUSPECT_S=400_000_000))


@pytest.fixture
def server(canteen: Canteen) -> Iterator[Server]:
    """Not yet started; killed at the end."""
    server = Server(canteen)
    yield server
    server.kill()
