"""A small street for tests of people: two communities, three grids, one canteen."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.db import transaction
from core.people.id_number import check_digit
from core.sites.models import Area, AreaLevel, Site, SiteKind
from tests.conftest import NOON


@pytest.fixture
def street(in_app: Flask) -> dict[str, int]:
    """Ids of areas by name, and of the site as "site"."""
    add_user("jingban", "经办人甲", Role.CLERK, None, by=SYSTEM, now=NOON)
    return build_street()


def build_street() -> dict[str, int]:
    with transaction() as session:
        street = Area(code="01", name="渚河路街道", level=AreaLevel.STREET)
        outside = Area(code="99", name="街道外", level=AreaLevel.OUTSIDE)
        session.add_all([street, outside])
        ids: dict[str, int] = {}
        for number, name in enumerate(["农林二社区", "水电社区"], 1):
            community = Area(
                code=f"01.{number:02d}", name=name, level=AreaLevel.COMMUNITY, parent=street
            )
            session.add(community)
            grids = [
                Area(code=f"01.{number:02d}.{n:02d}", name=f"第{n}网格", level=AreaLevel.GRID, parent=community)
                for n in range(1, 7)
            ]  # fmt: skip
            session.add_all(grids)
            session.flush()
            ids[name] = community.id
            ids |= {f"{name}{n}": grid.id for n, grid in enumerate(grids, 1)}
        site = Site(slug="nonglin", name="农林二社区老年食堂", kind=SiteKind.CANTEEN)
        session.add(site)
        session.flush()
        return ids | {"site": site.id, "街道外": outside.id, "街道": street.id}


@pytest.fixture
def number() -> Callable[..., str]:
    """A right ID number for a birth date."""

    def make(birth: date = date(1940, 5, 4), serial: int = 123) -> str:
        first = f"130499{birth:%Y%m%d}{serial:03d}"
        return first + check_digit(first)

    return make
