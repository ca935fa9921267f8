"""Registration of learners, what they want, and what they can. Hardship stands in `hardship`."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor, Role
from core.accounts.models import Grant, User
from core.bulk import PERSON, Rows, write_rows
from core.clock import service_day
from core.db import new_id, transaction
from core.errors import RuleError
from core.people.models import Person
from core.people.records import records_of
from core.sites.models import Site, SiteKind
from workshop.models import (
    Course,
    Enrolment,
    Learner,
    LearnerSkill,
    NeedsAssessment,
    Skill,
    WantedSkill,
)
from workshop.values import EnrolmentState, Needs, SkillLevel, SkillSource, WorkerKind

_SHOWN = (
    "home_site_id", "worker_kind", "unemployed_since", "coordinator_id", "note", "registered_on",
    "ended_on", "end_reason",
)  # fmt: skip
_OPEN_PLACES = [state for state in EnrolmentState if state.is_open]


def locked_learner(session: Session, person_id: int) -> Learner:
    """The learner's row, held until the transaction ends. Raises RuleError not_a_learner."""
    row = session.get(Learner, person_id, with_for_update=True)
    if row is None:
        raise RuleError("not_a_learner")
    return row


def needs_reason(reason: str) -> str:
    """The reason without blanks around it. Raises RuleError reason_needed."""
    if not reason.strip():
        raise RuleError("reason_needed")
    return reason.strip()[:128]


def check_dates(from_on: date, until_on: date | None) -> None:
    """Raises RuleError ends_before_start."""
    if until_on is not None and until_on < from_on:
        raise RuleError("ends_before_start")


def _shown(row: Learner) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def _check_site(session: Session, site_id: int) -> None:
    site = session.get(Site, site_id)
    if site is None or site.kind is not SiteKind.WORKSHOP:
        raise RuleError("no_such_workshop")


def coordinators_of(site_id: int) -> sa.Select[tuple[int]]:
    """Ids of the accounts that can follow learners of a workshop."""
    return sa.select(Grant.user_id).join(User).where(
        Grant.role == Role.COORDINATOR, User.ended_at.is_(None),
        sa.or_(Grant.site_id == site_id, Grant.site_id.is_(None)),
    )  # fmt: skip


def _check_coordinator(session: Session, user_id: int | None, site_id: int) -> None:
    if user_id is None:
        return
    hers = coordinators_of(site_id).where(Grant.user_id == user_id)
    if session.scalar(hers.limit(1)) is None:
        raise RuleError("not_a_coordinator")


def _check_past(day: date | None, now: datetime) -> None:
    if day is not None and day > service_day(now):
        raise RuleError("day_lies_ahead")


def learner_rows(
    rows: Rows,
    *,
    home_site_id: int,
    on: date,
    by: Actor,
    now: datetime,
    worker_kind: WorkerKind = WorkerKind.WORKER,
    unemployed_since: date | None = None,
    coordinator_id: int | None = None,
    note: str | None = None,
) -> None:
    """A first registration as rows, with its entry in the log."""
    values = {
        "home_site_id": home_site_id, "worker_kind": worker_kind,
        "unemployed_since": unemployed_since, "coordinator_id": coordinator_id, "note": note,
        "registered_on": on, "ended_on": None, "end_reason": None,
    }  # fmt: skip
    rows.add(Learner, {**values, "created_at": now})
    rows.record("learner.registered", subject=f"learner:{PERSON}", by=by, now=now, after=values)


def open_before_merge(person_id: int) -> sa.Select[tuple[Learner]]:
    """Who is a learner still under a record that was merged into this one: there her history is."""
    return sa.select(Learner).where(
        Learner.person_id.in_(records_of(person_id)), Learner.person_id != person_id,
        Learner.ended_on.is_(None),
    ).order_by(Learner.person_id).limit(1)  # fmt: skip


