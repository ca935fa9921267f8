"""The page of one session, its changes, and what its class is told of them."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.db import db
from core.evidence.box import boxes
from core.outcomes import attempt, saved
from workshop import notices
from workshop.actions import sessions as actions
from workshop.evidence.sessions import subject_of
from workshop.forms.sessions import CancelForm, RoomChangeForm, StaffForm, TimeForm, TopicForm
from workshop.lists.make_ups import make_ups, missed_by
from workshop.lists.timetable import rooms_of
from workshop.models import Room, Session
from workshop.rules.cohorts import is_over
from workshop.values import SessionState
from workshop.views import bp
from workshop.views.cohorts import may_plan, trainers_of
from workshop.views.visible import AT_WORKSHOP, MAY_TEACH, visible_session


@bp.get("/sessions/<int:session_id>")
@requires(*MAY_TEACH)
def session(session_id: int) -> str:
    """One session."""
    return session_page(visible_session(session_id))


def session_page(row: Session, open_form: str | None = None, **forms: Any) -> str:
    """The page of one session, with one of its small forms open when it has something to say."""
    marked, excused = actions.marks_of(db.session(), row.id)
    may = may_plan(row.cohort.site_id)
    may_change = may and row.state is SessionState.PLANNED and not is_over(row.cohort.state)
    made: dict[str, Any] = {}
    if may_change:
        rooms, trainers = _rooms(row), _trainers(row)
        shown = {"version": row.version, "room_id": row.room_id}
        times = {"on": row.on, "starts": row.starts_min, "ends": row.ends_min,
                 "pause": row.ends_min - row.starts_min - row.taught_min}  # fmt: skip
        defaults: dict[str, Callable[[], Any]] = {
            "time_form": lambda: TimeForm(rooms, prefix="time", formdata=None, data=shown | times),
            "room_form": lambda: RoomChangeForm(rooms, prefix="room", formdata=None, data=shown),
            "staff_form": lambda: StaffForm(trainers, prefix="staff", formdata=None, data={
                "trainer_id": row.trainer_id, "substitute_id": row.substitute_id}),
            "topic_form": lambda: TopicForm(prefix="topic", formdata=None, data={"topic": row.topic}),
            "cancel_form": lambda: CancelForm(prefix="cancel", formdata=None, data=shown),
        }  # fmt: skip
        made = {name: forms.get(name) or make() for name, make in defaults.items()}
    subject = subject_of(row.id)
    return render_template(
        "workshop/session.html", session=row, cohort=row.cohort, marked=marked, excused=excused,
        may_plan=may, may_change=may_change, open_form=open_form, now=clock.now(),
        missed=missed_by(row.id) if marked or excused else [], box=boxes([subject], current_actor())[subject], **made,
    )  # fmt: skip


def _rooms(row: Session) -> list[Room]:
    """The rooms to choose from, the one it has included even when that is no longer in use."""
    rooms = rooms_of([row.cohort.site_id])
    if row.room is not None and row.room_id not in {room.id for room in rooms}:
        rooms.append(row.room)
    return rooms


def _trainers(row: Session) -> list[Any]:
    trainers: list[Any] = trainers_of(row.cohort.site_id)
    known = {user.id for user in trainers}
    return trainers + [
        user for user in (row.trainer, row.substitute) if user is not None and user.id not in known
    ]


@bp.post("/sessions/<int:session_id>/time")
@requires(*AT_WORKSHOP)
def reschedule_session(session_id: int) -> Response | tuple[str, int]:
    """Another day, time or length, and with it another room."""
    row = visible_session(session_id)
    form = TimeForm(_rooms(row), prefix="time")
    if not (form.validate_on_submit() and saved(form, lambda: actions.reschedule(
        session_id, on=form.on.data, **form.times(), room_id=form.room_id.data, reason=form.reason.data or "",
        version=form.version_shown(), by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        return session_page(row, "time", time_form=form), 422
    return _told(session_id)


@bp.post("/sessions/<int:session_id>/room")
@requires(*AT_WORKSHOP)
def move_session(session_id: int) -> Response | tuple[str, int]:
    """Another room at the same time."""
    row = visible_session(session_id)
    form = RoomChangeForm(_rooms(row), prefix="room")
    if not (form.validate_on_submit() and saved(form, lambda: actions.move_room(
        session_id, form.room_id.data, reason=form.reason.data or "",
        version=form.version_shown(), by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        return session_page(row, "room", room_form=form), 422
    return _told(session_id)


@bp.post("/sessions/<int:session_id>/staff")
@requires(*AT_WORKSHOP)
def change_session_staff(session_id: int) -> Response | tuple[str, int]:
    """Another trainer, or somebody who stands in."""
    row = visible_session(session_id)
    form = StaffForm(_trainers(row), prefix="staff")
    if not (form.validate_on_submit() and saved(form, lambda: actions.set_staff(
        session_id, trainer_id=form.trainer_id.data, substitute_id=form.substitute_id.data,
        reason=form.reason.data or "", by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        return session_page(row, "staff", staff_form=form), 422
    flash(_("Saved."), "success")
    return redirect(url_for("workshop.session", session_id=session_id))


@bp.post("/sessions/<int:session_id>/topic")
@requires(*AT_WORKSHOP)
def change_session_topic(session_id: int) -> Response | tuple[str, int]:
    """What it is about."""
    row, form = visible_session(session_id), TopicForm(prefix="topic")
    if not form.validate_on_submit():
        return session_page(row, "topic", topic_form=form), 422
    attempt(lambda: actions.set_topic(session_id, form.topic.data or "", by=current_actor(),
                                      now=clock.now()), _("Saved."))  # fmt: skip
    return redirect(url_for("workshop.session", session_id=session_id))


@bp.post("/sessions/<int:session_id>/cancellation")
@requires(*AT_WORKSHOP)
def cancel_session(session_id: int) -> Response | tuple[str, int]:
    """It does not take place."""
    row, form = visible_session(session_id), CancelForm(prefix="cancel")
    if not (form.validate_on_submit() and saved(form, lambda: actions.cancel_session(
        session_id, reason=form.reason.data or "", drops_marks=bool(form.drops_marks.data),
        version=form.version_shown(), by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        return session_page(row, "cancel", cancel_form=form), 422
    return _told(session_id)


def _told(session_id: int) -> Response:
    flash(_("Saved. Tell the class next."), "success")
    return redirect(url_for("workshop.session_notice", session_id=session_id))


@bp.get("/sessions/<int:session_id>/notice")
@requires(*MAY_TEACH)
def session_notice(session_id: int) -> str:
    """A ready text for the class's group, and whom to call."""
    return _notice_page(visible_session(session_id), shows_phones=False)


