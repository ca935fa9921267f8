"""What has changed about a report since it was issued: marks, moves, jobs and what else is recorded."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale

from core import clock
from core.audit import AuditEntry
from core.db import db
from core.reports.queries import LANGUAGE
from core.reports.values import Built, Period
from workshop.models import (
    AttendanceMark,
    Certificate,
    EnrolmentMove,
    ExternalCertificate,
    FollowUp,
    GuidanceMeeting,
    PlacementMove,
    Session,
)
from workshop.reports.build import build
from workshop.reports.span import IN_FLIGHT, span_of

# What counts as an entry: by dataset, the columns that tell one from another, and what it says.
ENTRIES = {
    "sessions": ("event_id", "standing", "hours"),
    "attendances": ("event_id", "person_id", "status", "hours"),
    "adjustments": ("fact",), "enrolment_moves": ("fact",), "certificates": ("fact", "kind"),
    "guidance": ("fact",), "jobs": ("fact",), "follow_ups": ("event_id", "after_days", "outcome"),
}  # fmt: skip


def changes(period: Period, scope: str, issued_at: datetime, counted: Callable[[], Built]) -> int:
    """How many entries are there now and were not counted, or the reverse.

    issued_at: when it was. counted: reads what was counted, and is only asked where something came
    in since then. Raises KeyError for an unknown scope.
    """
    span = span_of(period, scope, clock.now())
    if not _came_in(period, span.months, issued_at - IN_FLIGHT):
        return 0
    with force_locale(LANGUAGE):
        now = build(period, scope, clock.now())
    return len(_entries(counted()) ^ _entries(now))


def _entries(built: Built) -> set[tuple[Any, ...]]:
    months = {str(month) for month in built.period.months()}
    found: set[tuple[Any, ...]] = set()
    for name, columns in ENTRIES.items():
        data = built.datasets[name]
        places = [data.place(column) for column in columns]
        at = [place for place, each in enumerate(data.columns) if each.key in ("month", "voided")]
        # What the period counts and declares wrong is no entry of it.
        found.update(
            (name, *(row[place] for place in places))
            for row in data.rows
            if not at or sum(row[place] in months for place in at) == 1
        )
    return found


def _came_in(period: Period, months: Iterable[str], since: datetime) -> bool:
    """Whether anything was recorded since, that may concern the period."""
    last = period.last
    mark, met = AttendanceMark.__table__.c, Session.__table__.c
    of_period = sa.exists().where(
        met.id == mark.session_id, met.on >= period.first, met.on <= last, mark.at > since
    )
    recorded = [
        of_period,
        sa.exists().where(mark.booked_month.in_(list(months)), mark.at > since),
        sa.exists().where(EnrolmentMove.at > since, EnrolmentMove.on <= last),
        sa.exists().where(PlacementMove.at > since, PlacementMove.on <= last),
        sa.exists().where(FollowUp.done_at > since, FollowUp.done_on <= last),
        sa.exists().where(Certificate.issued_at > since, Certificate.issued_on <= last),
        sa.exists().where(Certificate.revoked_at > since),
        sa.exists().where(ExternalCertificate.recorded_at > since, ExternalCertificate.issued_on <= last),
        sa.exists().where(ExternalCertificate.removed_at > since, ExternalCertificate.issued_on <= last),
        sa.exists().where(GuidanceMeeting.recorded_at > since, GuidanceMeeting.on <= last),
        sa.exists().where(GuidanceMeeting.voided_at > since, GuidanceMeeting.on <= last),
        # What is changed in place, or taken back without a trace of its own, stands in the log alone.
        sa.exists().where(AuditEntry.at > since, sa.or_(
            AuditEntry.action.like("class_session.%"), AuditEntry.action.like("cohort.%"),
            AuditEntry.action == "follow_up.undone",
        )),
    ]  # fmt: skip
    return bool(db.session.scalar(sa.select(sa.or_(*recorded))))
