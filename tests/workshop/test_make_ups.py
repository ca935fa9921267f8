"""Make-ups: for a session still to come, of a session that was cancelled, and what of hers may change then."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from core.access import Role
from core.db import db, transaction
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, TODAY, history, save, stands, today_of
from workshop.actions.attendance import undo
from workshop.actions.cohorts import cancel_cohort
from workshop.actions.sessions import cancel_session
from workshop.lists.make_ups import missed_by
from workshop.lists.walk_ins import missed_of
from workshop.models import Cohort, Enrolment, Session
from workshop.queries import figures_of, held_of
from workshop.rules.hours import Figures, figures, saving_session
from workshop.values import AttendanceStatus, Held, Mark, Policy, RateName

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus


@pytest.fixture
def cohort_id(workshop: House) -> int:
    return house.cohort(workshop, sessions=17)


@pytest.fixture
def other_id(workshop: House) -> int:
    """A cohort of the same course in the evening, with sessions to come."""
    return house.cohort(workshop, number=2, sessions=20, starts_min=18 * 60)


def counted(person_id: int, cohort_id: int, now: datetime = BEGUN) -> Figures:
    db.session.rollback()
    place = db.session.get_one(Enrolment, (person_id, cohort_id))
    cohort = db.session.get_one(Cohort, cohort_id)
    return figures_of([place], {cohort_id: cohort}, now)[person_id, cohort_id]


def test_a_session_to_come_that_was_made_up_and_has_no_mark_counts_as_held() -> None:
    coming = Held(1, date(2026, 11, 2), 540, 180, False, None, 180, is_made_up=True)
    found = figures([coming], 360)
    assert (found.held_min, found.credited_min, found.remaining_min) == (180, 180, 0)
    assert found.unmarked_min == 0
    assert [found.rate(name) for name in RateName]
    assert saving_session([coming], found, Policy()) is None


@both_engines
def test_leave_that_was_made_up_stays_until_the_make_up_is_taken_away(
    workshop: House, cohort_id: int, other_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, other_id, joined_on=TODAY)
    coming, today = house.sessions_of(other_id)[18], today_of(cohort_id)
    save(workshop, coming, Mark(person_id, EXCUSED, reason="家里有事"))
    save(workshop, today, Mark(person_id, P, makes_up_id=coming))
    ((_, error),) = save(workshop, coming, Mark(person_id, None, number=1)).refused
    assert error.code == "made_up_elsewhere"
    assert stands(coming)[person_id][0] is EXCUSED
    later = BEGUN + timedelta(minutes=1)
    undone = undo(coming, by=workshop.actor(Role.TRAINER), now=later)
    assert [(one, error.code) for one, error in undone.refused] == [
        (person_id, "made_up_elsewhere")
    ]
    found = counted(person_id, other_id)
    assert (found.credited_min, found.held_min) == (180, 180)
    save(workshop, today, Mark(person_id, None, number=1))
    assert save(workshop, coming, Mark(person_id, None, number=1)).saved == (person_id,)


@both_engines
def test_a_cancelled_session_credits_no_make_up_and_holds_nobody(
    workshop: House, cohort_id: int, other_id: int
) -> None:
    (guest,) = house.enrolled(workshop, other_id)
    (hers,) = house.enrolled(workshop, cohort_id)
    missed, today = house.sessions_of(other_id)[0], today_of(cohort_id)
    save(workshop, missed, Mark(guest, ABSENT), now=datetime(2026, 11, 2, 12, tzinfo=UTC))
    save(workshop, today, Mark(guest, P, makes_up_id=missed), Mark(hers, P))
    assert counted(guest, other_id).credited_min == 180
    cancel_session(today, reason="停电", drops_marks=True, by=workshop.actor(Role.CLERK), now=BEGUN)
    found = counted(guest, other_id)
    assert (found.credited_min, found.absent_min) == (0, 180)
    place = db.session.get_one(Enrolment, (guest, other_id))
    assert not any(one.is_made_up for one in held_of([place], BEGUN)[guest, other_id])
    # Her own session can be corrected again, and at these hours she may have been elsewhere.
    now = datetime(2026, 11, 2, 13, tzinfo=UTC)
    assert save(workshop, missed, Mark(guest, P, number=1), now=now).saved == (guest,)
    third_id = house.cohort(workshop, number=3, sessions=17)
    with transaction() as session:
        place = session.get_one(Enrolment, (hers, cohort_id))
        session.add(Enrolment(
            person_id=hers, cohort_id=third_id, state=place.state, number=1, applied_at=place.applied_at,
            changed_at=place.changed_at, joined_on=place.joined_on,
        ))  # fmt: skip
    assert save(workshop, today_of(third_id), Mark(hers, P)).saved == (hers,)


@both_engines
def test_what_was_cancelled_is_not_made_up(workshop: House, cohort_id: int, other_id: int) -> None:
    (guest,) = house.enrolled(workshop, other_id)
    missed, today = house.sessions_of(other_id)[-1], today_of(cohort_id)
    excused = Mark(guest, EXCUSED, reason="住院")
    assert save(workshop, missed, excused, now=BEGUN).saved == (guest,)
    meeting = db.session.get_one(Session, today)
    assert [one.id for one, _ in missed_of([guest], meeting)[guest]] == [missed]
    cancel_session(
        missed, reason="停电", drops_marks=False, by=workshop.actor(Role.CLERK), now=BEGUN
    )
    assert missed_of([guest], db.session.get_one(Session, today))[guest] == []
    ((_, error),) = save(workshop, today, Mark(guest, P, makes_up_id=missed)).refused
    assert error.code == "make_up_not_missed"


@both_engines
def test_a_make_up_whose_session_was_cancelled_can_be_had_in_another(
    workshop: House, cohort_id: int, other_id: int
) -> None:
    (guest,) = house.enrolled(workshop, other_id)
    (hers,) = house.enrolled(workshop, cohort_id)
    missed, today = house.sessions_of(other_id)[0], today_of(cohort_id)
    third = today_of(house.cohort(workshop, number=3, sessions=17, starts_min=14 * 60))
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    save(workshop, missed, Mark(guest, ABSENT), now=datetime(2026, 11, 2, 12, tzinfo=UTC))
    save(workshop, today, Mark(guest, P, makes_up_id=missed), Mark(hers, P))
    ((_, error),) = save(workshop, third, Mark(guest, P, makes_up_id=missed), now=now).refused
    assert error.code == "make_up_taken"
    cancel_session(today, reason="停电", drops_marks=True, by=workshop.actor(Role.CLERK), now=now)
    assert [one.made_up_in for one in missed_by(missed)] == [None]
    assert (list(stands(today)), history(today, guest)) == ([hers], [P, None])
    assert save(workshop, third, Mark(guest, P, makes_up_id=missed), now=now).saved == (guest,)
    assert counted(guest, other_id, now).credited_min == 180


@both_engines
def test_what_was_made_up_in_a_cancelled_cohort_can_be_had_in_another(
    workshop: House, cohort_id: int, other_id: int
) -> None:
    (guest,) = house.enrolled(workshop, other_id)
    missed, today = house.sessions_of(other_id)[0], today_of(cohort_id)
    early = BEGUN - timedelta(minutes=25)  # the room is open and class has not begun
    save(workshop, missed, Mark(guest, ABSENT), now=datetime(2026, 11, 2, 12, tzinfo=UTC))
    save(workshop, today, Mark(guest, P, makes_up_id=missed), now=early)
    cancel_cohort(cohort_id, reason="停办", by=workshop.actor(Role.CLERK), now=early)
    assert (stands(today), history(today, guest)) == ({}, [P, None])


def test_held_of_still_takes_two_queries(workshop: House, cohort_id: int, in_app: Flask) -> None:
    from tests.canteen.pages import counted as sending

    people = house.enrolled(workshop, cohort_id, 3)
    places = [db.session.get_one(Enrolment, (one, cohort_id)) for one in people]
    with sending(in_app) as sent:
        held_of(places, BEGUN)
    assert len(sent) == 2
