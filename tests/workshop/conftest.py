"""Fixtures of the workshop's tests."""

from datetime import datetime

import pytest
from flask import Flask

from tests.workshop import house
from tests.workshop.house import House


@pytest.fixture
def workshop(in_app: Flask, noon: datetime) -> House:
    """One workshop on a fresh database; the clock stands at noon on 24 November 2026."""
    return house.build(noon)
