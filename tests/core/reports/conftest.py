"""A house with a clerk, a reviewer and an administrator, and one kind of report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from core import clock
from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from tests.core.reports import facts, stand_ins

# Monday, 2 November 2026, 10:00 in Handan: October has ended.
MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class People:
    """Who takes part in the life of a report."""

    clerk: Actor
    reviewer: Actor
    admin: Actor
    second: Actor  # another reviewer
    counter: Actor  # somebody to whom reports are no business


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are drawn at once, by stand-ins."""
    stand_ins.put_in(monkeypatch)


@pytest.fixture
def people(in_app: Flask, drawn: None) -> Iterator[People]:
    """On Monday, with three facts of October on record."""
    facts.register(in_app)
    roles = {"clerk": Role.CLERK, "reviewer": Role.REVIEWER, "admin": Role.ADMIN, "second": Role.REVIEWER}
    with clock.at(MONDAY):
        found = {
            name: user_actor(add_user(name, f"{name} person", role, None, by=SYSTEM, now=MONDAY)[0])
            for name, role in roles.items()
        }
        for number, fen in enumerate((300, 500, 700)):
            facts.put("2026-10", number, fen)
        stranger = replace(found["clerk"], roles=frozenset({Role.COUNTER}))
        yield People(**found, counter=stranger)
