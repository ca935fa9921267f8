"""Whoever was admitted and comes is in training, and no longer so when the mark that said so is taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from core.access import Actor
from core.bulk import insert_all
from core.clock import service_day
from core.db import new_id
from workshop.models import Attendance, AttendanceMark, Enrolment, EnrolmentMove
from workshop.rules.moves import check_training_taken_back
from workshop.values import AttendanceStatus, EnrolmentState

if TYPE_CHECKING:
    from workshop.actions.marks import Book, Change

_E = EnrolmentState
_ENROLMENT: Any = Enrolment.__table__
_THERE = tuple(status for status in AttendanceStatus if status.is_there)


def begin_training(book: "Book", changes: Sequence["Change"], *, by: Actor, now: datetime) -> None:
    """Move whoever was admitted and came into training, from the first day of class after her admission."""
    came = [
        book.places[change.person_id] for change in changes
        if change.status is not None and change.status.is_there and change.makes_up_id is None
        and book.places[change.person_id].state is _E.ADMITTED
    ]  # fmt: skip
    if not came:
        return
    joined = {
        place.person_id: place.joined_on or min(
            book.meeting.on, max(book.cohort.starts_on, service_day(place.changed_at))
        )
        for place in came
    }  # fmt: skip
    day = sa.case(joined, value=_ENROLMENT.c.person_id)
    moved = _change_state(book, joined, _E.ADMITTED, _E.TRAINING, day, now)
    _record(book, moved, _E.ADMITTED, _E.TRAINING, None, by, now)


def end_training(book: "Book", changes: Sequence["Change"], *, by: Actor, now: datetime) -> None:
    """Move whoever is in training by a mark alone back to admitted, when she was there in no session.

    Her latest move must be the one that came with a mark, of the same moment; what somebody decided
    stays. Her seat and her number stay too.
    """
    gone = [
        change.person_id for change in changes
        if change.makes_up_id is None and (change.status is None or not change.status.is_there)
        and change.person_id in book.places
        and book.places[change.person_id].state is _E.TRAINING
    ]  # fmt: skip
    if not gone:
        return
    cohort_id = book.cohort.id
    later = sa.orm.aliased(EnrolmentMove)
    by_mark = sa.select(EnrolmentMove.person_id).where(
        EnrolmentMove.cohort_id == cohort_id, EnrolmentMove.person_id.in_(gone),
        EnrolmentMove.from_state == _E.ADMITTED, EnrolmentMove.to_state == _E.TRAINING,
        ~sa.exists().where(later.person_id == EnrolmentMove.person_id, later.cohort_id == cohort_id,
                           later.number > EnrolmentMove.number),
        sa.exists().where(AttendanceMark.person_id == EnrolmentMove.person_id,
                          AttendanceMark.cohort_id == cohort_id,
                          AttendanceMark.at == EnrolmentMove.at, AttendanceMark.status.in_(_THERE)),
        ~sa.exists().where(Attendance.person_id == EnrolmentMove.person_id,
                           Attendance.cohort_id == cohort_id, Attendance.status.in_(_THERE)),
    )  # fmt: skip
    ids = list(book.session.scalars(by_mark))
    if not ids:
        return
    # In the language of the house, whatever the screen speaks: it is read years later.
    with force_locale(current_app.config["DEFAULT_LANGUAGE"]):
        reason = _("The mark with which her training began was taken back.")
    check_training_taken_back(_E.TRAINING, _E.ADMITTED, reason)
    moved = _change_state(book, ids, _E.TRAINING, _E.ADMITTED, sa.null(), now)
    _record(book, moved, _E.TRAINING, _E.ADMITTED, reason, by, now)


def _change_state(
    book: "Book", ids: Any, before: EnrolmentState, after: EnrolmentState,
    joined_on: sa.ColumnElement[Any], now: datetime,
) -> list[int]:  # fmt: skip
    """Who was moved: of the ones named, those who still stood where they were read to stand."""
    moved = book.session.scalars(
        sa.update(_ENROLMENT)
        .where(_ENROLMENT.c.cohort_id == book.cohort.id, _ENROLMENT.c.person_id.in_(list(ids)),
               _ENROLMENT.c.state == before)
        .values(state=after, joined_on=joined_on, changed_at=now)
        .returning(_ENROLMENT.c.person_id)
    )  # fmt: skip
    return sorted(moved)


def _record(
    book: "Book", ids: Sequence[int], before: EnrolmentState, after: EnrolmentState,
    reason: str | None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    if not ids:
        return
    numbers = dict(book.session.execute(
        sa.select(EnrolmentMove.person_id, sa.func.max(EnrolmentMove.number))
        .where(EnrolmentMove.cohort_id == book.cohort.id, EnrolmentMove.person_id.in_(ids))
        .group_by(EnrolmentMove.person_id)
    ).tuples().all())  # fmt: skip
    insert_all(book.session, EnrolmentMove, [
        {"person_id": person_id, "id": new_id(), "cohort_id": book.cohort.id,
         "number": numbers.get(person_id, 0) + 1, "from_state": before, "to_state": after, "at": now,
         "on": book.meeting.on, "reason": reason, "other_cohort_id": None, "by_id": by.user_id,
         "by_name": by.name[:64]}
        for person_id in ids
    ])  # fmt: skip
