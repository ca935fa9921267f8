"""What stands behind a sampled mark of attendance: its history, session, enrolment, policy, report line."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from core import show
from core.access import Actor
from core.clock import local
from core.db import db
from core.evidence.actions import content_of
from core.evidence.models import Attachment
from core.privacy import mask_id_number
from core.reports.proof import Block, EvidencePage
from core.reports.residents import merged
from core.reports.values import Built, Unit
from core.reports.words import number
from workshop import words
from workshop.models import AttendanceMark, EnrolmentMove, Session
from workshop.reports.form import of_hours
from workshop.reports.read.classes import clock_of, code_of
from workshop.values import EnrolmentState

IMAGES = ("image/jpeg", "image/png")
Row = tuple[Any, ...]


def evidence_pages(
    built: Built, rows: Sequence[Row], by: Actor, now: datetime
) -> tuple[EvidencePage, ...]:
    """One page for each of these rows of the attendances; each paper opened for it is logged."""
    data = built.datasets["attendances"]
    place = {column.key: at for at, column in enumerate(data.columns)}
    kept = merged()
    pairs = {
        (_of(kept, row[place["person_id"]]), int(row[place["event_id"]])) for row in rows
    }  # fmt: skip
    sessions = _sessions({session_id for _person, session_id in pairs})
    marks, moves = _marks(pairs, kept), _moves({person_id for person_id, _session in pairs}, kept)
    papers = _papers(sessions)
    people = {row[0]: row for row in built.datasets["people"].rows}
    name = built.datasets["people"].place("name")
    pages = []
    for at, row in enumerate(rows, 1):
        person_id, session_id = row[place["person_id"]], int(row[place["event_id"]])
        meeting = sessions.get(session_id)
        title = _("No. %(number)s · %(name)s · %(day)s · %(cohort)s", number=at,
                  name=people[person_id][name], day=show.full_day(row[place["day"]]),
                  cohort=data.words["cohort"].get(row[place["cohort"]], "—"))  # fmt: skip
        pages.append(EvidencePage(title, (
            _history(built, row, place, marks.get((_of(kept, person_id), session_id), [])),
            _session(meeting, papers.get(session_id, []), by, now),
            _enrolment(meeting, moves.get(_of(kept, person_id), [])),
            _policy(meeting),
            _line(built, person_id, row[place["cohort"]], moves.get(_of(kept, person_id), [])),
        )))  # fmt: skip
    return tuple(pages)


def _of(kept: Mapping[int, int], person_id: int) -> int:
    """Whom a record counts for now: it may have been merged since the report, or before it."""
    return kept.get(person_id, person_id)


def _sessions(ids: Iterable[int]) -> dict[int, Session]:
    rows = db.session.scalars(
        sa.select(Session).where(Session.id.in_(list(ids)))
        .options(joinedload(Session.cohort), joinedload(Session.room), joinedload(Session.trainer),
                 joinedload(Session.substitute))
    )  # fmt: skip
    return {row.id: row for row in rows}


def _marks(
    pairs: set[tuple[int, int]], kept: Mapping[int, int]
) -> dict[tuple[int, int], list[AttendanceMark]]:
    found: dict[tuple[int, int], list[AttendanceMark]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(AttendanceMark)
        .where(AttendanceMark.session_id.in_({session_id for _person, session_id in pairs}))
        .order_by(AttendanceMark.person_id, AttendanceMark.session_id, AttendanceMark.number)
    ):
        key = _of(kept, row.person_id), row.session_id
        if key in pairs:
            found[key].append(row)
    return found


def _moves(person_ids: set[int], kept: Mapping[int, int]) -> dict[int, list[EnrolmentMove]]:
    records = person_ids | {other for other, into in kept.items() if into in person_ids}
    found: dict[int, list[EnrolmentMove]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(EnrolmentMove).where(EnrolmentMove.person_id.in_(records))
        .order_by(EnrolmentMove.cohort_id, EnrolmentMove.at, EnrolmentMove.person_id, EnrolmentMove.number)
    ):  # fmt: skip
        found[_of(kept, row.person_id)].append(row)
    return found


def _papers(session_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    subjects = {f"session:{session_id}": session_id for session_id in session_ids}
    found: dict[int, list[Attachment]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(Attachment)
        .where(Attachment.subject.in_(list(subjects)), Attachment.removed_at.is_(None))
        .order_by(Attachment.uploaded_at, Attachment.id)
    ):
        found[subjects[row.subject]].append(row)
    return found


def _history(
    built: Built, row: Row, place: Mapping[str, int], marks: Sequence[AttendanceMark]
) -> Block:
    data = built.datasets["attendances"]
    facts: tuple[tuple[str, str], ...] = (
        (_("Attendance"), data.words["status"][row[place["status"]]]),
        (_("Hours credited"), number(row[place["hours"]], Unit.HOURS)),
        (_("Minutes late / early"), f"{row[place['late_min']]} / {row[place['early_min']]}"),
    )  # fmt: skip
    if row[place["make_up"]]:
        facts = (*facts, (_("Make-up"), data.words["make_up"]["1"]))
    return Block(_("1. The mark and its history"), facts, tuple(map(_said, marks)))


def _said(mark: AttendanceMark) -> str:
    status = words.ATTENDANCE[mark.status] if mark.status else words.UNMARKED
    said = _("No. %(number)s at %(time)s: %(status)s, %(way)s, by %(who)s", number=mark.number,
             time=f"{local(mark.at):%Y-%m-%d %H:%M:%S}", status=status, way=words.MARK_SOURCE[mark.source],
             who=mark.by_name)  # fmt: skip
    more = [mark.reason] if mark.reason else []
    if mark.after_lock:
        more.append(_("after the lock"))
    if mark.booked_month:
        more.append(_("reported in %(month)s", month=mark.booked_month))
    return f"{said}({'、'.join(more)})" if more else said


def _session(
    meeting: Session | None, papers: Sequence[Attachment], by: Actor, now: datetime
) -> Block:
    if meeting is None:
        return Block(_("2. The session"), (), (_("It is not there any more."),))
    facts = [
        (_("Cohort"), meeting.cohort.name),
        (_("Time"), f"{show.full_day(meeting.on)} {clock_of(meeting.starts_min)}–{clock_of(meeting.ends_min)}"),
        (_("Room"), meeting.room.name if meeting.room else "—"),
        (_("Trainer / substitute"), " / ".join(
            each.display_name if each else "—" for each in (meeting.trainer, meeting.substitute))),
        (_("Minutes taught"), str(meeting.taught_min)),
    ]  # fmt: skip
    lines, images = [], []
    for each in papers:
        lines.append(_("Attached: %(title)s, %(pages)s pages, sha256 %(head)s…", title=each.title,
                       pages=each.pages, head=each.sha256[:16]))  # fmt: skip
        if each.media_type in IMAGES:
            content = b64encode(content_of(each.id, by=by, now=now).content).decode()
            images.append((each.title, f"data:{each.media_type};base64,{content}"))
    return Block(_("2. The session"), tuple(facts), tuple(lines) or (_("No sign-in sheet or photo is attached."),),
                 tuple(images))  # fmt: skip


def _enrolment(meeting: Session | None, moves: Sequence[EnrolmentMove]) -> Block:
    lines = [
        _("%(day)s: %(state)s, by %(who)s", day=show.full_day(move.on),
          state=words.ENROLMENT_STATE[move.to_state], who=move.by_name)
        for move in moves
        if meeting is None or move.cohort_id == meeting.cohort_id
    ]  # fmt: skip
    return Block(
        _("3. Her place in the cohort"),
        (),
        tuple(lines) or (_("She made up here for another cohort."),),
    )


def _policy(meeting: Session | None) -> Block:
    if meeting is None:
        return Block(_("4. The cohort's policy"))
    policy = meeting.cohort.policy
    return Block(_("4. The cohort's policy"), (
        (_("Class hour"), _("%(count)s minutes", count=policy.class_hour_min)),
        (_("Absent when later than"), _("%(count)s minutes", count=policy.late_absent_min)),
        (_("Absent when earlier than"), _("%(count)s minutes", count=policy.early_absent_min)),
        (_("Completed from"), f"{policy.credited_percent}%"),
        (_("Figure that leads"), str(words.RATE[policy.led_by])),
    ))  # fmt: skip


def _line(
    built: Built, person_id: int, cohort: str, moves: Sequence[EnrolmentMove]
) -> Block:  # fmt: skip
    data = built.datasets["register"]
    place = {column.key: at for at, column in enumerate(data.columns)}
    line = next(
        (row for row in data.rows
         if row[place["person_id"]] == person_id and row[place["cohort"]] == cohort),
        None,
    )  # fmt: skip
    if line is None:
        there = [move.to_state for move in moves
                 if code_of(move.cohort_id) == cohort and move.on <= built.period.last]  # fmt: skip
        why = (
            _("She is not in the register: she was transferred.")
            if there[-1:] == [EnrolmentState.TRANSFERRED]
            else _("She is not in the register: she had not begun training in this cohort.")
        )
        return Block(_("5. Line of the report"), (), (why,))
    return Block(_("5. Line of the report"), (
        (_("No."), str(line[place["number"]])), (_("Name"), line[place["name"]]),
        (_("ID number"), mask_id_number(line[place["id_number"]]) or "—"),
        (_("Cohort"), data.words["cohort"][cohort]),
        (_("Class hours"), of_hours(line[place["credited"]], line[place["planned"]])),
        (_("Outcome of the training"), data.words["state"].get(line[place["state"]], "—")),
    ))  # fmt: skip
