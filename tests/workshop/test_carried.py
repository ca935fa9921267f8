"""What is marked or corrected after a transfer comes along to the new class, as it did at the transfer."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from core.access import Role
from core.audit import AuditEntry
from core.db import db
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, save, today_of
from workshop.actions import enrolments as verbs
from workshop.actions.attendance import correct, undo
from workshop.actions.sessions import cancel_session
from workshop.models import Enrolment
from workshop.values import AttendanceStatus, Mark

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
DAY = date(2026, 11, 20)


def carried(person_id: int, cohort_id: int) -> int:
    db.session.rollback()
    return db.session.get_one(Enrolment, (person_id, cohort_id)).carried_min


def transferred(workshop: House, person_id: int, old: int, new: int, on: date = DAY) -> None:
    verbs.transfer(person_id, old, new, on=on, reason="改上晚班", now=BEGUN,
                   by=workshop.actor(Role.COORDINATOR))  # fmt: skip


@both_engines
def test_a_sheet_typed_back_after_the_transfer_comes_along_to_the_last_class(
    workshop: House,
) -> None:
    old = house.cohort(workshop, sessions=17)
    second = house.cohort(workshop, number=2, sessions=25, starts_min=840)
    third = house.cohort(workshop, number=3, sessions=2, first=date(2026, 11, 26))
    (person_id,) = house.enrolled(workshop, old)
    sessions = house.sessions_of(old)
    transferred(workshop, person_id, old, second)
    assert carried(person_id, second) == 0
    save(workshop, sessions[13], Mark(person_id, P))
    assert carried(person_id, second) == 180
    transferred(workshop, person_id, second, third, date(2026, 11, 23))
    assert carried(person_id, third) == 180
    for n in (12, 14):
        save(workshop, sessions[n], Mark(person_id, P))
    assert carried(person_id, second) == 540
    assert carried(person_id, third) == 360, "no more than is planned there"
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "enrolment.carried").order_by(AuditEntry.id)
    ).all()  # fmt: skip
    subjects = [one.subject for one in entries]
    assert subjects == [f"enrolment:{person_id}:{each}" for each in (second, second, third, second)]
    trainer = workshop.actor(Role.TRAINER)
    undo(sessions[14], by=trainer, now=BEGUN + timedelta(minutes=1))
    correct(sessions[13], person_id, LATE, late_min=10, reason="迟到了", number=1,
            by=workshop.actor(Role.CLERK), now=BEGUN + timedelta(days=30))  # fmt: skip
    assert carried(person_id, second) == 350
    assert carried(person_id, third) == 350


@both_engines
def test_a_make_up_for_the_class_she_left_comes_along(workshop: House) -> None:
    old = house.cohort(workshop, sessions=17, starts_min=1080)
    new = house.cohort(workshop, number=2, sessions=25, starts_min=840)
    host = house.cohort(workshop, number=3, sessions=17)
    (person_id,) = house.enrolled(workshop, old)
    missed = house.sessions_of(old)[0]
    save(workshop, missed, Mark(person_id, ABSENT), now=datetime(2026, 11, 2, 12, tzinfo=UTC))
    transferred(workshop, person_id, old, new)
    save(workshop, today_of(host), Mark(person_id, P, makes_up_id=missed))
    assert carried(person_id, new) == 180
    save(workshop, today_of(host), Mark(person_id, None, number=1))
    assert carried(person_id, new) == 0


@both_engines
def test_hours_of_a_session_that_is_cancelled_after_the_transfer_come_along_no_longer(
    workshop: House,
) -> None:
    old = house.cohort(workshop, sessions=17, starts_min=1080)
    second = house.cohort(workshop, number=2, sessions=25, starts_min=840)
    third = house.cohort(workshop, number=3, sessions=25, first=date(2026, 11, 23))
    host = house.cohort(workshop, number=4, sessions=17)
    (person_id,) = house.enrolled(workshop, old)
    attended, made_up, missed = house.sessions_of(old)[:3]
    evening = datetime(2026, 11, 4, 12, tzinfo=UTC)
    save(workshop, attended, Mark(person_id, P), now=evening)
    save(workshop, made_up, Mark(person_id, ABSENT), now=evening)
    save(workshop, missed, Mark(person_id, ABSENT), now=evening)
    first, last = house.sessions_of(host)[12:14]
    save(workshop, first, Mark(person_id, P, makes_up_id=made_up))
    save(workshop, last, Mark(person_id, P, makes_up_id=missed))
    transferred(workshop, person_id, old, second)
    transferred(workshop, person_id, second, third, date(2026, 11, 23))
    for session_id, left in ((attended, 360), (made_up, 180), (last, 0)):
        cancel_session(session_id, reason="停电", drops_marks=True, now=BEGUN,
                       by=workshop.actor(Role.CLERK))  # fmt: skip
        assert [carried(person_id, each) for each in (second, third)] == [left, left]
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "enrolment.carried").order_by(AuditEntry.id)
    ).all()[-1]  # fmt: skip
    assert entry.subject == f"enrolment:{person_id}:{third}"
