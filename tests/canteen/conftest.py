"""Fixtures of the canteen's tests of pages."""

from datetime import datetime

import pytest

from core.access import Role
from tests.canteen.pages import Visit, Visitor, apart
from tests.conftest import SignIn


@pytest.fixture
def visit(sign_in: SignIn, noon: datetime) -> Visit:
    """Sign in with a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None) -> Visitor:
        return Visitor(apart(noon, sign_in, role, site_id), noon)

    return as_role
