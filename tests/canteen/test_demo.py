"""The demo tells the same story twice, and shows every state at least once."""

import shutil
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen.demo import tell
from canteen.models import CanteenException, Eligibility, Meal, MealEvent, OtherSale, Tariff
from canteen.values import EligibilityState, EventKind, Sitting, TariffState
from core.db import db
from core.demo import tell_core
from core.people.models import Card, CardState, Person, StandingKind
from tests.conftest import TEST_SETTINGS
from wsgi import create_app

DAY = date(2026, 11, 24)


def _seen(column: Any) -> set[StrEnum]:
    return set(db.session.scalars(sa.select(column).distinct()))


def _meals() -> list[tuple[Any, ...]]:
    rows = db.session.execute(
        sa.select(Person.name, Meal.day, Meal.sitting, Meal.price_fen, Meal.subsidy_fen)
        .join(Person, Person.id == Meal.person_id)
        .order_by(Meal.day, Meal.sitting, Person.id)
    )
    return [tuple(row) for row in rows]


def test_the_story_is_complete(in_app: Flask) -> None:
    tell_core(DAY)
    tell(DAY, days=4)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 400
    assert _seen(Person.standing) == set(StandingKind)
    assert _seen(Card.state) == set(CardState)
    assert _seen(Eligibility.state) == set(EligibilityState)
    assert _seen(MealEvent.kind) == set(EventKind)
    assert _seen(Meal.sitting) == set(Sitting)
    assert _seen(Tariff.state) >= {TariffState.DRAFT, TariffState.IN_FORCE}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CanteenException))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OtherSale)) == 3


@pytest.fixture
def second_app(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """Another app on another database with the same keys."""
    instance = tmp_path / "second"
    shutil.copytree(sqlite_template, instance)
    app = create_app({"INSTANCE": instance, **TEST_SETTINGS})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_story_is_the_same_for_the_same_day(app: Flask, second_app: Flask) -> None:
    told = []
    for each in (app, second_app):
        with each.app_context():
            tell_core(DAY)
            tell(DAY, days=2)
            told.append(_meals())
    assert told[0] == told[1]
    assert 120 < len(told[0]) < 320


@pytest.mark.parametrize("day", [date(2028, 2, 29)])
def test_it_can_be_told_on_any_day(in_app: Flask, day: date) -> None:
    tell_core(day)
    tell(day, days=1)
    assert _meals()
