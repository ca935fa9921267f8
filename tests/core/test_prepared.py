"""Statements in the driver's own words give and raise what SQLAlchemy does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen.actions import statements as sql
from canteen.models import Meal
from canteen.values import DietKind, Sitting
from core.db import Moment, db
from core.prepared import Prepared, do, run
from core.writer import reading, write
from tests.canteen import house as building
from tests.conftest import both_engines


@both_engines
def test_it_reads_the_same_values_as_sqlalchemy(in_app: Flask, noon: datetime) -> None:
    from canteen import actions

    house = building.build(noon)
    person_id = building.diner(house, "minimum_living", until_on=date(2026, 12, 31))
    actions.add_diet_need(
        person_id, DietKind.ALLERGY, detail="花生", from_on=noon.date(), by=building.CLERK, now=noon
    )
    actions.register_meal(
        building.scan(house, person_id, acknowledged=True), by=building.CLERK, now=noon
    )
    values = {
        "person_id": person_id, "serial": 1, "on_day": noon.date(), "sitting": Sitting.LUNCH,
        "grace_from": noon.date() - timedelta(days=30),
    }  # fmt: skip
    with reading().connect() as connection:
        [row] = sql.PERSON.rows(connection, **values)
        [expected] = connection.execute(sql.PERSON.statement, values)
    assert row._asdict() == dict(expected._mapping)
    assert {type(value) for value in row} == {type(value) for value in expected}
    assert (row.need_detail, row.meal_at) == ("花生", noon)


@both_engines
def test_it_answers_nothing_for_nothing(in_app: Flask) -> None:
    with reading().connect() as connection:
        assert sql.BY_CODE.rows(connection, code_hash="none") == []
        assert sql.BY_CODE.first(connection, code_hash="none") is None
        assert sql.VERSION.rows(connection)[0].version == 0


@both_engines
def test_its_errors_are_those_of_sqlalchemy(in_app: Flask) -> None:
    wrong = Prepared(sa.select(sa.column("nothing")).select_from(sa.table("nowhere")))
    with reading().connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        wrong.rows(connection)
    assert not caught.value.connection_invalidated
    with pytest.raises(sa.exc.IntegrityError):
        write(lambda connection: do(connection, "INSERT INTO site (id, slug) VALUES (1, 'one')"))
    with reading().connect() as connection:
        assert run(connection, "SELECT count(*) FROM site") == [(0,)]


@both_engines
def test_a_row_that_is_there_is_left_alone_and_not_counted(in_app: Flask) -> None:
    table = sa.Table(
        "probe",
        sa.MetaData(),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("at", Moment),
    )
    with db.engine.begin() as connection:
        table.create(connection)
    first, second = ({"n": 1, "at": datetime(2026, 11, day, tzinfo=UTC)} for day in (24, 25))
    assert write(lambda connection: sql.insert_once(connection, table, first))
    assert not write(lambda connection: sql.insert_once(connection, table, second))
    with db.engine.connect() as connection:
        assert list(connection.execute(sa.select(table)).mappings()) == [first]


def test_no_statement_is_left_in_progress(in_app: Flask, noon: datetime) -> None:
    from canteen import actions

    def compact() -> None:
        """By the connection that was used last; SQLite refuses when it still has a statement open."""
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")

    house = building.build(noon)
    compact()
    scan = building.scan(house, building.diner(house))
    for _time in range(2):
        actions.register_meal(scan, by=building.CLERK, now=noon)
        compact()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_ended_sessions_are_noticed_by_one_read_for_all(in_app: Flask) -> None:
    engine = reading()
    held = [engine.connect() for _ in range(4)]
    pids = [run(connection, "SELECT pg_backend_pid()")[0][0] for connection in held]
    for connection in held:
        connection.close()
    with db.engine.connect() as connection:
        for pid in pids:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        run(connection, "SELECT 1")
    assert caught.value.connection_invalidated
    for _time in range(4):
        with engine.connect() as connection:
            assert run(connection, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_no_plan_that_was_made_for_a_small_table_is_kept_for_a_large_one(
    in_app: Flask, noon: datetime
) -> None:
    house = building.build(noon)
    person_id = building.diner(house, "minimum_living")
    by_person = sa.select(Meal.event_id).where(Meal.person_id == person_id)
    with db.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE meal"))
        plan = "\n".join(connection.scalars(_explained(by_person, connection)))
    assert "Seq Scan" in plan  # what PostgreSQL would do, left to itself
    with reading().connect() as connection:
        plan = "\n".join(connection.scalars(_explained(by_person, connection)))
    assert "Index" in plan
    assert "Seq Scan" not in plan


def _explained(statement: sa.Select[Any], connection: sa.Connection) -> sa.TextClause:
    words = statement.compile(connection, compile_kwargs={"literal_binds": True})
    return sa.text(f"EXPLAIN {words}")


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_meal_and_its_event_land_together_or_not_at_all(in_app: Flask, noon: datetime) -> None:
    from canteen import actions

    house = building.build(noon)
    person_id = building.diner(house)
    first = building.scan(house, person_id)
    actions.register_meal(first, by=building.CLERK, now=noon)
    again = actions.register_meal(first, by=building.CLERK, now=noon)
    second = actions.register_meal(building.scan(house, person_id), by=building.CLERK, now=noon)
    assert (again.replayed, second.outcome) == (True, "already_served")
    with db.engine.connect() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(Meal)).scalar()
    assert found == 1
    assert actions.differences() == []
