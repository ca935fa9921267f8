"""Areas: the tree of subdistrict, communities and grids, and the one node outside."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.errors import RuleError
from core.forms import blame
from core.people.models import Person
from core.sites import actions
from core.sites.forms import LEVEL, AreaNameForm, NewAreaForm
from core.sites.models import Area, AreaLevel
from core.sites.views import bp

OUTSIDE_CHOICE = 0


@bp.get("/areas")
@requires(*OFFICE)
def areas() -> str:
    """The whole tree with the number of residents at each node."""
    rows = db.session.scalars(sa.select(Area).order_by(Area.code)).all()
    counts = dict(
        db.session.execute(
            sa.select(Person.residence_area_id, sa.func.count())
            .where(Person.merged_into_id.is_(None), Person.is_practice.is_(False))
            .group_by(Person.residence_area_id)
        )
        .tuples()
        .all()
    )
    # A node counts its own residents and those of its parts, whose codes begin with its own.
    totals = {
        row.id: sum(counts.get(other.id, 0) for other in rows if _within(other, row))
        for row in rows
    }
    return render_template("office/areas.html", areas=rows, levels=LEVEL, totals=totals)


def _within(area: Area, other: Area) -> bool:
    return area.id == other.id or area.code.startswith(f"{other.code}.")


@bp.route("/areas/new", methods=["GET", "POST"])
@requires(Role.CLERK)
def add_area() -> Response | str | tuple[str, int]:
    """A new node under another one."""
    rows = db.session.scalars(sa.select(Area).order_by(Area.code)).all()
    parents = {row.id: row for row in rows if row.is_active and row.level in actions.BELOW}
    has_outside = any(row.level == AreaLevel.OUTSIDE for row in rows)
    form = NewAreaForm(list(parents.values()), has_outside)
    if request.method == "GET":
        form.parent_id.data = request.args.get("parent", type=int) or next(iter(parents), None)
    if not form.validate_on_submit():
        return render_template(
            "office/area_new.html", form=form
        ), 422 if form.is_submitted() else 200
    chosen = form.parent_id.data
    parent = parents.get(chosen) if chosen else None
    level = actions.BELOW[parent.level] if parent else AreaLevel.STREET
    if chosen == OUTSIDE_CHOICE:
        level = AreaLevel.OUTSIDE
    try:
        area = actions.add_area(
            form.name.data or "", level, parent.id if parent else None,
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        blame(form, error, {"area_name_taken": "name"}, "parent_id")
        return render_template("office/area_new.html", form=form), 422
    flash(
        _("“%(name)s” is added with the code %(code)s.", name=area.name, code=area.code), "success"
    )
    return redirect(url_for("sites.areas"))


@bp.route("/areas/<int:area_id>", methods=["GET", "POST"])
@requires(Role.CLERK)
def area(area_id: int) -> Response | str | tuple[str, int]:
    """One node, to rename."""
    row = db.get_or_404(Area, area_id)
    form = AreaNameForm(obj=row)
    if not form.validate_on_submit():
        return _area_page(row, form), 422 if form.is_submitted() else 200
    try:
        actions.rename_area(row, form.name.data or "", by=current_actor(), now=clock.now())
    except RuleError as error:
        blame(form, error, {}, "name")
        return _area_page(row, form), 422
    flash(_("“%(name)s” is saved.", name=row.name), "success")
    return redirect(url_for("sites.areas"))


def _area_page(row: Area, form: AreaNameForm) -> str:
    return render_template("office/area.html", area=row, form=form, levels=LEVEL)


@bp.post("/areas/<int:area_id>/state")
@requires(Role.CLERK)
def set_area_state(area_id: int) -> Response:
    """Offer a node for choice, or no longer."""
    row = db.get_or_404(Area, area_id)
    is_active = request.form.get("active") == "yes"
    actions.set_area_active(row, is_active, by=current_actor(), now=clock.now())
    flash(
        _("“%(name)s” is in use again.", name=row.name) if is_active
        else _("“%(name)s” is no longer offered. Whoever lives there stays.", name=row.name), "success",
    )  # fmt: skip
    return redirect(url_for("sites.areas"))
