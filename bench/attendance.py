"""Thirty marks and "save" in one request, against one durable insert through the same app.

    .venv/bin/python -m bench.attendance [--rounds 15] [--cohorts 400] [--engine sqlite|postgresql]

The same class is marked in a database that holds nothing else and in one that holds so many finished
cohorts, each with its sessions, learners, attendances and marks. Medians of interleaved rounds.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench.served import DAY, EVENING, TABLE, create_app
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.bulk import insert_all
from core.clock import moment_at
from core.db import db, new_id, transaction
from core.people.models import Person
from tests import postgres
from tests.conftest import csrf_of, with_password
from tests.workshop import house
from workshop.models import Attendance, AttendanceMark, Cohort, Enrolment, Learner, Session
from workshop.values import AttendanceStatus, CohortState, EnrolmentState, MarkSource

LEARNERS, SESSIONS, BOUND_MS = 30, 10, 100.0
STARTS = 20 * 60  # the bench stands at nine in the evening: class is on
P = AttendanceStatus.PRESENT


class Desk:
    """One prepared database with a trainer signed in before it."""

    def __init__(self, app: Flask, cohorts: int) -> None:
        with app.app_context():
            flask_migrate.upgrade()
            built = house.build(EVENING)
            self.cohort_id = house.cohort(built, sessions=0, first=DAY, starts_min=STARTS)
            self.people = house.enrolled(built, self.cohort_id, LEARNERS, joined_on=DAY)
            _history(built, cohorts)
            user, password = add_user(
                "trainer", "trainer", Role.TRAINER, built.site_id, by=SYSTEM, now=EVENING
            )
            with_password(user)
            with transaction() as session:
                row = Session(
                    cohort_id=self.cohort_id, on=DAY, starts_min=STARTS, ends_min=STARTS + 180,
                    taught_min=180, room_id=built.room_id, trainer_id=user.id, created_at=EVENING,
                )  # fmt: skip
                session.add(row)
                session.flush()
                self.session_id = row.id
            with db.engine.begin() as connection:
                connection.execute(sa.text(TABLE))
            if db.engine.dialect.name == "postgresql":  # as the server does by itself before long
                with db.engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                ) as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE")
            self.rows = (
                db.session.scalar(sa.select(sa.func.count()).select_from(AttendanceMark)) or 0
            )
            db.session.remove()
        self.client: FlaskClient = app.test_client()
        self.client.post(
            "/sign-in",
            data={"name": "trainer", "password": password, "csrf_token": csrf_of(self.client)},
        )
        self.token, self.number = csrf_of(self.client), 0

    def mark(self) -> float:
        """Seconds for thirty marks that all change something."""
        status = ("present", "absent")[self.number % 2]
        data = {"csrf_token": self.token, "version": "1", "on": DAY.isoformat(), "do": "save"}
        for one in self.people:
            data |= {f"s-{one}": status, f"n-{one}": str(self.number)}
        address = f"/workshop/sessions/{self.session_id}/attendance"
        begun = time.perf_counter()
        answer = self.client.post(address, data=data, headers={"Accept": "application/json"})
        taken = time.perf_counter() - begun
        body: dict[str, Any] = answer.json or {}
        assert len(body["rows"]) == LEARNERS and body["unmarked"] == 0, body
        self.number += 1
        return taken

    def open(self) -> float:
        """Seconds for the page itself."""
        begun = time.perf_counter()
        answer = self.client.get(f"/workshop/sessions/{self.session_id}/attendance")
        assert answer.status_code == 200
        return time.perf_counter() - begun

    def floor(self) -> float:
        """Seconds for one durable insert."""
        sent = {"id": str(new_id()), "scanned_at": "-"}
        headers = {"X-CSRFToken": self.token}
        begun = time.perf_counter()
        answer = self.client.post("/bench/floor", json=sent, headers=headers)
        assert answer.status_code == 201, answer.text
        return time.perf_counter() - begun


def _history(built: house.House, cohorts: int) -> None:
    """Finished cohorts of earlier years, written as rows."""
    for start in range(0, cohorts, 50):
        with transaction() as session:
            for number in range(start, min(start + 50, cohorts)):
                _finished(session, built, number)


def _finished(session: Any, built: house.House, number: int) -> None:
    first = DAY - timedelta(days=30 + number * 3)
    at = moment_at(first, 600)
    cohort = Cohort(
        site_id=built.site_id, course_id=built.course_id, number=number + 100, name=f"第 {number + 100} 期",
        state=CohortState.CLOSED, starts_on=first, ends_on=first + timedelta(days=SESSIONS),
        capacity=LEARNERS, planned_min=SESSIONS * 180, created_at=at, closed_at=at,
    )  # fmt: skip
    days = [first + timedelta(days=n) for n in range(SESSIONS)]
    people = [
        Person(name=f"往期{n}", pinyin=f"wang qi {n}", created_at=at) for n in range(LEARNERS)
    ]
    session.add_all([cohort, *people])
    session.flush()
    meetings = [_meeting(cohort.id, built, day, at) for day in days]
    session.add_all(meetings)
    session.flush()
    ids = [person.id for person in people]
    insert_all(session, Learner, [
        {"person_id": one, "home_site_id": built.site_id, "registered_on": first, "created_at": at,
         "worker_kind": "worker"}
        for one in ids
    ])  # fmt: skip
    insert_all(session, Enrolment, [
        {"person_id": one, "cohort_id": cohort.id, "state": EnrolmentState.COMPLETED, "applied_at": at,
         "joined_on": first, "carried_min": 0, "number": n, "is_subsidised": True, "changed_at": at}
        for n, one in enumerate(ids, 1)
    ])  # fmt: skip
    pairs = [(one, meeting.id) for meeting in meetings for one in ids]
    said: dict[str, Any] = {
        "cohort_id": cohort.id, "status": P, "late_min": 0, "early_min": 0, "credited_min": 180,
        "source": MarkSource.ALL_PRESENT, "number": 1,
    }  # fmt: skip
    insert_all(session, Attendance, [
        {**said, "person_id": one, "session_id": each, "taught_min": 180, "marked_at": at,
         "marked_by_name": "往期"}
        for one, each in pairs
    ])  # fmt: skip
    insert_all(session, AttendanceMark, [
        {**said, "person_id": one, "session_id": each, "id": new_id(), "after_lock": False, "at": at,
         "by_name": "往期"}
        for one, each in pairs
    ])  # fmt: skip


def _meeting(cohort_id: int, built: house.House, day: date, at: datetime) -> Session:
    return Session(
        cohort_id=cohort_id, on=day, starts_min=540, ends_min=720, taught_min=180,
        room_id=built.room_id, trainer_id=built.trainer_id, created_at=at,
    )  # fmt: skip


def compare(engine: str, cohorts: int, rounds: int) -> None:
    """Print what the same class costs alone and among so much history."""
    with tempfile.TemporaryDirectory(prefix="zhuhe-bench-") as name:
        desks: dict[str, Desk] = {}
        for label, count in (("alone", 0), ("history", cohorts)):
            desks[label] = Desk(_app(Path(name) / label, engine, label), count)
        costs: dict[str, Callable[[], float]] = {}
        for label, desk in desks.items():
            costs |= {
                f"{label} floor": desk.floor,
                f"{label} mark": desk.mark,
                f"{label} page": desk.open,
            }
        for cost in costs.values():
            cost()
        taken: dict[str, list[float]] = {label: [] for label in costs}
        for _ in range(rounds):
            for label, cost in costs.items():
                taken[label].append(cost() * 1000)
    middle = {label: statistics.median(values) for label, values in taken.items()}
    for label, desk in desks.items():
        floor, mark, page = (middle[f"{label} {what}"] for what in ("floor", "mark", "page"))
        slowest = max(taken[f"{label} mark"])
        print(
            f"{engine:10} {desk.rows:>7} marks before: 30 marks in {mark:5.1f} ms (slowest {slowest:5.1f}), "
            f"{mark / floor:4.1f} × the floor of {floor:4.1f} ms, {30_000 / mark:5.0f} marks/s; page {page:5.1f} ms"
        )
    verdict = "held" if middle["history mark"] <= BOUND_MS else "NOT held"
    print(f"{engine:10} at most {BOUND_MS:.0f} ms at {cohorts} cohorts of history: {verdict}")


def _app(folder: Path, engine: str, label: str) -> Flask:
    import os

    folder.mkdir(parents=True)
    os.environ["ZHUHE_INSTANCE"] = str(folder)
    os.environ["ZHUHE_DATABASE_URL"] = (
        postgres.create_database(f"bench_attendance_{label}") if engine == "postgresql" else ""
    )
    return create_app()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.attendance", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cohorts", type=int, default=400)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    words = parser.parse_args()
    for engine in [words.engine] if words.engine else ["sqlite", "postgresql"]:
        compare(engine, words.cohorts, words.rounds)


if __name__ == "__main__":
    main()
