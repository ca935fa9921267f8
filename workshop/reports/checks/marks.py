"""Whether marks came about as they should: not in bulk long after, not many from one phone."""

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from core.clock import service_day
from core.db import db
from core.reports.checks import Row, finding, setting
from core.reports.values import Finding
from workshop.models import AttendanceMark, CheckIn
from workshop.reports.checks.ground import Ground, session_page, told
from workshop.values import MarkSource


def late_bulk(ground: Ground) -> Finding | None:
    """Sessions of which many marks were made or changed long after, or after the lock."""
    ours = {each.id: each for each in ground.meetings.values() if ground.is_ours(each)}
    days, least = timedelta(days=setting("CHECK_LATE_MARK_DAYS")), setting("CHECK_LATE_MARKS")
    late: dict[tuple[int, str], set[int]] = defaultdict(set)
    for row in db.session.execute(
        sa.select(AttendanceMark.session_id, AttendanceMark.person_id, AttendanceMark.by_name, AttendanceMark.at,
                  AttendanceMark.after_lock)
        .where(AttendanceMark.session_id.in_(list(ours)))
        .order_by(AttendanceMark.at)
    ):  # fmt: skip
        if row.after_lock or service_day(row.at) > ours[row.session_id].on + days:
            late[row.session_id, row.by_name].add(row.person_id)
    rows: list[Row] = [
        (_("%(session)s: marks of %(count)s learners by %(who)s", session=told(ours[session_id]),
           count=len(people), who=by_name), session_page(session_id))
        for (session_id, by_name), people in late.items()
        if len(people) >= least
    ]  # fmt: skip
    return finding(
        "late_bulk", _("Many marks made or changed long after the session"),
        _("Compare them with the signed sheet, and write why they came so late."), rows,
    )  # fmt: skip


def one_phone(ground: Ground) -> Finding | None:
    """Phones with which many learners checked in to one session."""
    ours = {each.id: each for each in ground.meetings.values() if ground.is_ours(each)}
    least = setting("CHECK_ONE_PHONE")
    by_phone: dict[tuple[int, str], set[int]] = defaultdict(set)
    statements = (
        sa.select(CheckIn.session_id, CheckIn.phone_hash, CheckIn.person_id)
        .where(CheckIn.session_id.in_(list(ours))),
        sa.select(AttendanceMark.session_id, AttendanceMark.phone_hash, AttendanceMark.person_id)
        .where(AttendanceMark.session_id.in_(list(ours)), AttendanceMark.phone_hash.is_not(None),
               AttendanceMark.source == MarkSource.CHECK_IN),
    )  # fmt: skip
    for statement in statements:
        for session_id, phone_hash, person_id in db.session.execute(statement):
            by_phone[session_id, phone_hash].add(person_id)
    rows: list[Row] = [
        (_("%(session)s: %(names)s", session=told(ours[session_id]),
           names="、".join(sorted(ground.name(each) for each in people))), session_page(session_id))
        for (session_id, _phone), people in sorted(by_phone.items())
        if len(people) >= least
    ]  # fmt: skip
    return finding(
        "one_phone", _("Several learners checked in with one phone"),
        _("Ask the trainer whether all of them were there. Who lent her phone to others is named in the "
          "explanation."), rows,
    )  # fmt: skip