@bp.post("/sessions/<int:session_id>/phones")
@requires(*MAY_TEACH)
def create_call_list(session_id: int) -> str:
    """The same with the learners' phones; that they were looked at stands in the log."""
    row, now = visible_session(session_id), clock.now()
    actions.note_phones(session_id, by=current_actor(), now=now)
    return _notice_page(row, shows_phones=True)


def _notice_page(row: Session, *, shows_phones: bool) -> str:
    now, change = clock.now(), notices.latest_change(row.id)
    excused = actions.marks_of(db.session(), row.id)[1]
    return render_template(
        "workshop/session_notice.html", session=row, cohort=row.cohort, change=change,
        text=notices.notice(row, change, now), learners=notices.learners_to_call(row),
        shows_phones=shows_phones, excused=excused,
    )  # fmt: skip


@bp.get("/sessions/<int:session_id>/make-ups/<int:person_id>")
@requires(*AT_WORKSHOP)
def session_make_ups(session_id: int, person_id: int) -> str:
    """Where she can make up what she missed."""
    row = visible_session(session_id)
    missed = next((one for one in missed_by(row.id) if one.person_id == person_id), None)
    if missed is None or row.state is SessionState.CANCELLED:
        abort(404)
    choices = make_ups(row, person_id, site_ids=current_actor().site_ids, now=clock.now())
    return render_template(
        "workshop/make_ups.html", session=row, cohort=row.cohort, missed=missed, choices=choices
    )
