"""Courses and rooms: what is set up once."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.db import db
from core.outcomes import saved
from workshop.actions import courses as actions
from workshop.forms.courses import CourseForm, RoomForm
from workshop.lists.cohorts import courses as all_courses
from workshop.lists.timetable import rooms_of
from workshop.models import Course, Room
from workshop.views import bp
from workshop.views.visible import AT_WORKSHOP, skills_in_use, workshops


@bp.get("/courses")
@requires(*AT_WORKSHOP)
def courses() -> str:
    """All courses, those no longer offered too."""
    may_change = current_actor().is_office
    return render_template("workshop/courses.html", rows=all_courses(active=False), may_change=may_change)  # fmt: skip


@bp.route("/courses/new", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def create_course() -> Response | str | tuple[str, int]:
    """A further course."""
    return _edit_course(None)


@bp.route("/courses/<int:course_id>", methods=["GET", "POST"])
@requires(Role.CLERK, Role.REVIEWER)
def course(course_id: int) -> Response | str | tuple[str, int]:
    """Change a course; its cohorts keep what they copied."""
    row = db.session.get(Course, course_id)
    if row is None:
        abort(404)
    return _edit_course(row)


def _edit_course(row: Course | None) -> Response | str | tuple[str, int]:
    skills = skills_in_use(row.skill_id if row else None)
    form = CourseForm(skills, obj=row)
    if form.validate_on_submit() and saved(form, lambda: actions.save_course(
        row.id if row else None, form.facts(), by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Course “%(name)s” is saved.", name=form.name.data), "success")
        return redirect(url_for("workshop.courses"))
    page = render_template("workshop/course.html", form=form, row=row, has_skills=bool(skills))
    return (page, 422) if form.is_submitted() else page


@bp.get("/rooms")
@requires(*AT_WORKSHOP)
def rooms() -> str:
    """The rooms of each workshop."""
    sites = workshops()
    rows = rooms_of([site.id for site in sites], active=False)
    groups = [(site, [row for row in rows if row.site_id == site.id]) for site in sites]
    return render_template("workshop/rooms.html", groups=groups, total=len(rows))


@bp.route("/rooms/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def create_room() -> Response | str | tuple[str, int]:
    """A further room."""
    return _edit_room(None)


@bp.route("/rooms/<int:room_id>", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def room(room_id: int) -> Response | str | tuple[str, int]:
    """Change a room; its workshop stays."""
    row = db.session.get(Room, room_id)
    if row is None:
        abort(404)
    if not current_actor().sees_site(row.site_id):
        abort(403)
    return _edit_room(row)


def _edit_room(row: Room | None) -> Response | str | tuple[str, int]:
    sites = workshops()
    form = RoomForm(sites, obj=row)
    if row is not None:
        form.site_id.data = row.site_id
    if form.validate_on_submit() and saved(form, lambda: actions.save_room(
        row.id if row else None, site_id=form.site_id.data, name=form.name.data or "",
        seats=form.seats.data or 0, is_active=bool(form.is_active.data), by=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        flash(_("Room “%(name)s” is saved.", name=form.name.data), "success")
        return redirect(url_for("workshop.rooms"))
    page = render_template("workshop/room.html", form=form, row=row, has_sites=bool(sites))
    return (page, 422) if form.is_submitted() else page