def register_learner(
    person_id: int,
    *,
    home_site_id: int,
    on: date,
    worker_kind: WorkerKind,
    by: Actor,
    now: datetime,
    unemployed_since: date | None = None,
    coordinator_id: int | None = None,
    note: str | None = None,
) -> Learner:
    """Register somebody of the registry as a learner from a day on, or again after an end.

    Raises RuleError no_such_person, no_such_workshop, not_a_coordinator, day_lies_ahead,
    already_a_learner.
    """
    facts: dict[str, Any] = {
        "home_site_id": home_site_id, "worker_kind": worker_kind,
        "unemployed_since": unemployed_since, "coordinator_id": coordinator_id, "note": note,
    }  # fmt: skip
    _check_past(on, now)
    _check_past(unemployed_since, now)
    try:
        with transaction() as session:
            person = session.get(Person, person_id)
            if person is None or person.merged_into_id is not None:
                raise RuleError("no_such_person")
            _check_site(session, home_site_id)
            _check_coordinator(session, coordinator_id, home_site_id)
            row = session.get(Learner, person_id, with_for_update=True)
            if row is None:
                if session.scalar(open_before_merge(person_id)) is not None:
                    raise RuleError("already_a_learner")
                rows = Rows()
                learner_rows(rows, on=on, by=by, now=now, **facts)
                write_rows(session, [(person_id, rows)])
                return session.get_one(Learner, person_id)
            if row.ended_on is None:
                raise RuleError("already_a_learner")
            before = _shown(row)
            for name, value in facts.items():
                setattr(row, name, value)
            row.registered_on, row.ended_on, row.end_reason = on, None, None
            _record(session, "registered", row, by, now, before=before, after=_shown(row))
            return row
    except sa.exc.IntegrityError:
        # Two registered her at once: the one who came first has done it.
        raise RuleError("already_a_learner") from None


def change_learner(
    person_id: int,
    *,
    home_site_id: int,
    worker_kind: WorkerKind,
    unemployed_since: date | None,
    coordinator_id: int | None,
    note: str | None,
    by: Actor,
    now: datetime,
) -> Learner:
    """Change where she belongs, who follows her, and how her age counts.

    Raises RuleError not_a_learner, no_such_workshop, not_a_coordinator, day_lies_ahead.
    """
    _check_past(unemployed_since, now)
    with transaction() as session:
        row = locked_learner(session, person_id)
        _check_site(session, home_site_id)
        if (coordinator_id, home_site_id) != (row.coordinator_id, row.home_site_id):
            _check_coordinator(session, coordinator_id, home_site_id)
        before = _shown(row)
        row.home_site_id, row.worker_kind = home_site_id, worker_kind
        row.unemployed_since, row.coordinator_id, row.note = unemployed_since, coordinator_id, note
        _record(session, "changed", row, by, now, before=before, after=_shown(row))
        return row


