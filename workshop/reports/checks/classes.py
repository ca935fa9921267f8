"""Whether sessions were held as recorded: nobody and nothing in two places, everybody marked, on paper."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from core.accounts.models import User
from core.db import db
from core.evidence.models import Attachment
from core.reports.checks import Row, finding
from core.reports.values import Finding
from workshop.models import Attendance, Room
from workshop.reports.checks.ground import Ground, Meeting, session_page, told
from workshop.values import AttendanceStatus

_THERE = tuple(status for status in AttendanceStatus if status.is_there)


def _pairs(
    ground: Ground, of: Callable[[Meeting], Sequence[int]]
) -> Iterator[tuple[int, Meeting, Meeting]]:
    """What stands in two sessions at the same hour, one of them of the scope."""
    by_day: dict[tuple[int, object], list[Meeting]] = defaultdict(list)
    for meeting in ground.meetings.values():
        for key in of(meeting):
            by_day[key, meeting.on].append(meeting)
    for (key, _day), meetings in by_day.items():
        for one, other in combinations(meetings, 2):
            if one.overlaps(other) and (ground.is_ours(one) or ground.is_ours(other)):
                yield key, one, other


def learner_twice(ground: Ground) -> Finding | None:
    """Learners recorded as there in two sessions at the same hour, wherever these were held."""
    present: dict[int, list[int]] = defaultdict(list)
    for session_id, person_id in db.session.execute(
        sa.select(Attendance.session_id, Attendance.person_id)
        .where(Attendance.session_id.in_(list(ground.meetings)), Attendance.status.in_(_THERE))
    ):  # fmt: skip
        present[session_id].append(ground.person(person_id))
    rows: list[Row] = [
        (_("%(name)s: %(one)s; %(other)s", name=ground.name(person_id), one=told(one),
           other=told(other)), session_page(other.id))
        for person_id, one, other in _pairs(ground, lambda meeting: present.get(meeting.id, ()))
    ]  # fmt: skip
    return finding(
        "learner_twice", _("Learners recorded in two classes at the same hour"),
        _("Ask both trainers where she was, and have one of the marks corrected."), rows,
    )  # fmt: skip


def room_twice(ground: Ground) -> Finding | None:
    """Rooms with two sessions at the same hour."""
    names = dict(db.session.execute(sa.select(Room.id, Room.name)).tuples().all())
    rows: list[Row] = [
        (_("%(name)s: %(one)s; %(other)s", name=names.get(room_id, "—"), one=told(one),
           other=told(other)), session_page(other.id))
        for room_id, one, other in _pairs(
            ground, lambda meeting: (meeting.room_id,) if meeting.room_id else ())
    ]  # fmt: skip
    return finding(
        "room_twice", _("Rooms with two classes at the same hour"),
        _("Clarify which of them was held there, and correct the other one's room or time."), rows,
    )  # fmt: skip


def trainer_twice(ground: Ground) -> Finding | None:
    """Trainers who hold two sessions at the same hour: a substitute stands in for the trainer."""
    names = dict(db.session.execute(sa.select(User.id, User.display_name)).tuples().all())

    def held_by(meeting: Meeting) -> Sequence[int]:
        by = meeting.substitute_id or meeting.trainer_id
        return (by,) if by is not None else ()

    rows: list[Row] = [
        (_("%(name)s: %(one)s; %(other)s", name=names.get(user_id, "—"), one=told(one),
           other=told(other)), session_page(other.id))
        for user_id, one, other in _pairs(ground, held_by)
    ]  # fmt: skip
    return finding(
        "trainer_twice", _("Trainers with two classes at the same hour"),
        _("Clarify who held which of them, and enter the substitute."), rows,
    )  # fmt: skip


def unmarked(ground: Ground) -> Finding | None:
    """Sessions that were held, with learners of whom nothing is recorded."""
    rows: list[Row] = [
        (_("%(session)s: %(count)s of %(all)s not marked", session=told(ground.meetings[int(row["event_id"])]),
           count=row["unmarked"], all=row["expected"]), session_page(int(row["event_id"])))
        for row in ground.rows("sessions")
        if row["standing"] == "held" and row["unmarked"] and int(row["event_id"]) in ground.meetings
    ]  # fmt: skip
    return finding(
        "unmarked", _("Sessions that are not fully marked"),
        _("Have the trainer mark them, or type back the signed sheet. Where that cannot be known any "
          "more, write why."), rows,
    )  # fmt: skip


def without_sheet(ground: Ground) -> Finding | None:
    """Sessions that were held and have neither a sign-in sheet nor a photo attached."""
    if not current_app.config["CHECK_SESSION_SHEET"]:
        return None
    held = [int(row["event_id"]) for row in ground.rows("sessions") if row["standing"] == "held"]
    proved = set(db.session.scalars(
        sa.select(Attachment.subject).where(
            Attachment.subject.in_([f"session:{session_id}" for session_id in held]),
            Attachment.removed_at.is_(None),
        )
    ))  # fmt: skip
    rows: list[Row] = [
        (told(ground.meetings[session_id]), session_page(session_id))
        for session_id in held
        if f"session:{session_id}" not in proved and session_id in ground.meetings
    ]
    return finding(
        "no_sheet", _("Sessions without a sign-in sheet or photo"),
        _("Attach the signed sheet or a photo to the session. Where it lies in the files only, write where."),
        rows,
    )  # fmt: skip
