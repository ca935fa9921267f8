"""What the class is told when a session changes: a text for its WeChat group, in Chinese whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from core import audit, show
from core.accounts.models import User
from core.audit import AuditEntry
from core.clock import service_day
from core.db import db
from core.people.models import Person
from workshop.actions.clashes import EXPECTED
from workshop.actions.sessions import CHANGES
from workshop.models import Enrolment, Room, Session
from workshop.phrases import schedule as phrases
from workshop.values import SessionState


@dataclass(frozen=True)
class Change:
    """The latest change of a session that its class should hear of."""

    action: str
    at: datetime
    by_name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def latest_change(session_id: int) -> Change | None:
    """What was changed last; None when it stands as it was planned."""
    entry = db.session.scalar(
        sa.select(AuditEntry)
        .where(AuditEntry.subject == f"class_session:{session_id}", AuditEntry.action.in_(CHANGES))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    )
    if entry is None:
        return None
    values = audit.values_of([entry]).get(entry.id, {})
    return Change(
        entry.action, entry.at, entry.actor_name, values.get("before") or {}, values.get("after") or {}
    )  # fmt: skip


def _time(values: Mapping[str, Any], row: Session) -> str:
    on = date.fromisoformat(values["on"]) if "on" in values else row.on
    starts, ends = values.get("starts_min", row.starts_min), values.get("ends_min", row.ends_min)
    return f"{show.weekday_date(on)} {phrases.clock_of(starts)}–{phrases.clock_of(ends)}"


def _room(values: Mapping[str, Any], row: Session) -> str:
    room_id = values.get("room_id", row.room_id)
    room = db.session.get(Room, room_id) if room_id else None
    return room.name if room else str(_("room to be announced"))


def notice(row: Session, change: Change | None, now: datetime) -> str:
    """A text for the group, to be copied as it is."""
    with force_locale("zh_Hans"):
        lines = [_title(row, change), str(_("Dear learners,")), *_body(row, change)]
        reason = row.change_reason if change is not None else None
        if reason:
            lines.append(_("Reason: %(reason)s", reason=reason))
        if row.state is SessionState.CANCELLED:
            lines.append(str(_("When it is made up for will be announced here.")))
        else:
            lines.append(str(_("Whoever cannot come, please tell us in time.")))
        site = row.cohort.site
        if site.phone:
            lines.append(_("Telephone: %(phone)s", phone=site.phone))
        lines.append(f"{site.name} {show.full_day(service_day(now))}")
        return "\n".join(lines)


def _title(row: Session, change: Change | None) -> str:
    name = row.cohort.name
    if change is None:
        return _("[%(name)s: reminder]", name=name)
    if row.state is SessionState.CANCELLED:
        return _("[%(name)s: class cancelled]", name=name)
    if change.action == "class_session.rescheduled":
        return _("[%(name)s: class at another time]", name=name)
    if change.action == "class_session.room_moved":
        return _("[%(name)s: class in another room]", name=name)
    return _("[%(name)s: another trainer]", name=name)


def _body(row: Session, change: Change | None) -> list[str]:
    when, where = _time({}, row), _room({}, row)
    if change is None:
        return [_("The next class is on %(when)s, in %(where)s.", when=when, where=where)]
    old_when, old_where = _time(change.before, row), _room(change.before, row)
    if row.state is SessionState.CANCELLED:
        return [_("The class of %(when)s in %(where)s is cancelled.", when=when, where=where)]
    if change.action == "class_session.rescheduled":
        return [
            _("The class of %(old_when)s in %(old_where)s is moved.", old_when=old_when, old_where=old_where),
            _("New time: %(when)s", when=when), _("Place: %(where)s", where=where),
        ]  # fmt: skip
    if change.action == "class_session.room_moved":
        return [
            _("The class of %(when)s is moved from %(old_where)s to %(where)s; the time stays.",
              when=when, old_where=old_where, where=where)
        ]  # fmt: skip
    teacher_id = row.substitute_id or row.trainer_id
    teacher = db.session.get(User, teacher_id) if teacher_id else None
    who = teacher.display_name if teacher else str(_("a trainer to be announced"))
    return [_("The class of %(when)s is held by %(who)s; time and place stay.", when=when, who=who)]


def learners_to_call(row: Session) -> list[Enrolment]:
    """Whoever is expected in a session, in the order of her number on the sheet, then of her name."""
    statement = (
        sa.select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id == row.cohort_id, Enrolment.state.in_(EXPECTED),
            sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= row.on),
        )
        .options(joinedload(Enrolment.person).load_only(Person.name, Person.pinyin, Person.phone))
        .order_by(Enrolment.number.is_(None), Enrolment.number, Person.pinyin, Person.id)
    )  # fmt: skip
    return list(db.session.scalars(statement))