def end_learner(person_id: int, *, on: date, reason: str, by: Actor, now: datetime) -> Learner:
    """She learns here no more; `on` is her last day. What is on record stays.

    Raises RuleError reason_needed, not_a_learner, learner_has_ended, ends_before_start,
    learner_has_places.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row = locked_learner(session, person_id)
        if row.ended_on is not None:
            raise RuleError("learner_has_ended")
        check_dates(row.registered_on, on)
        places = sa.select(sa.func.count()).select_from(Enrolment).where(
            Enrolment.person_id == person_id, Enrolment.state.in_(_OPEN_PLACES)
        )  # fmt: skip
        if count := session.scalar(places):
            raise RuleError("learner_has_places", count=count)
        before = _shown(row)
        row.ended_on, row.end_reason = on, reason
        _record(session, "ended", row, by, now, before=before, after=_shown(row), reason=reason)
        return row


def needs_rows(
    rows: Rows, needs: Needs, *, asked_on: date, asked_by: str, by: Actor, now: datetime
) -> None:
    """An assessment as rows, with its entry in the log. The caller has checked the skills."""
    needs_id = new_id()
    values = _of_needs(needs)
    rows.add(NeedsAssessment, {
        **values, "id": needs_id, "asked_on": asked_on, "asked_by_name": asked_by[:64],
        "recorded_at": now,
    })  # fmt: skip
    for skill_id in dict.fromkeys(needs.skill_ids):
        rows.add(WantedSkill, {"needs_id": needs_id, "skill_id": skill_id})
    after = {**values, "asked_on": asked_on, "skill_ids": list(needs.skill_ids)}
    rows.record("learner.needs_asked", subject=f"learner:{PERSON}", by=by, now=now, after=after)


def _of_needs(needs: Needs) -> dict[str, Any]:
    names = (
        "weekdays", "free_from_min", "free_until_min", "children_under_12", "mobility", "reach",
        "wants_work", "wants_home_work", "wants_venture", "least_wage_fen", "note",
    )  # fmt: skip
    return {name: getattr(needs, name) for name in names}


def record_needs(
    person_id: int, needs: Needs, *, asked_on: date, by: Actor, now: datetime
) -> NeedsAssessment:
    """Note what she told on a day; the latest assessment counts, earlier ones stay on record.

    Raises RuleError not_a_learner, no_such_skill, day_lies_ahead, hours_out_of_order.
    """
    _check_past(asked_on, now)
    if not 0 <= needs.free_from_min < needs.free_until_min <= 1440:
        raise RuleError("hours_out_of_order")
    with transaction() as session:
        locked_learner(session, person_id)
        for skill_id in needs.skill_ids:
            _check_skill(session, skill_id)
        rows = Rows()
        needs_rows(rows, needs, asked_on=asked_on, asked_by=by.name, by=by, now=now)
        needs_id = rows.by_model[NeedsAssessment][0]["id"]
        write_rows(session, [(person_id, rows)])
        return session.get_one(NeedsAssessment, (person_id, needs_id))


def _check_skill(session: Session, skill_id: int) -> Skill:
    row = session.get(Skill, skill_id)
    if row is None:
        raise RuleError("no_such_skill")
    return row


def set_skill(
    person_id: int,
    skill_id: int,
    level: SkillLevel,
    *,
    source: SkillSource,
    since_on: date,
    by: Actor,
    now: datetime,
) -> LearnerSkill:
    """She has this skill, so well, as known from this. One row a skill; the newest entry stands.

    Raises RuleError not_a_learner, no_such_skill, day_lies_ahead.
    """
    _check_past(since_on, now)
    with transaction() as session:
        learner = locked_learner(session, person_id)
        _check_skill(session, skill_id)
        row = session.get(LearnerSkill, (person_id, skill_id))
        before = _of_skill(row) if row else None
        if row is None:
            row = LearnerSkill(person_id=person_id, skill_id=skill_id)
            session.add(row)
        row.level, row.source, row.since_on = level, source, since_on
        _record(session, "skill_set", learner, by, now, before=before, after=_of_skill(row))
        return row


def note_course_skill(
    session: Session, learner: Learner, course: Course, *, on: date, by: Actor, now: datetime
) -> None:
    """She completed this course, so she has its skill. The learner is locked.

    What she has already as well or better, by a certificate or a course, stays. It stays too when
    the completion is taken back: nothing says by which of her courses she has it.
    """
    row = session.get(LearnerSkill, (learner.person_id, course.skill_id))
    before = _of_skill(row) if row else None
    if row is None:
        row = LearnerSkill(person_id=learner.person_id, skill_id=course.skill_id)
        session.add(row)
    elif row.source is not SkillSource.TOLD and row.level.rank >= course.level.rank:
        return
    row.level, row.source, row.since_on = course.level, SkillSource.COURSE, on
    _record(session, "skill_set", learner, by, now, before=before, after=_of_skill(row))


def remove_skill(person_id: int, skill_id: int, *, by: Actor, now: datetime) -> None:
    """The entry was wrong. Raises RuleError not_a_learner, no_such_entry."""
    with transaction() as session:
        learner = locked_learner(session, person_id)
        row = session.get(LearnerSkill, (person_id, skill_id))
        if row is None:
            raise RuleError("no_such_entry")
        session.delete(row)
        _record(session, "skill_removed", learner, by, now, before=_of_skill(row))


def _of_skill(row: LearnerSkill) -> dict[str, Any]:
    return {
        "skill_id": row.skill_id, "level": row.level, "source": row.source, "since_on": row.since_on,
    }  # fmt: skip


def _record(
    session: Session, verb: str, row: Learner, by: Actor, now: datetime, **values: Any
) -> None:
    audit.record(session, f"learner.{verb}", subject=f"learner:{row.person_id}", by=by, now=now,
                 person_id=row.person_id, **values)  # fmt: skip
