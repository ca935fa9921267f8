"""Whether work is what it is said to be: proved, not at the hour of a class, and asked after."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from core import show
from core.db import db
from core.evidence.models import Attachment
from core.paths import path_to
from core.reports.checks import Row, finding, setting
from core.reports.values import Finding
from workshop.models import FollowUp, Learner, Placement, Vacancy
from workshop.reports.checks.ground import Ground, placement_page, told
from workshop.reports.read.work import VERIFIED


def at_work_elsewhere(ground: Ground) -> Finding | None:
    """Learners recorded in a class at the hour at which their job has them at work."""
    jobs: dict[int, list[Any]] = {}
    for row in db.session.execute(
        sa.select(Placement.person_id, Placement.id, Placement.started_on, Placement.left_on,
                  Placement.employer_name, Vacancy.weekdays, Vacancy.starts_min, Vacancy.ends_min)
        .join(Vacancy, Vacancy.id == Placement.vacancy_id)
        .where(Placement.started_on <= ground.built.period.last, Vacancy.starts_min.is_not(None))
        .order_by(Placement.started_on, Placement.id)
    ):  # fmt: skip
        jobs.setdefault(ground.person(row.person_id), []).append(row)
    rows: list[Row] = []
    for mark in ground.attendances:
        meeting = ground.meetings.get(int(mark["event_id"]))
        if meeting is None or not mark["there"]:
            continue
        for job in jobs.get(mark["person_id"], ()):
            if _works_at(job, meeting):
                rows.append((
                    _("%(name)s: %(session)s; at work at %(employer)s", name=ground.name(mark["person_id"]),
                      session=told(meeting), employer=job.employer_name), placement_page(job),
                ))  # fmt: skip
    return finding(
        "at_work", _("Learners recorded in class at the hours of their job"),
        _("Ask her where she was. Correct the mark, or the first day or hours of the job."), rows,
    )  # fmt: skip


def _works_at(job: Any, meeting: Any) -> bool:
    """Whether the hours of her job cover any of the session; night shifts end on the next day."""
    if not job.started_on <= meeting.on or (job.left_on is not None and meeting.on > job.left_on):
        return False
    for day, offset in ((meeting.on, 0), (meeting.on - timedelta(days=1), 1440)):
        if day < job.started_on or not job.weekdays >> day.weekday() & 1:
            continue
        ends = job.ends_min if job.ends_min > job.starts_min else job.ends_min + 1440
        starts, until = job.starts_min - offset, ends - offset
        if starts < meeting.ends_min and meeting.starts_min < until:
            return True
    return False


def _verified(ground: Ground) -> dict[str, dict[str, Any]]:
    """The work verified in the period, by the person and id of its placement."""
    return {
        row["event_id"]: row for row in ground.rows("jobs")
        if row["kind"] == VERIFIED and row["month"] in ground.span.months
    }  # fmt: skip


def without_evidence(ground: Ground) -> Finding | None:
    """Work verified in the period whose paper is not there (any more)."""
    verified = _verified(ground)
    subjects = [f"placement:{key}" for key in verified]
    proved = set(db.session.scalars(
        sa.select(Attachment.subject)
        .where(Attachment.subject.in_(subjects), Attachment.removed_at.is_(None))
    ))  # fmt: skip
    pages = {
        f"{row.person_id}.{row.id}": placement_page(row)
        for row in db.session.execute(
            sa.select(Placement.person_id, Placement.id)
            .where(Placement.site_id.in_(ground.span.site_ids), Placement.verified_on.is_not(None))
        )
    }  # fmt: skip
    rows: list[Row] = [
        (" · ".join((ground.name(row["person_id"]), row["employer_name"], show.full_day(row["day"]))),
         pages.get(key))
        for key, row in verified.items()
        if f"placement:{key}" not in proved
    ]  # fmt: skip
    return finding(
        "no_evidence", _("Verified work without its paper"),
        _("Attach the paper by which it was verified. Where it lies in the files only, write where."), rows,
    )  # fmt: skip


def before_registered(ground: Ground) -> Finding | None:
    """Work verified in the period that had begun before she was a learner, under any record of hers."""
    verified = _verified(ground)
    people = {row["person_id"] for row in verified.values()}
    records = people | {other for other, kept in ground.merged.items() if kept in people}
    since: dict[int, date] = {}
    for person_id, on in db.session.execute(
        sa.select(Learner.person_id, Learner.registered_on).where(Learner.person_id.in_(records))
    ):
        kept = ground.person(person_id)
        since[kept] = min(on, since.get(kept, on))
    rows: list[Row] = []
    for key, row in verified.items():
        registered_on, (person_id, placement_id) = since[row["person_id"]], key.split(".")
        if row["started_on"] < registered_on:
            rows.append((
                _("%(name)s · %(employer)s: began on %(day)s, registered on %(registered)s",
                  name=ground.name(row["person_id"]), employer=row["employer_name"],
                  day=show.full_day(row["started_on"]), registered=show.full_day(registered_on)),
                path_to("workshop.placement", person_id=person_id, placement_id=placement_id),
            ))  # fmt: skip
    return finding(
        "before_registered", _("Verified work that had begun before she was registered"),
        _("Work that she had already was not found through the workshop. Look at its paper, and write why "
          "it counts."), rows,
    )  # fmt: skip


def overdue(ground: Ground) -> Finding | None:
    """Follow-ups that were due long before the end of the period and are not done."""
    until = ground.span.as_of - timedelta(days=setting("CHECK_OVERDUE_DAYS"))
    rows: list[Row] = [
        (_("%(name)s · %(employer)s: %(days)s days, due on %(day)s", name=ground.name(row.person_id),
           employer=row.employer_name, days=row.after_days, day=show.full_day(row.due_on)),
         placement_page(row))
        for row in db.session.execute(
            sa.select(FollowUp.person_id, FollowUp.placement_id.label("id"), FollowUp.after_days,
                      FollowUp.due_on, Placement.employer_name)
            .join(Placement, sa.and_(Placement.person_id == FollowUp.person_id,
                                     Placement.id == FollowUp.placement_id))
            .where(Placement.site_id.in_(ground.span.site_ids), FollowUp.outcome.is_(None),
                   FollowUp.due_on <= until)
            .order_by(FollowUp.due_on, FollowUp.person_id, FollowUp.after_days)
        )
    ]  # fmt: skip
    return finding(
        "overdue", _("Follow-ups that are overdue"),
        _("Call them now, or record that they could not be reached: until then nothing is known of them."), rows,
    )  # fmt: skip
