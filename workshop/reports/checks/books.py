"""Whether the books are in order: rows that fit their entries, and months that were issued."""

import sqlalchemy as sa
from flask_babel import gettext as _

from core import show
from core.db import db
from core.reports.checks import Row, finding, months_missing
from core.reports.values import Finding
from workshop import words
from workshop.models import Attendance, AttendanceMark, Placement, PlacementMove
from workshop.reports.checks.ground import Ground, placement_page, session_page, told
from workshop.values import PlacementState


def marks_differ(ground: Ground) -> Finding | None:
    """Attendances that are not what their latest mark says, and those without one."""
    ours = [each.id for each in ground.meetings.values() if ground.is_ours(each)]
    latest = (
        sa.select(AttendanceMark.person_id, AttendanceMark.session_id,
                  sa.func.max(AttendanceMark.number).label("number"))
        .where(AttendanceMark.session_id.in_(ours))
        .group_by(AttendanceMark.person_id, AttendanceMark.session_id)
    ).subquery()  # fmt: skip
    said = {
        (row.person_id, row.session_id): (row.status, row.credited_min, row.makes_up_id)
        for row in db.session.execute(
            sa.select(AttendanceMark.person_id, AttendanceMark.session_id, AttendanceMark.status,
                      AttendanceMark.credited_min, AttendanceMark.makes_up_id)
            .join(latest, sa.and_(latest.c.person_id == AttendanceMark.person_id,
                                  latest.c.session_id == AttendanceMark.session_id,
                                  latest.c.number == AttendanceMark.number))
        )
        if row.status is not None
    }  # fmt: skip
    stored = {
        (row.person_id, row.session_id): (row.status, row.credited_min, row.makes_up_id)
        for row in db.session.execute(
            sa.select(Attendance.person_id, Attendance.session_id, Attendance.status,
                      Attendance.credited_min, Attendance.makes_up_id)
            .where(Attendance.session_id.in_(ours))
        )
    }  # fmt: skip
    rows: list[Row] = []
    for key in sorted(said.keys() | stored.keys()):
        if said.get(key) != stored.get(key):
            person_id, session_id = key
            rows.append((
                _("%(name)s · %(session)s: stored %(stored)s, entered %(entered)s",
                  name=ground.name(person_id), session=told(ground.meetings[session_id]),
                  stored=_status(stored.get(key)), entered=_status(said.get(key))),
                session_page(session_id),
            ))  # fmt: skip
    return finding(
        "marks_differ", _("Attendance that does not fit its entries"),
        _("Somebody changed rows of the database, or the program has a fault. Verify the log "
          "(flask audit verify) and report it. Nothing is issued until they agree."),
        rows, stops=True,
    )  # fmt: skip


def _status(row: tuple[object, ...] | None) -> str:
    return str(words.UNMARKED) if row is None else str(words.ATTENDANCE[row[0]])  # type: ignore[index]


def jobs_differ(ground: Ground) -> Finding | None:
    """Jobs whose days are not what their moves say."""
    moves: dict[tuple[int, object], dict[PlacementState, object]] = {}
    for row in db.session.execute(
        sa.select(PlacementMove.person_id, PlacementMove.placement_id, PlacementMove.to_state, PlacementMove.on)
        .order_by(PlacementMove.number)
    ):  # fmt: skip
        moves.setdefault((row.person_id, row.placement_id), {})[row.to_state] = row.on
    rows: list[Row] = []
    for job in db.session.execute(
        sa.select(Placement.person_id, Placement.id, Placement.started_on, Placement.verified_on,
                  Placement.left_on, Placement.employer_name)
        .where(Placement.site_id.in_(ground.span.site_ids),
               Placement.started_on <= ground.built.period.last)
        .order_by(Placement.started_on, Placement.id)
    ):  # fmt: skip
        said = moves.get((job.person_id, job.id), {})
        for state, day in (
            (PlacementState.STARTED, job.started_on), (PlacementState.VERIFIED, job.verified_on),
            (PlacementState.LEFT, job.left_on),
        ):  # fmt: skip
            if said.get(state) != day:
                rows.append((
                    _("%(name)s · %(employer)s · %(what)s %(day)s", name=ground.name(job.person_id),
                      employer=job.employer_name, what=words.PLACEMENT_STATE[state],
                      day=show.full_day(day)),
                    placement_page(job),
                ))  # fmt: skip
    return finding(
        "jobs_differ", _("Jobs that do not fit their moves"),
        _("Somebody changed rows of the database, or the program has a fault. Verify the log "
          "(flask audit verify) and report it. Nothing is issued until they agree."),
        rows, stops=True,
    )  # fmt: skip


def months_not_issued(ground: Ground) -> Finding | None:
    """Months of a longer period for which no report was issued."""
    return months_missing(ground.built)
