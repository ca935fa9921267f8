"""One site's month, counted while little else stands in the tables and while a hundred times as much does.

    .venv/bin/python -m bench.months [--rounds 7] [--engine sqlite|postgresql]

Both databases hold the same month of one canteen: DINERS people, their lunches, and what stands beside
them. In the second, COPIES more of all these rows lie at other canteens, in other months of the year,
and at the same canteen in other years. Medians of interleaved rounds.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from canteen.actions import register
from canteen.models import (
    CanteenException,
    Diner,
    Meal,
    MealAdjustment,
    MealEvent,
    OtherSale,
)
from canteen.reports.build import build
from canteen.reports.checks import check
from canteen.values import OtherKind
from core.clock import moment_of
from core.db import db, transaction
from core.people.models import Person
from core.reports.values import Period
from core.sites.models import Site, SiteKind
from tests import postgres
from tests.canteen import house as h
from tests.canteen.house import House
from wsgi import create_app

DINERS, COPIES, BOUND = 100, 100, 2.0
OCTOBER = Period.parse("2026-10")
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
SITES, YEARS = 9, 10  # other canteens; earlier years of the same one
APART = 100_000  # between the people of two copies


def tell(app: Flask, copies: int) -> None:
    """The month, and so many times as much beside it."""
    with app.app_context():
        flask_migrate.upgrade()
        house = h.build(NOW)
        with transaction():
            people = [
                h.diner(house, "minimum_living" if n % 3 else "general") for n in range(DINERS)
            ]
        _meals(house, people)
        if copies:
            _copy(house, copies)
        if db.engine.dialect.name == "postgresql":  # as the server does by itself before long
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        db.session.remove()


def _meals(house: House, people: list[int]) -> None:
    with transaction() as session:
        for day in (day for day in OCTOBER.first_month.days() if day.weekday() < 5):
            for place, person_id in enumerate(people):
                at = moment_of(day, clock_time(11, 1 + place // 2))
                for more in ({}, {"other": OtherKind.GUEST})[: 1 + (place == 0)]:
                    decision = register.decide(h.scan(house, person_id, at, **more), at)
                    row = register.plan(decision, h.CLERK, at)(session.connection())
                    assert row["answer"]["outcome"] == "served", row["answer"]
        event = session.execute(sa.select(MealEvent.__table__).limit(1)).mappings().one()
        session.execute(sa.insert(MealAdjustment), {
            "event_id": event["id"], "person_id": event["person_id"], "site_id": house.site_id,
            "day": date(2026, 9, 1), "sitting": "lunch", "of_month": "2026-09", "booked_month": "2026-10",
            "visits": -1, "price_fen": -400, "copay_fen": -400, "reason": "x", "booked_at": NOW, "booked_by": "x",
        })  # fmt: skip
        session.execute(sa.insert(CanteenException), {
            "event_id": event["id"], "kind": "against_rule", "person_id": event["person_id"],
            "site_id": house.site_id, "day": event["day"], "sitting": "lunch", "details": {}, "opened_at": NOW,
        })  # fmt: skip


def _copy(house: House, copies: int) -> None:
    with transaction() as session:
        sites = [
            Site(slug=f"other-{n}", name=f"食堂 {n}", kind=SiteKind.CANTEEN) for n in range(SITES)
        ]
        session.add_all(sites)
        session.flush()
        ids = [site.id for site in sites]
    for number in range(1, copies + 1):
        own_site = number <= YEARS
        site_id = house.site_id if own_site else ids[number % SITES]
        back = 364 * number if own_site else 28 * (number % 10)
        with transaction() as session:
            for model in (
                Person,
                Diner,
                MealEvent,
                Meal,
                OtherSale,
                MealAdjustment,
                CanteenException,
            ):
                session.execute(*_statement(model.__table__, number, site_id, back))


def _statement(table: Any, number: int, site_id: int, back: int) -> tuple[Any, dict[str, Any]]:
    """INSERT … SELECT of the first copy: other people, another site, earlier days, other ids."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    new_id = "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    earlier = "date({0}, '-{1} days')" if is_sqlite else "({0} - {1})"
    months = {"of_month": "'2025-01'", "booked_month": "'2025-02'"}
    words = {
        name: {
            "person_id": f"{name} + {APART * number}", "home_site_id": str(site_id),
            "site_id": str(site_id), "day": earlier.format(name, back), "event_id": new_id, "id": new_id,
            "name": f"name || '{number}'", **months,
        }.get(name, name)
        for name in table.columns.keys()  # noqa: SIM118
    }  # fmt: skip
    if table.name == "person":
        words["id"] = f"id + {APART * number}"
    columns = ", ".join(f'"{name}"' for name in words)
    key = "id" if table.name == "person" else "person_id"
    where = f"{key} < {APART}" if key in words else "day >= '2026-10-01' AND site_id = 1"
    text = f"INSERT INTO {table.name} ({columns}) SELECT {', '.join(words.values())} FROM {table.name} WHERE {where}"
    return sa.text(text), {}


def _rows(app: Flask) -> int:
    with app.app_context():
        return sum(
            db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in (Meal, MealEvent, OtherSale)
        )


def timed(app: Flask, work: Callable[[], Any]) -> float:
    with app.app_context():
        start = time.perf_counter()
        work()
        took = time.perf_counter() - start
        db.session.remove()
    return took


def compare(name: str, apps: dict[str, Flask], rounds: int) -> bool:
    """Print both medians and their ratio; whether the bound holds."""

    def count() -> Any:
        return build(OCTOBER, "one", NOW)

    def look() -> Any:
        return check(build(OCTOBER, "one", NOW), NOW)

    for app in apps.values():  # warm up; both must have counted the same
        timed(app, look)
    holds = True
    for label, work in (("figures", count), ("figures and checks", look)):
        times: dict[str, list[float]] = {key: [] for key in apps}
        for _ in range(rounds):
            for key, app in apps.items():
                times[key].append(timed(app, work))
        alone, among = (statistics.median(times[key]) for key in ("alone", "among"))
        ratio = among / alone
        print(f"{name:<11}{label:<20}alone {alone * 1000:7.1f} ms   among others {among * 1000:7.1f} ms   "
              f"ratio {ratio:5.2f}", flush=True)  # fmt: skip
        holds = holds and (label != "figures" or ratio <= BOUND)
    return holds


def _apps(engine: str, folder: Path) -> Iterator[tuple[str, Flask]]:
    for key, copies in (("alone", 0), ("among", COPIES)):
        (folder / f"{engine}-{key}").mkdir()
        settings: dict[str, Any] = {"INSTANCE": folder / f"{engine}-{key}"}
        if engine == "postgresql":
            settings["DATABASE_URL"] = postgres.create_database(f"bench_{key}", durable=True)
        app = create_app(settings)
        tell(app, copies)
        yield key, app


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.months", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    words = parser.parse_args()
    holds = True
    with tempfile.TemporaryDirectory(prefix="zhuhe-bench-") as name:
        for engine in ("sqlite", "postgresql"):
            if words.engine in (None, engine):
                apps = dict(_apps(engine, Path(name)))
                rows = {key: _rows(app) for key, app in apps.items()}
                print(f"{engine}: {rows['alone']} rows alone, {rows['among']} among others")
                holds = compare(engine, apps, words.rounds) and holds
    if not holds:
        raise SystemExit(f"the figures take more than {BOUND} times as long among other rows")


if __name__ == "__main__":
    main()
