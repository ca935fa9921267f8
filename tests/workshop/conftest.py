"""Fixtures of the workshop's tests."""

from datetime import datetime

import pytest
from flask import Flask

from core.access import Role
from tests.canteen.pages import Visit, Visitor, apart
from tests.conftest import SignIn
from tests.workshop import house
from tests.workshop.house import House


@pytest.fixture
def workshop(in_app: Flask, noon: datetime) -> House:
    """One workshop on a fresh database; the clock stands at noon on 24 November 2026."""
    return house.build(noon)


@pytest.fixture
def visit(sign_in: SignIn, noon: datetime) -> Visit:
    """Sign in with a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None) -> Visitor:
        return Visitor(apart(noon, sign_in, role, site_id), noon)

    return as_role
