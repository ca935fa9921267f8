"""The calendar: holidays, make-up working days, closed days, everywhere or at one site."""

from datetime import date

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.errors import RuleError
from core.forms import blame
from core.sites import actions, public_holidays
from core.sites.forms import CLOSED, DAY_KIND, DayForm, FillForm, plan_of, plan_word
from core.sites.models import CalendarDay, DayKind, Site
from core.sites.views import bp

FIRST_YEAR, LAST_YEAR = 2020, 2099


@bp.get("/holidays")
@requires(*OFFICE)
def holidays() -> str:
    """The days of one year that are not what their weekday says."""
    year = _year(request.args.get("year", type=int))
    rows = db.session.scalars(
        sa.select(CalendarDay)
        .where(CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.on, CalendarDay.site_id.is_(None).desc(), CalendarDay.site_id)
    ).all()
    suggested = public_holidays.public_days(year)
    known = {row.on for row in rows if row.site_id is None}
    form = FillForm(formdata=None, year=year)
    return render_template(
        "office/holidays.html", year=year, rows=rows, kinds=DAY_KIND, plan_word=plan_word,
        sites={site.id: site.name for site in _sites()}, form=form, today=clock.service_day(clock.now()),
        missing=sum(day.on not in known for day in suggested),
        has_working_days=public_holidays.has_working_days(suggested),
    )  # fmt: skip


def _year(chosen: int | None) -> int:
    this_year = clock.service_day(clock.now()).year
    return min(max(chosen or this_year, FIRST_YEAR), LAST_YEAR)


def _sites() -> list[Site]:
    return list(db.session.scalars(sa.select(Site).order_by(Site.kind, Site.id)))


@bp.post("/holidays/fill")
@requires(Role.CLERK)
def fill_holidays() -> Response:
    """Take over the public holidays of a year; what is there stays as it is."""
    form = FillForm()
    if not form.validate():
        return redirect(url_for("sites.holidays"))
    year = form.year.data or 0
    is_open = form.plan.data != CLOSED
    days = [
        actions.DayFacts(day.on, day.kind, day.name, is_open or day.kind == DayKind.WORKDAY)
        for day in public_holidays.public_days(year)
    ]
    count = actions.fill_calendar(days, year, by=current_actor(), now=clock.now())
    flash(
        _("%(count)s days of %(year)s were added. Check them below.", count=count, year=year),
        "success",
    )
    return redirect(url_for("sites.holidays", year=year))


@bp.route("/holidays/new", methods=["GET", "POST"])
@requires(Role.CLERK)
def add_day() -> Response | str | tuple[str, int]:
    """A new entry of the calendar."""
    return _day_page(None)


@bp.route("/holidays/<int:day_id>", methods=["GET", "POST"])
@requires(Role.CLERK)
def day(day_id: int) -> Response | str | tuple[str, int]:
    """One entry of the calendar, to change."""
    return _day_page(db.get_or_404(CalendarDay, day_id))


def _day_page(row: CalendarDay | None) -> Response | str | tuple[str, int]:
    form = DayForm(_sites(), obj=row)
    if request.method == "GET":
        form.plan.data = plan_of(row) if row else CLOSED
        if row is None:
            form.kind.data = DayKind.HOLIDAY
    if not form.validate_on_submit():
        return _render_day(form, row), 422 if form.is_submitted() else 200
    try:
        saved = actions.set_day(form.facts(), row=row, by=current_actor(), now=clock.now())
    except RuleError as error:
        blame(form, error, {}, "on")
        return _render_day(form, row), 422
    flash(_("“%(name)s” is saved.", name=saved.name), "success")
    return redirect(url_for("sites.holidays", year=saved.on.year))


def _render_day(form: DayForm, row: CalendarDay | None) -> str:
    year = row.on.year if row else _year(request.args.get("year", type=int))
    return render_template("office/day.html", form=form, row=row, year=year)


@bp.post("/holidays/<int:day_id>/removal")
@requires(Role.CLERK)
def remove_day(day_id: int) -> Response:
    """Take a day out of the calendar."""
    removed = actions.remove_day(
        db.get_or_404(CalendarDay, day_id), by=current_actor(), now=clock.now()
    )
    flash(_("“%(name)s” is removed: its weekday holds again.", name=removed.name), "success")
    return redirect(url_for("sites.holidays", year=removed.on.year))
